// What the documented server in Rust depends on, for the test that builds it.
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findProgram } from "./find.mjs";
import { digestOf, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { Failure, say, step } from "./terminal.mjs";

/**
 * Download the crates of `tests/rust`, from where the machine's own cargo takes them.
 *
 * @returns {Promise<string | undefined>} a folder with `Cargo.toml`, `Cargo.lock`, and the `config.toml` by which cargo
 *   builds from nothing else; undefined without cargo, or where the crates cannot be downloaded: the test that needs them
 *   is then reported as not run
 */
export async function setupCrates() {
  const cargo = findProgram("cargo");
  if (cargo === undefined) {
    return undefined;
  }
  const manifest = inRoot("tests", "rust", "Cargo.toml");
  const folder = inCache(`crates-${await digestOf(manifest)}`);
  try {
    await once(folder, async () => {
      await step("Download the crates for the tests", async () => {
        await copyFile(manifest, join(folder, "Cargo.toml"));
        const vendor = [cargo, "vendor", "--respect-source-config", join(folder, "vendor")];
        await writeFile(join(folder, "config.toml"), await run(vendor, { cwd: folder }));
      });
    });
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    say("  The crates could not be downloaded, so the test of the server in Rust is left out.");
    return undefined;
  }
  return folder;
}
