// What has to come from the operating system's packages.
import { readFileSync } from "node:fs";

import { findProgram } from "./find.mjs";
import { locked } from "./once.mjs";
import { run, start } from "./processes.mjs";
import { Failure, step } from "./terminal.mjs";

/**
 * @typedef {object} Need
 * @property {string} package the Debian package
 * @property {() => boolean | Promise<boolean>} present
 */

/** Building the native parts of code-server. @type {Need[]} */
export const compilers = [
  { package: "g++", present: () => findProgram("g++") !== undefined },
  { package: "make", present: () => findProgram("make") !== undefined },
  { package: "python3", present: () => findProgram("python3") !== undefined },
  { package: "pkg-config", present: () => findProgram("pkg-config") !== undefined },
  { package: "libkrb5-dev", present: hasKerberos },
];

/** @type {Need[]} */
export const git = [{ package: "git", present: () => findProgram("git") !== undefined }];

/** For tests that see which processes are started; without it they are named as not run. @type {Need[]} */
export const tracing = [{ package: "strace", present: () => findProgram("strace") !== undefined }];

/** For tests of the plugin for it; without it they are named as not run. @type {Need[]} */
export const neovim = [{ package: "neovim", present: () => findProgram("nvim") !== undefined }];

/** Where Python is found but cannot make an environment, as on a bare Debian. @type {Need[]} */
export const pythonWithVenv = [
  { package: "python3", present: () => false },
  { package: "python3-venv", present: () => false },
];

/**
 * Install the missing packages, where that is possible.
 *
 * @param {Need[]} needs
 */
export async function installWherePossible(needs) {
  if (process.getuid?.() === 0 && isDebian() && process.arch === "x64") {
    await ensureInstalled(needs);
  }
}

/**
 * Install the packages that are missing.
 *
 * @param {Need[]} needs
 * @throws {Failure} when something is missing and cannot be installed from here; the hint names the packages
 */
export async function ensureInstalled(needs) {
  /** @type {string[]} */
  const missing = [];
  for (const need of needs) {
    if (!(await need.present())) {
      missing.push(need.package);
    }
  }
  if (missing.length === 0) {
    return;
  }
  const names = missing.join(" ");
  if (!isDebian() || process.arch !== "x64") {
    throw new Failure(`This needs the following, which are not installed: ${names}.`, {
      hint: "Install them with your system's package manager (the names are Debian's), then run this again.",
    });
  }
  if (process.getuid?.() !== 0) {
    throw new Failure(`This needs system packages that are not installed: ${names}.`, {
      hint: `Run "sudo apt-get install -y --no-install-recommends ${names}", then run this again.`,
    });
  }
  // apt-get itself gives up where another one runs.
  await locked("system-packages", async () => install(missing));
}

/** @param {string[]} packages */
async function install(packages) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await step("Read the lists of system packages", async () =>
    run(["apt-get", "update", "-q"], {
      env,
      failure: "The lists of system packages could not be read.",
      hint: "See that the network and the package sources work, then run this again.",
    }),
  );
  const names = packages.join(" ");
  await step(`Install system packages: ${names}`, async () =>
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", ...packages], {
      env,
      failure: `The system packages ${names} could not be installed.`,
      hint: "Mend what apt-get says above, then run this again.",
    }),
  );
}

/**
 * Return the version of a Debian package that would be installed; empty where there is none.
 *
 * @param {string} name
 */
export async function candidateVersion(name) {
  const { stdout } = await start(["apt-cache", "policy", name], { env: { LC_ALL: "C" } }).ended;
  return /Candidate: (\d\S*)/.exec(stdout)?.[1] ?? "";
}

async function hasKerberos() {
  if (findProgram("pkg-config") === undefined) {
    return false;
  }
  const { code } = await start(["pkg-config", "--exists", "krb5-gssapi"]).ended;
  return code === 0;
}

/** Return whether this is Debian or a derivative, where apt-get installs system packages. */
export function isDebian() {
  return /\b(debian|ubuntu)\b/.test(`${release("ID")} ${release("ID_LIKE")}`);
}

/** Return whether this is Ubuntu, where some of the system's packages are snaps. */
export function isUbuntu() {
  return release("ID") === "ubuntu";
}

/**
 * Return a value of the operating system's description.
 *
 * @param {string} key of /etc/os-release
 */
function release(key) {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return new RegExp(`^${key}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}
