// Installing an extension in VS Code for the browser.
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseJson } from "./json.mjs";
import { start, tail } from "./processes.mjs";
import { Failure } from "./terminal.mjs";

/**
 * The part of VS Code's list of installed extensions that is read here.
 *
 * @typedef {{relativeLocation: string, metadata?: {installedTimestamp?: number}}[]} Installed
 */

/**
 * Install a package, and check that it is installed.
 *
 * The exit status is not asked: a code-server whose native parts do not fit does what it is told, says so, and then
 * dies of a segmentation fault at its exit. What it leaves is what the server loads.
 *
 * @param {readonly string[]} codeServer the beginning of its command
 * @param {string} vsix the package; absolute
 * @param {string} extensions the folder of installed extensions; absolute
 * @param {string} data a folder for what VS Code keeps meanwhile; absolute
 * @throws {Failure} when the extension is not there afterwards
 */
export async function installExtension(codeServer, vsix, extensions, data) {
  await mkdir(data, { recursive: true });
  const before = Date.now();
  const options = ["--user-data-dir", data, "--config", join(data, "config.yaml"), "--extensions-dir", extensions];
  const { output } = await start([...codeServer, ...options, "--force", "--install-extension", vsix], {
    env: { HOME: data },
  }).ended;
  const list = join(extensions, "extensions.json");
  const installed = existsSync(list) ? /** @type {Installed} */ (parseJson(await readFile(list, "utf8"))) : [];
  const isThere = installed.some(
    ({ relativeLocation, metadata }) =>
      (metadata?.installedTimestamp ?? 0) >= before &&
      existsSync(join(extensions, relativeLocation, "package.json")),
  );
  if (!isThere) {
    throw new Failure("The extension could not be installed in VS Code.", {
      log: tail(output),
      hint: "See what VS Code says above, then run this again.",
    });
  }
}
