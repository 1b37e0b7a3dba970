// Windows without Windows: Wine with a prefix of our own, and the programs that are started in it.
import { cp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { findProgram } from "./find.mjs";
import { digest, digestOf, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run, start } from "./processes.mjs";
import { ensureInstalled, isDebian } from "./system.mjs";
import { Failure, step } from "./terminal.mjs";

/** The sources of the programs that Wine, and the archives of Python, lack: a C file each. */
const sources = inRoot("scripts", "windows");

const compiler = "x86_64-w64-mingw32-gcc";

/**
 * A Wine installation with its prefix.
 *
 * @typedef {object} Wine
 * @property {string} version Wine's own
 * @property {string} prefix the folder that holds its drives, its users and its registry
 * @property {string} parts the folder of the programs compiled from {@link sources}
 */

/** Install Wine and a compiler for Windows where they are missing. */
async function ensureWine() {
  if (process.getuid?.() !== 0 || !isDebian() || process.arch !== "x64") {
    throw new Failure("Windows programs are run here by Wine, as root on Debian or Ubuntu on x64 only.", {
      hint: 'On Windows itself, "npm test" runs the same tests.',
    });
  }
  await ensureInstalled([
    { package: "wine", present: () => findProgram("wine") !== undefined },
    { package: "wine64", present: () => findProgram("wineserver") !== undefined },
    { package: "gcc-mingw-w64-x86-64-win32", present: () => findProgram(compiler) !== undefined },
  ]);
}

/**
 * Create a Wine prefix of our own, once, that reports Windows 10.
 *
 * @returns {Promise<Wine>}
 */
export async function setupWine() {
  await ensureWine();
  const parts = inCache(`windows-parts-${await digestOf(sources)}`);
  await once(parts, async () => {
    await step("Compile what Wine lacks", async () => {
      const compile = [compiler, "-O1", "-Wall", "-Werror", "-o"];
      await run([...compile, join(parts, "venvlauncher.exe"), join(sources, "venvlauncher.c")]);
      const library = join(parts, "bcryptprimitives.dll");
      await run([...compile, library, "-shared", join(sources, "bcryptprimitives.c"), "-ladvapi32"]);
    });
  });
  const version = (await run(["wine", "--version"])).trim();
  const prefix = inCache(`windows-prefix-${digest(version, parts)}`);
  /** @type {Wine} */
  const wine = { version, prefix, parts };
  await once(prefix, async () => {
    await step(`Make a Windows of ${version}`, async () => {
      await silently(wine, ["wineboot", "--init"]);
      await cp(join(parts, "bcryptprimitives.dll"), join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll"));
      await silently(wine, ["wine", "winecfg", "-v", "win10"]);
      // With Wine's own, Python 3.12 and newer end when they ask which Windows this is.
      const override = ["/v", "wbemprox", "/t", "REG_SZ", "/d", "", "/f"];
      await silently(wine, ["wine", "reg", "add", "HKCU\\Software\\Wine\\DllOverrides", ...override]);
      await shutDown(wine);
    });
  });
  return wine;
}

/**
 * Return the variables by which Wine finds its prefix, and prints no messages.
 *
 * @param {Wine} wine
 */
function environment({ prefix }) {
  return { WINEPREFIX: prefix, WINEDEBUG: "-all", WINEDLLOVERRIDES: "mscoree,mshtml=" };
}

/**
 * Do something while the prefix is running; end all of its processes afterwards.
 *
 * @template T
 * @param {Wine} wine
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileUp(wine, work) {
  await silently(wine, ["wineserver", "--persistent"]);
  try {
    await silently(wine, ["wine", "cmd", "/c", "exit"]);
    return await work();
  } finally {
    await shutDown(wine);
  }
}

/**
 * Run one of Wine's own programs with none of our streams: what it leaves running, as the system's services, would keep them
 * open for good.
 *
 * @param {Wine} wine
 * @param {readonly string[]} argv
 */
async function silently(wine, argv) {
  await run(["bash", "-c", 'exec nice -n 10 "$@" </dev/null >/dev/null 2>&1', "wine", ...argv], { env: environment(wine) });
}

/** @param {Wine} wine */
async function shutDown(wine) {
  const env = environment(wine);
  await start(["wineserver", "--kill"], { env }).ended;
  await start(["wineserver", "--wait"], { env }).ended;
}

/**
 * Return the command that runs a Windows program.
 *
 * Windows programs need pipes for their three streams, not the sockets that Node.js creates. They run with low
 * priority, since others use this machine, too.
 *
 * @param {Wine} wine
 * @param {readonly string[]} argv the program as Windows or as this machine spells it, and its arguments
 * @returns {{argv: string[], env: Record<string, string>}}
 */
export function inWine(wine, argv) {
  const piped = 'set -o pipefail; : | nice -n 10 wine "$@" 2>&1 | cat';
  return { argv: ["bash", "-c", piped, "wine", ...argv], env: environment(wine) };
}

/**
 * Run a Windows program to its end.
 *
 * @param {Wine} wine
 * @param {readonly string[]} argv
 * @param {Omit<Parameters<typeof run>[1] & object, "env">} [options]
 */
export async function runInWine(wine, argv, options) {
  const words = inWine(wine, argv);
  return run(words.argv, { ...options, env: words.env });
}

/**
 * Return the Windows path of a path of this machine.
 *
 * @param {string} path absolute
 */
export function windowsPath(path) {
  return `Z:${path.replaceAll("/", "\\")}`;
}

/**
 * Give a folder a drive letter of its own.
 *
 * @param {Wine} wine
 * @param {string} letter
 * @param {string} folder absolute
 */
export async function mapDrive({ prefix }, letter, folder) {
  const drive = join(prefix, "dosdevices", `${letter}:`);
  await rm(drive, { force: true });
  await symlink(folder, drive);
}
