// npm test: every stage, past failures, and one summary.
//
//   node scripts/test.mjs [STAGE...] [OPTION...]    options go to the test runner of a single stage
//   node scripts/test.mjs --full                    also what takes long
import { stopOnSignals } from "./lib/processes.mjs";
import { fullStages, stages } from "./lib/stages.mjs";
import { elapsed, entry, Failure, report, say, seconds } from "./lib/terminal.mjs";

/** @param {string[]} args */
async function chosen(args) {
  const [first, ...more] = args;
  if (first === "--full" && more.length === 0) {
    return { selected: [...stages, ...(await fullStages())], options: [] };
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
  return { selected, options };
}

stopOnSignals();
await entry(async () => {
  const { selected, options } = await chosen(process.argv.slice(2));
  const lines = [];
  let passed = 0;
  let failed = 0;
  for (const stage of selected) {
    say(`\n== ${stage.name}`);
    const start = performance.now();
    const outcome = await stage.run(options).catch((/** @type {unknown} */ error) => {
      report(error);
      return { passed: 0, failed: [`${stage.name}: could not be run`], skipped: 0 };
    });
    passed += outcome.passed;
    failed += outcome.failed.length;
    const time = seconds(performance.now() - start);
    const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : "";
    lines.push(
      `${stage.name.padEnd(14)}${outcome.passed} passed, ${outcome.failed.length} failed${skipped} (${time})`,
      ...outcome.failed.map((name) => `    failed: ${name}`),
    );
  }
  console.log(`\n== summary after ${elapsed()}\n${lines.join("\n")}\n${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
