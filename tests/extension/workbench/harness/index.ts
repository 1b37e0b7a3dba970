/**
 * What a workbench test needs:
 *
 * ```ts
 * import { expect, shown, test } from "./harness/index.ts";
 *
 * test("shows the environment of the folder", async ({ machine }) => {
 *   await machine.makeEnvironment("project/.venv");
 *   const workbench = await machine.open(machine.folder("project"));
 *   await workbench.showsStatus(/^\.venv/);
 *   await workbench.screenshot("dot-venv");
 * });
 * ```
 */
import { afterAll, test as base } from "vitest";

import { closeBrowser } from "./browser.ts";
import { Machine } from "./machine.ts";

export { expect } from "vitest";
export { Machine } from "./machine.ts";
export type { EnvironmentOptions, OpenOptions, Trust } from "./machine.ts";
export { minor, pythonsOf, pythonVersions } from "./needs.ts";
export { paths, repository, screenshots } from "./paths.ts";
export { shown } from "./waiting.ts";
export { Workbench } from "./workbench.ts";
export { workflowServer } from "./workflowServer.ts";
export type { Kind, Pick, StatusItem } from "./workbench.ts";

afterAll(closeBrowser);

/** The lines of our log that a failure tells. */
const TOLD = 60;

/** A test with a {@link Machine} of its own; a failure leaves a picture of every VS Code, and tells the end of its log. */
export const test = base.extend<{ machine: Machine }>({
  machine: async ({ task }, use) => {
    const machine = await Machine.create();
    await use(machine);
    if (task.result?.state === "fail") {
      const name = task.name.replaceAll(/\W+/g, "-").toLowerCase();
      for (const [index, workbench] of machine.workbenches.entries()) {
        await workbench.screenshot(`failed-${name}-${index + 1}`);
        const log = await workbench.log().catch(String);
        process.stderr.write(`${log.split("\n").slice(-TOLD).join("\n")}\n`);
      }
    }
    await machine.dispose();
  },
});
