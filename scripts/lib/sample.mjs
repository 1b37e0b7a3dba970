// The workspace that `npm run try` opens when no folder is named.
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";

import { findProgram } from "./find.mjs";
import { digestOf, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { step } from "./terminal.mjs";

/** Environments to create, relative to the workspace; its projects name them. */
const environments = [
  ".venv",
  ".environments/redirected",
  ".environments/earlier",
  ".environments/listed",
];

/**
 * Copy the sample, and create its environments; edits in the copy stay until the sample itself changes.
 *
 * @param {string} python the development environment's interpreter
 * @param {string} base the Python to make environments with
 * @returns {Promise<string>} its folder
 */
export async function makeSample(python, base) {
  const source = inRoot("test-fixtures", "projects", "sample");
  const folder = inCache("try", `sample-${await digestOf(source)}`);
  const workspace = join(folder, "sample");
  await once(folder, async () => {
    await step("Make the sample workspace", async () => {
      await cp(source, workspace, { recursive: true });
      const git = findProgram("git");
      if (git !== undefined) {
        // A repository of its own: what encloses it is none of its business.
        await run([git, "init", "-q", workspace]);
      }
      const venv = [join(dirname(python), "uv"), "venv", "-q", "--no-config", "--no-python-downloads"];
      for (const environment of environments) {
        await run([...venv, "--python", base, join(workspace, environment)]);
      }
    });
  });
  return workspace;
}
