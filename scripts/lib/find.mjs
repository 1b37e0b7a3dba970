// Finding programs, without running the pyenv shims that stand in front of real ones.
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

import { parseJson } from "./json.mjs";
import { inCache } from "./paths.mjs";
import { start } from "./processes.mjs";
import { oldestPython } from "./versions.mjs";

/** The folder of the Pythons that set-up installed for the tests, each in a folder of its own, with `bin/pythonX.Y` in it. */
export const pythonsFolder = inCache("pythons");

/**
 * Find the first program of one of these names on PATH.
 *
 * @param {string[]} names
 * @returns {string | undefined} its absolute path
 */
export function findProgram(...names) {
  return names.flatMap((name) => searchPath().map((folder) => join(folder, name))).find(isExecutable);
}

function searchPath() {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !/[\\/]shims$/.test(folder));
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * @typedef {object} Python
 * @property {string} path absolute
 * @property {number[]} version major, minor, patch
 * @property {boolean} final not an alpha, beta or release candidate
 * @property {boolean} hasVenv can create an environment with pip in it
 */

const probe = `
import json, sys
def has(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True
print(json.dumps({"version": list(sys.version_info[:3]), "final": sys.version_info[3] == "final",
    "hasVenv": has("venv") and has("ensurepip")}))
`;

/**
 * Find the machine's Pythons, the newest first, each once; after them those that set-up installed for the tests.
 *
 * @returns {Promise<Python[]>}
 */
export async function findPythons() {
  const home = homedir();
  const pyenv = process.env["PYENV_ROOT"] ?? join(home, ".pyenv");
  const candidates = [
    ...searchPath().flatMap((folder) =>
      list(folder).filter((name) => /^python(\d(\.\d+)?)?$/.test(name)).map((name) => join(folder, name)),
    ),
    ...list(join(pyenv, "versions")).map((name) => join(pyenv, "versions", name, "bin", "python")),
    ...list(join(home, ".local/share/uv/python")).map((name) =>
      join(home, ".local/share/uv/python", name, "bin", "python"),
    ),
  ];
  const own = [...new Set(candidates.filter(isExecutable).map((file) => realpathSync(file)))];
  const brought = list(pythonsFolder).flatMap((folder) =>
    list(join(pythonsFolder, folder, "bin"))
      .filter((name) => /^python\d\.\d+$/.test(name))
      .map((name) => join(pythonsFolder, folder, "bin", name)),
  );
  return [...(await newestFirst(own)), ...(await newestFirst(brought.filter((file) => !own.includes(file))))];
}

/** @param {string[]} paths */
async function newestFirst(paths) {
  const found = await Promise.all(paths.map(ask));
  return found
    .filter((python) => python !== undefined)
    .sort((left, right) => compare(right.version, left.version) || left.path.localeCompare(right.path));
}

/**
 * @param {string} path
 * @returns {Promise<Python | undefined>} undefined when it is no working Python
 */
async function ask(path) {
  const { code, stdout } = await start([path, "-E", "-s", "-S", "-c", probe]).ended;
  if (code !== 0) {
    return undefined;
  }
  const facts = /** @type {Omit<Python, "path">} */ (parseJson(stdout));
  return { path, ...facts };
}

/** @param {Python} python */
export function isSupported(python) {
  return python.final && compare(python.version, oldestPython) >= 0;
}

/**
 * @param {number[]} left
 * @param {number[]} right
 */
function compare(left, right) {
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** @param {string} folder */
function list(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
