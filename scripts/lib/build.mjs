// dist/: the extension as one file, and the helper with the libraries it needs.
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";

import { digestOf, filesBelow, locked } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { setupVendored } from "./python.mjs";
import { Failure, step } from "./terminal.mjs";

const dist = inRoot("dist");
const stamp = join(dist, ".built-from");

/** The packages of all three distributions. */
const packages = [
  ["protocol", "workflow_server"],
  ["helper", "workflow_helper"],
  ["launcher", "python_launcher"],
].map(([distribution = "", name = ""]) => inRoot("python_helper", distribution, "src", name));

/**
 * Parts of libraries that run on one system only, and are left out; the build fails on others, which nobody has
 * checked. pip needs its own on Windows, for the programs of what it installs.
 */
const native = /(?<!\/pip\/_vendor\/distlib\/[tw](32|64|64-arm))\.(pyd|so|dll|dylib|exe|pdb|lib|a)$/;

/**
 * Build dist/ unless it exists and was built from the present tree.
 *
 * @param {string} python the development environment's interpreter
 * @returns {Promise<string>} a digest of all that went in
 */
export async function build(python) {
  return locked("build", async () => {
    const sources = await digestOf(
      inRoot("extension"),
      inRoot("esbuild.mjs"),
      inRoot("packages"),
      inRoot("package-lock.json"),
      inRoot("python_helper", "bundle"),
      inRoot("python_helper", "requirements-bundle.txt"),
      ...packages,
      inRoot("scripts", "lib", "build.mjs"),
    );
    if (existsSync(stamp) && (await readFile(stamp, "utf8")) === sources) {
      return sources;
    }
    const libs = await setupVendored(python);
    await step("Build the extension and its helper", async () => {
      const fresh = inCache("dist.new");
      await rm(fresh, { recursive: true, force: true });
      await mkdir(fresh, { recursive: true });
      await run([process.execPath, "esbuild.mjs", fresh], {
        cwd: inRoot(),
        failure: "The extension could not be bundled.",
        hint: 'Mend what esbuild says above; "npm run types" says more.',
      });
      await bundleHelper(join(fresh, "helper"), libs);
      await writeFile(join(fresh, ".built-from"), sources);
      await rm(dist, { recursive: true, force: true });
      await rename(fresh, dist);
    });
    return sources;
  });
}

/**
 * @param {string} folder
 * @param {string} libs the vendored libraries
 */
async function bundleHelper(folder, libs) {
  /** @param {string} path */
  const isSource = (path) => !path.includes("__pycache__");
  await cp(inRoot("python_helper", "bundle", "__main__.py"), join(folder, "__main__.py"));
  for (const source of packages) {
    await cp(source, join(folder, basename(source)), { recursive: true, filter: isSource });
  }
  await cp(libs, join(folder, "libs"), { recursive: true });
  for (const file of await strippedFiles()) {
    try {
      await rm(join(folder, "libs", file));
    } catch {
      throw new Failure(`${file} is listed in python_helper/bundle/stripped.txt, but no library has it.`, {
        hint: "Look at what the locked libraries hold now, and correct the list.",
      });
    }
  }
  const left = (await filesBelow(folder)).filter((file) => native.test(file));
  if (left.length > 0) {
    throw new Failure(`The vendored libraries hold native files: ${left.map((file) => relative(folder, file)).join(", ")}.`, {
      hint: "List them in python_helper/bundle/stripped.txt, and see that the libraries work without them.",
    });
  }
}

async function strippedFiles() {
  const text = await readFile(inRoot("python_helper", "bundle", "stripped.txt"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
