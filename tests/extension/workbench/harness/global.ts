import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { makePackage } from "../../../../scripts/lib/package.mjs";
import { setup } from "../../../../scripts/lib/setup.mjs";
import { openAddresses, type Address } from "./addresses.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder that is gone after the tests. */
    temporary: string;
    /** For each worker those at which the browser finds its VS Code servers. */
    addresses: readonly (readonly Address[])[];
    /** A folder of installed extensions that holds ours, from the package that people get. */
    extensions: string;
    /** A folder for the helper's compiled code: the first that starts fills it for all. */
    compiled: string;
    /** The folder of VS Code's built-in extensions; none stands for all that VS Code comes with. */
    builtIn: string | undefined;
  }
}

/**
 * Once before all workbench tests: set up, make the package, and install it.
 * `WORKBENCH_VSIX` names another package, to try the harness by itself.
 */
export default async function installExtension(project: TestProject): Promise<() => Promise<void>> {
  const paths = await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
  const { node24, codeServer, python } = paths;
  if (node24 === undefined || codeServer === undefined || python === undefined) {
    throw new Error("setup did not provide what it was asked for");
  }
  const other = process.env["WORKBENCH_VSIX"];
  const vsix = other ?? (await makePackage(python)).vsix;
  const folder = await mkdtemp(join(tmpdir(), "workbench-extensions-"));
  const extensions = join(folder, "extensions");
  // Only now: they read where setup put everything.
  const { installExtension: install } = await import("./installing.ts");
  const { linkBuiltIn } = await import("./builtIn.ts");
  await install(vsix, extensions, join(folder, "data"));
  project.provide("temporary", folder);
  project.provide("extensions", extensions);
  const compiled = join(folder, "compiled");
  await mkdir(compiled);
  project.provide("compiled", compiled);
  const builtIn = project.name === "workbench" ? join(folder, "built-in") : undefined;
  if (builtIn !== undefined) {
    await linkBuiltIn(builtIn);
  }
  project.provide("builtIn", builtIn);
  const { addresses, close } = await openAddresses(project.config.maxWorkers, folder);
  project.provide("addresses", addresses);
  return async () => {
    close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
