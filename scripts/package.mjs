// npm run package: make the .vsix that any VS Code installs.
import { stat } from "node:fs/promises";

import { makePackage } from "./lib/package.mjs";
import { stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { entry, say } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const { python } = await setup({ node: true, python: true });
  const { vsix } = await makePackage(provided(python));
  const { size } = await stat(vsix);
  say(`${vsix} (${(size / 1e6).toFixed(1)} MB)`);
  say('Install it in your VS Code with "Extensions: Install from VSIX...".');
});
