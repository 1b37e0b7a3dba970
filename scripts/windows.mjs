// npm run test:windows [STAGE...] [OPTION...]: the tests on Windows, which is Wine with real Pythons and a real Node.js for it.
//
// It sets all of that up by itself on Debian, as root. On Windows itself "npm test" runs the same tests.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { writeWhole } from "./lib/once.mjs";
import { inCache } from "./lib/paths.mjs";
import { stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { Summary } from "./lib/summary.mjs";
import { entry, Failure } from "./lib/terminal.mjs";
import { windowsStages } from "./lib/windows-stages.mjs";
import { setupWindows } from "./lib/windows.mjs";
import { setupWine, whileUp } from "./lib/wine.mjs";

stopOnSignals();
await entry(async () => {
  const words = process.argv.slice(2);
  const names = windowsStages.map(({ name }) => name);
  const isOption = words.findIndex((word) => !names.includes(word));
  const options = isOption === -1 ? [] : words.slice(isOption);
  const chosen = words.slice(0, words.length - options.length);
  if (options.length > 0 && chosen.length !== 1) {
    throw new Failure(`"${options.join(" ")}" is no stage, and options need exactly one stage before them.`, {
      hint: `The stages are ${names.join(", ")}.`,
    });
  }
  const wine = await setupWine();
  const python = provided((await setup({ python: true })).python);
  const summary = new Summary();
  await whileUp(wine, async () => {
    const windows = await setupWindows(wine, python);
    const stages = windowsStages.filter(({ name, onlyByName }) => (chosen.length === 0 ? onlyByName !== true : chosen.includes(name)));
    await summary.run(stages.map(({ name, run }) => ({ name, run: async (more) => run(windows, more) })), options);
  });
  const text = `${wine.version}, which is no Windows.\n${summary.text()}`;
  const reports = inCache("reports");
  await mkdir(reports, { recursive: true });
  await writeWhole(join(reports, "windows.txt"), `${text}\n`);
  console.log(`\n${text}`);
  return summary.failed > 0 ? 1 : 0;
});
