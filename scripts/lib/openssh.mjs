// An OpenSSH server, and shells that are not sh, for the tests that are another machine too.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { findProgram } from "./find.mjs";
import { locked, once } from "./once.mjs";
import { inCache } from "./paths.mjs";
import { run } from "./processes.mjs";
import { installWherePossible, isDebian } from "./system.mjs";
import { Failure, say, step } from "./terminal.mjs";

/** The server with the library that a bare Debian lacks. */
const server = ["openssh-server", "libwrap0"];
/** Login shells that parse a line differently from sh; the tests of them are skipped without them. */
const shells = ["tcsh", "fish", "fish-common", "libpcre2-32-0"];

/**
 * Unpack an OpenSSH server into the cache, as root on Debian or Ubuntu, where none is installed.
 *
 * It is not installed: that would start a server which lets people into this machine.
 */
export async function setupOpenSsh() {
  if (process.getuid?.() !== 0 || !isDebian() || process.arch !== "x64") {
    return;
  }
  await installWherePossible([{ package: "openssh-client", present: () => findProgram("ssh") !== undefined }]);
  const folder = inCache("openssh");
  try {
    await once(folder, async () => {
      await step("Download an OpenSSH server for the tests", async () => {
        await locked("system-packages", async () => run(["apt-get", "update", "-q"]));
        await unpack(folder, server);
        for (const name of shells) {
          // Not every release has each of them.
          await unpack(folder, [name]).catch((/** @type {unknown} */ error) => {
            if (!(error instanceof Failure)) {
              throw error;
            }
          });
        }
      });
    });
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    say("  The OpenSSH server could not be downloaded, so the tests of workflows on another machine are left out.");
  }
}

/**
 * @param {string} folder
 * @param {string[]} packages
 */
async function unpack(folder, packages) {
  await run(["apt-get", "download", "-q", ...packages], { cwd: folder });
  for (const name of await readdir(folder)) {
    if (name.endsWith(".deb")) {
      await run(["dpkg-deb", "-x", join(folder, name), folder]);
      await rm(join(folder, name));
    }
  }
}
