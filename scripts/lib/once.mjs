// Things that are made once and kept in the cache, whole or not at all.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { inCache } from "./paths.mjs";
import { say } from "./terminal.mjs";

/** The name of the file that is written last into a finished folder; a folder without it is incomplete and is created again. */
const stamp = ".complete";

/**
 * Create a folder unless it exists and is finished. Two runs do not collide: the second waits for the first.
 *
 * It is created in its final place, because environments and native modules contain absolute paths.
 *
 * @param {string} folder absolute; its name says the versions of all that goes in
 * @param {(folder: string) => Promise<void>} make fills the folder, which exists and is empty
 * @returns {Promise<void>}
 */
export async function once(folder, make) {
  if (existsSync(join(folder, stamp))) {
    return;
  }
  await locked(basename(folder), async () => {
    if (existsSync(join(folder, stamp))) {
      return;
    }
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await make(folder);
    await writeFile(join(folder, stamp), "");
  });
}

/**
 * Do something while no other run of these scripts does it.
 *
 * @template T
 * @param {string} name what must not be done twice at once
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(name, work) {
  const file = inCache("locks", name);
  await mkdir(dirname(file), { recursive: true });
  for (let waited = 0; !(await tryLock(file)); waited += 1) {
    if (waited === 10) {
      say(`  Waiting for another run that holds ${file} ...`);
    }
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** @param {string} file */
async function tryLock(file) {
  // Linked into place, so that no lock is ever there without its owner's name.
  const ours = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(ours, String(process.pid));
  try {
    await link(ours, file);
    return true;
  } catch {
    const owner = Number(await readFile(file, "utf8").catch(() => ""));
    if (owner > 0 && !isAlive(owner)) {
      await rm(file, { force: true });
    }
    return false;
  } finally {
    await rm(ours);
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * Write a file whole or not at all.
 *
 * @param {string} file
 * @param {string} text
 */
export async function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, text);
  await rename(temporary, file);
}

/**
 * Return a short digest of texts, for the name of a folder in the cache.
 *
 * @param {string[]} texts
 */
export function digest(...texts) {
  const hash = createHash("sha256");
  for (const text of texts) {
    hash.update(`${text.length}:${text}`);
  }
  return hash.digest("hex").slice(0, 12);
}

/**
 * Return a digest of files and whole folders: their names and contents. A missing one counts as such.
 *
 * @param {string[]} paths absolute
 */
export async function digestOf(...paths) {
  const texts = [];
  for (const path of paths) {
    for (const file of await filesBelow(path)) {
      texts.push(relative(dirname(path), file), readFileSync(file, "latin1"));
    }
  }
  return digest(...texts);
}

/**
 * Return the files below a folder, sorted, without compiled Python; for a file, the file itself.
 *
 * @param {string} path
 * @returns {Promise<string[]>}
 */
export async function filesBelow(path) {
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true, recursive: true });
  } catch {
    return existsSync(path) ? [path] : [];
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("__pycache__"))
    .sort();
}
