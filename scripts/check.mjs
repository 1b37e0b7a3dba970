// npm run check: what tells most in a minute, while one works.
import { stopOnSignals } from "./lib/processes.mjs";
import { setup } from "./lib/setup.mjs";
import { quickLanes } from "./lib/stages.mjs";
import { Summary } from "./lib/summary.mjs";
import { entry } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  await setup({ node: true, python: true });
  const summary = new Summary();
  await Promise.all(quickLanes.map(async (lane) => summary.run(lane)));
  console.log(`\n${summary.text()}`);
  return summary.failed > 0 ? 1 : 0;
});
