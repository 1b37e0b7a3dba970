// Where things are in this tree.
import { join } from "node:path";

/** The top folder of the repository. */
export const root = join(import.meta.dirname, "..", "..");

/** The folder of everything that can be created again; git ignores it, and deleting it is always safe. */
export const cache = join(root, ".cache");

/** The file with what set-up found and installed, for the tests: see `Paths` in setup.mjs. */
export const pathsFile = join(cache, "paths.json");

/** @param {string[]} parts names below the top folder */
export function inRoot(...parts) {
  return join(root, ...parts);
}

/** @param {string[]} parts names below the cache folder */
export function inCache(...parts) {
  return join(cache, ...parts);
}
