// npm run changelog: move the fragments of changelog.d into CHANGELOG.md, under the version in package.json.
import { readFile } from "node:fs/promises";

import { parseJson } from "./lib/json.mjs";
import { inRoot } from "./lib/paths.mjs";
import { run, stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { entry } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const { python } = await setup({ python: true });
  const { version } = /** @type {{version: string}} */ (
    parseJson(await readFile(inRoot("package.json"), "utf8"))
  );
  await run([provided(python), "-I", "-m", "towncrier", "build", "--yes", "--version", version], {
    cwd: inRoot(),
    show: true,
  });
});
