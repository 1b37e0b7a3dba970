// Everything set up from nothing; each part only when it is asked for.
import { existsSync, readFileSync } from "node:fs";

import { ensureChromium } from "./chromium.mjs";
import { setupCrates } from "./crates.mjs";
import { setupIndex } from "./index.mjs";
import { parseJson } from "./json.mjs";
import { setupCodeServer, setupNodeModules } from "./node.mjs";
import { writeWhole } from "./once.mjs";
import { setupOpenSsh } from "./openssh.mjs";
import { pathsFile } from "./paths.mjs";
import { setupProjects } from "./projects.mjs";
import { setupPython, setupTools, setupVendored } from "./python.mjs";
import { ensurePythons } from "./pythons.mjs";
import { ensureInstalled, git, installWherePossible, neovim, tracing } from "./system.mjs";

/**
 * The absolute paths of what set-up found and installed. The tests read it from `.cache/paths.json`.
 *
 * @typedef {object} Paths
 * @property {string} [python] the development environment's interpreter
 * @property {string[]} [pythons] the machine's Pythons that the helper supports, newest first
 * @property {string[]} [oldPythons] its Pythons that are too old
 * @property {Record<string, string>} [tools] real workflow tools by command, `uv` among them
 * @property {string} [index] a folder of the packages that the tests install: see `serving` in index.mjs
 * @property {Record<string, string>} [projects] folders of others' projects by name: see projects.mjs
 * @property {string} [crates] a folder of what the documented server in Rust depends on: see crates.mjs
 * @property {string} [node24] the Node.js that runs code-server
 * @property {string} [codeServer] its entry
 * @property {string} [chromium]
 */

/**
 * @typedef {object} Parts
 * @property {boolean} [node] the extension's tool chain
 * @property {boolean} [python] the development environment
 * @property {boolean} [tools] the real workflow tools, the packages that the tests install with them, and the libraries that the
 *   extension carries; implies `python`
 * @property {boolean} [projects] with the tools, all the projects of others that the tests run; otherwise the first two of them
 * @property {boolean} [codeServer] VS Code for the browser
 * @property {boolean} [chromium] a browser to drive it with; implies `node`, whose library drives it
 */

/**
 * Set up the parts, and save their paths.
 *
 * @param {Parts} parts
 * @returns {Promise<Paths>} these parts, and those that earlier runs set up
 */
export async function setup(parts) {
  /** @type {Paths} */
  const paths = existsSync(pathsFile) ? /** @type {Paths} */ (parseJson(readFileSync(pathsFile, "utf8"))) : {};
  if (parts.node === true || parts.chromium === true) {
    await setupNodeModules();
  }
  if (parts.python === true || parts.tools === true) {
    Object.assign(paths, await setupPython());
  }
  if (parts.tools === true && paths.python !== undefined) {
    await ensureInstalled(git);
    await installWherePossible([...tracing, ...neovim]);
    await setupOpenSsh();
    const tools = await setupTools(paths.python);
    await ensurePythons(paths.python, tools.uv);
    // While the tests' own index is served, nothing else is reached.
    await setupVendored(paths.python);
    const index = await setupIndex(paths.python);
    const projects = { ...paths.projects, ...(await setupProjects(paths.python, tools.uv, parts.projects === true)) };
    Object.assign(paths, { tools, index, projects, crates: await setupCrates() }, await setupPython());
  }
  if (parts.codeServer === true) {
    Object.assign(paths, await setupCodeServer());
  }
  if (parts.chromium === true) {
    paths.chromium = await ensureChromium();
  }
  const text = `${JSON.stringify(paths, undefined, 2)}\n`;
  if (!existsSync(pathsFile) || readFileSync(pathsFile, "utf8") !== text) {
    await writeWhole(pathsFile, text);
  }
  return paths;
}

/**
 * Return a path that set-up has just provided; throw if it is missing.
 *
 * @template T
 * @param {T | undefined} path
 * @returns {T}
 */
export function provided(path) {
  if (path === undefined) {
    throw new Error("setup did not provide a part that was asked for");
  }
  return path;
}
