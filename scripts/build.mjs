// npm run build: make dist/.
import { build } from "./lib/build.mjs";
import { stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { entry } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const { python } = await setup({ node: true, python: true });
  await build(provided(python));
});
