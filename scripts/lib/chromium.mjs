// The browser that the workbench tests drive.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

import { findProgram } from "./find.mjs";
import { npm } from "./node.mjs";
import { once } from "./once.mjs";
import { inCache } from "./paths.mjs";
import { run } from "./processes.mjs";
import { ensureInstalled, isUbuntu } from "./system.mjs";
import { step } from "./terminal.mjs";
import * as versions from "./versions.mjs";

/**
 * The arguments of Chromium, which turn off what tests don't need.
 *
 * @type {string[]}
 */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Find the system's Chromium, and install it if it is missing; on Ubuntu one of the npm registry, since Ubuntu's own
 * package is a snap, which cannot see the tests' temporary homes.
 *
 * @returns {Promise<string>} its absolute path
 */
export async function ensureChromium() {
  const found = () => findProgram("chromium", "google-chrome-stable", "google-chrome");
  if (isUbuntu() && found() === undefined) {
    return ofNpm();
  }
  await ensureInstalled([{ package: "chromium", present: () => found() !== undefined }]);
  return found() ?? "chromium";
}

/** Unpack the Chromium of an npm package, which brings all that it needs but NSS and fonts: without fonts, a page shows no text. */
async function ofNpm() {
  const libraries = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/libnss3.so`);
  await ensureInstalled([
    { package: "libnss3", present: () => libraries.some((path) => existsSync(path)) },
    { package: "fontconfig-config", present: () => existsSync("/etc/fonts/fonts.conf") },
  ]);
  const folder = inCache(`chromium-${versions.chromium}`);
  const entry = join(folder, "node_modules", "@sparticuz", "chromium");
  await once(folder, async () => {
    await step(`Download Chromium ${versions.chromium}`, async () => {
      await writeFile(join(folder, "package.json"), '{"private": true, "type": "module"}\n');
      await run([...npm(), "install", "--ignore-scripts", `@sparticuz/chromium@${versions.chromium}`], {
        cwd: folder,
        failure: "Chromium could not be downloaded.",
        hint: "See that the npm registry can be reached, then run this again.",
      });
      const unpack = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
      await run([process.execPath, "--input-type=module", "-e", unpack], {
        cwd: folder,
        env: { TMPDIR: folder, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` },
        failure: `What ${entry} brings could not be unpacked.`,
        hint: "See that there is space on the disk, then run this again.",
      });
    });
  });
  return join(folder, "chromium");
}
