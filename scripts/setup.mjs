// npm run setup: everything that any other command needs, so that they work without the network.
import { stopOnSignals } from "./lib/processes.mjs";
import { setup } from "./lib/setup.mjs";
import { elapsed, entry, say } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
  say(`Ready after ${elapsed()}.`);
});
