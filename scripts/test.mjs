// npm test: every stage, past failures, and one summary.
//
//   node scripts/test.mjs [STAGE...] [OPTION...]    options go to the test runner of a single stage
//   node scripts/test.mjs --complete                slow tests too, and none may be left out for what this machine lacks
//   node scripts/test.mjs --full                    slow tests too, and what takes longest
import { setupCodeServer } from "./lib/node.mjs";
import { stopOnSignals } from "./lib/processes.mjs";
import { setup } from "./lib/setup.mjs";
import { fullStages, lanes, stages, withSlowTests } from "./lib/stages.mjs";
import { Summary } from "./lib/summary.mjs";
import { entry, Failure, say } from "./lib/terminal.mjs";

/** @param {string[]} args */
async function chosen(args) {
  const [first, ...more] = args;
  if (first === "--full" && more.length === 0) {
    return { selected: [...stages, ...(await fullStages())], options: [], complete: false, slow: true };
  }
  if (first === "--complete" && more.length === 0) {
    return { selected: stages, options: [], complete: true, slow: true };
  }
  const isOption = args.findIndex((arg) => !stages.some(({ name }) => name === arg));
  const names = isOption === -1 ? args : args.slice(0, isOption);
  const options = isOption === -1 ? [] : args.slice(isOption);
  if (options.length > 0 && names.length !== 1) {
    throw new Failure(`"${options.join(" ")}" is no stage, and options need exactly one stage before them.`, {
      hint: `The stages are ${stages.map(({ name }) => name).join(", ")}.`,
    });
  }
  const selected = names.length === 0 ? stages : stages.filter(({ name }) => names.includes(name));
  return { selected, options, complete: false, slow: options.length > 0 };
}

stopOnSignals();
await entry(async () => {
  const { selected, options, complete, slow } = await chosen(process.argv.slice(2));
  const summary = new Summary();
  const opensVsCode = selected.some(({ name }) => name === "workbench");
  // What only root can install is told at once, and not after the minutes of other stages.
  await setup({ node: true, python: true, chromium: opensVsCode });
  if (opensVsCode) {
    // It takes minutes, most of which the stages before it leave a processor free for. What fails, that stage tells.
    setupCodeServer().catch(() => undefined);
  }
  await Promise.all(lanes.map(async (lane) => summary.run(selected.filter(({ name }) => lane.includes(name)), options, slow)));
  const early = lanes.flat();
  await summary.run(selected.filter(({ name }) => !early.includes(name)), options, slow);
  const isIncomplete = complete && summary.lacking > 0;
  console.log(`\n${summary.text()}`);
  if (!slow && selected.some(({ name }) => withSlowTests.includes(name))) {
    say('Slow tests were left to "npm test -- --complete".');
  }
  if (isIncomplete) {
    say("Failed: this machine was to run every test.");
  }
  return summary.failed > 0 || isIncomplete ? 1 : 0;
});
