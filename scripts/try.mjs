// npm run try [-- FOLDER]: a real VS Code with the extension, on this machine alone, behind a fresh password.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { once, writeWhole } from "./lib/once.mjs";
import { makePackage } from "./lib/package.mjs";
import { inCache } from "./lib/paths.mjs";
import { start, stopOnSignals, tail } from "./lib/processes.mjs";
import { makeSample } from "./lib/sample.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { elapsed, entry, Failure, say, step } from "./lib/terminal.mjs";
import { installExtension } from "./lib/vscode.mjs";

/** The first settings, which turn off VS Code's welcome pages and offers; they are written once, and then the user's. */
const firstSettings = {
  "chat.agentHost.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
};

/** How long the server may take to listen, in milliseconds. */
const startLimit = 60_000;

stopOnSignals();
await entry(async () => {
  const [argument, ...surplus] = process.argv.slice(2);
  const named = argument === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", argument);
  if (surplus.length > 0 || (named !== undefined && !existsSync(named))) {
    throw new Failure(surplus.length > 0 ? "More than one folder was named." : `${named ?? ""} does not exist.`, {
      hint: "Name one folder, npm run try -- FOLDER, or none for a sample.",
    });
  }
  const paths = await setup({ node: true, python: true, codeServer: true });
  const python = provided(paths.python);
  const codeServer = [provided(paths.node24), provided(paths.codeServer)];
  const folder = named ?? (await makeSample(python, provided(paths.pythons?.[0])));
  const { vsix, digest } = await makePackage(python);

  const options = [
    ...["--user-data-dir", inCache("try", "data"), "--config", inCache("try", "config.yaml")],
    ...["--extensions-dir", await installed(vsix, digest, codeServer)],
  ];
  const settings = inCache("try", "data", "User", "settings.json");
  if (!existsSync(settings)) {
    await writeWhole(settings, `${JSON.stringify(firstSettings, undefined, 2)}\n`);
  }
  const password = randomBytes(15).toString("base64url");
  const server = start(
    [
      ...[...codeServer, ...options, "--bind-addr", "127.0.0.1:0", "--auth", "password"],
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
      ...["--ignore-last-opened", "--reconnection-grace-time", "60"],
    ],
    { env: { PASSWORD: password } },
  );
  const url = await step("Start VS Code", async () => listening(server));
  say(`Ready after ${elapsed()}.`);
  const parameter = folder.endsWith(".code-workspace") ? "workspace" : "folder";
  console.log(`\n  Open      ${url}/?${parameter}=${encodeURIComponent(folder)}`);
  console.log(`  Password  ${password}`);
  console.log("\nCtrl-C stops it.");
  const { output } = await server.ended;
  throw new Failure("VS Code ended by itself.", { log: tail(output), hint: "Run this again." });
});

/**
 * Return a folder of extensions with only ours, and remove those of earlier builds.
 *
 * @param {string} vsix
 * @param {string} digest of the package
 * @param {string[]} codeServer
 */
async function installed(vsix, digest, codeServer) {
  const name = `extensions-${digest}`;
  const folder = inCache("try", name);
  await once(folder, async () => {
    await step("Install the extension", async () =>
      installExtension(codeServer, vsix, folder, inCache("try", "install-data")),
    );
  });
  for (const other of await readdir(inCache("try"))) {
    if (other.startsWith("extensions-") && other !== name) {
      await rm(inCache("try", other), { recursive: true, force: true });
    }
  }
  return folder;
}

/**
 * @param {import("./lib/processes.mjs").Started} server
 * @returns {Promise<string>} where it listens
 */
async function listening(server) {
  const deadline = performance.now() + startLimit;
  while (performance.now() < deadline) {
    const [, url] = /HTTP server listening on (http:\/\/[\d.]+:\d+)/.exec(server.output()) ?? [];
    if (url !== undefined) {
      return url;
    }
    if ((await Promise.race([server.ended, sleep(50)])) !== undefined) {
      break;
    }
  }
  await server.stop();
  throw new Failure("VS Code did not start.", { log: tail(server.output()), hint: "Run this again." });
}
