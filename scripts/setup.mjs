// npm run setup: everything that any other command needs, so that they work without the network.
import { stopOnSignals } from "./lib/processes.mjs";
import { setupVendored } from "./lib/python.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { elapsed, entry, say } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const paths = await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
  await setupVendored(provided(paths.python));
  say(`Ready after ${elapsed()}.`);
});
