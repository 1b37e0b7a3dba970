// The .vsix: what is installed from the marketplace or from a file.
import { existsSync } from "node:fs";
import { cp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { parseJson } from "./json.mjs";
import { build } from "./build.mjs";
import { digest, digestOf, locked, writeWhole } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { Failure, step } from "./terminal.mjs";

/** The largest acceptable size of the package, in bytes. */
const largest = 6_000_000;

/** Files that the package must contain. */
const required = [
  "extension/package.json",
  "extension/package.nls.json",
  "extension/l10n/bundle.l10n.json",
  "extension/LICENSE.txt",
  "extension/changelog.md",
  "extension/readme.md",
  "extension/icon.png",
  "extension/media/walkthrough/interpreter.svg",
  "extension/media/walkthrough/view.svg",
  "extension/dist/browser.js",
  "extension/dist/extension.js",
  "extension/dist/extension.licenses.txt",
  "extension/dist/languageClient.js",
  "extension/dist/helper/__main__.py",
  "extension/dist/helper/python_launcher/__main__.py",
  "extension/dist/helper/workflow_helper/__main__.py",
  "extension/dist/helper/workflow_server/sdk.py",
  "extension/dist/helper/libs/debugpy/__init__.py",
  "extension/dist/helper/libs/pip/__pip-runner__.py",
  "extension/dist/helper/libs/pygls/__init__.py",
];

/** Files that the package must not contain. */
const unwanted = /\/__pycache__\/|\.pyc$|\.map$|\.ts$|\/node_modules\/|\/\.cache\/|\.built-from$/;

/**
 * Create the package unless it exists and was built from the present tree.
 *
 * @param {string} python the development environment's interpreter
 * @returns {Promise<{vsix: string, digest: string}>} its absolute path, and a digest of all that went in
 */
export async function makePackage(python) {
  const manifest = /** @type {{name: string, version: string}} */ (
    parseJson(await readFile(inRoot("package.json"), "utf8"))
  );
  const vsix = inRoot(`${manifest.name}-${manifest.version}.vsix`);
  const built = await build(python);
  const names = ["package.json", "package.nls.json", "l10n", "CHANGELOG.md", "LICENSE", ".vscodeignore", "icon.png", "media"].filter(
    (name) => existsSync(inRoot(name)),
  );
  // The page in the editor and the marketplace speaks to users; the one of the tree to whoever builds it.
  const page = inRoot("extension", "README.md");
  const sources = digest(built, await digestOf(page, ...names.map((name) => inRoot(name))));
  const stamp = inCache("packaged-from");
  await locked("package", async () => {
    if (existsSync(vsix) && existsSync(stamp) && (await readFile(stamp, "utf8")) === sources) {
      return;
    }
    await step("Make the package", async () => {
      const fresh = inCache("package.vsix");
      // In a folder of its own: vsce walks through all that lies around, the cache too.
      const stage = inCache("package");
      await rm(stage, { recursive: true, force: true });
      for (const name of [...names, "dist"]) {
        // Whoever ran the built helper by hand may have left compiled files in it.
        await cp(inRoot(name), join(stage, name), { recursive: true, filter: (path) => !path.includes("__pycache__") });
      }
      await cp(page, join(stage, "README.md"));
      const vsce = inRoot("node_modules", "@vscode", "vsce", "vsce");
      const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links"];
      await run([process.execPath, vsce, "package", ...options, "--out", fresh], {
        cwd: stage,
        failure: "The package could not be made.",
        hint: "Mend what vsce says above.",
      });
      await verify(fresh, python);
      await rename(fresh, vsix);
      await writeWhole(stamp, sources);
    });
  });
  return { vsix, digest: sources };
}

/**
 * @param {string} vsix
 * @param {string} python
 */
async function verify(vsix, python) {
  const listing = "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')";
  const names = (await run([python, "-I", "-c", listing, vsix])).trim().split("\n");
  const missing = required.filter((name) => !names.some((found) => found.toLowerCase() === name.toLowerCase()));
  if (missing.length > 0) {
    throw new Failure(`The package lacks ${missing.join(", ")}.`, { hint: "See .vscodeignore and scripts/lib/build.mjs." });
  }
  const surplus = names.filter((name) => unwanted.test(name));
  if (surplus.length > 0) {
    throw new Failure(`The package holds what it should not: ${surplus.slice(0, 5).join(", ")}.`, { hint: "See .vscodeignore." });
  }
  const { size } = await stat(vsix);
  if (size > largest) {
    throw new Failure(`The package has ${size} bytes; it may have ${largest}.`, {
      hint: "See what grew, and strip what is not needed (python_helper/bundle/stripped.txt).",
    });
  }
}
