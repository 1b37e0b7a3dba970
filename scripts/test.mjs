// npm test: every stage, past failures, and one summary.
//
//   node scripts/test.mjs [STAGE...] [OPTION...]    options go to the test runner of a single stage
//   node scripts/test.mjs --full                    also what takes long
//   node scripts/test.mjs --complete                and none may be left out for what this machine lacks
import { stopOnSignals } from "./lib/processes.mjs";
import { fullStages, stages } from "./lib/stages.mjs";
import { elapsed, entry, Failure, report, say, seconds } from "./lib/terminal.mjs";

/** @param {string[]} args */
async function chosen(args) {
  const [first, ...more] = args;
  if (first === "--full" && more.length === 0) {
    return { selected: [...stages, ...(await fullStages())], options: [], complete: false };
  }
  if (first === "--complete" && more.length === 0) {
    return { selected: stages, options: [], complete: true };
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
  return { selected, options, complete: false };
}

stopOnSignals();
await entry(async () => {
  const { selected, options, complete } = await chosen(process.argv.slice(2));
  const lines = [];
  /** @type {Map<string, string[]>} */
  const notRun = new Map();
  let passed = 0;
  let failed = 0;
  for (const stage of selected) {
    say(`\n== ${stage.name}`);
    const start = performance.now();
    const outcome = await stage.run(options).catch((/** @type {unknown} */ error) => {
      report(error);
      return { passed: 0, failed: [`${stage.name}: could not be run`], notRun: [] };
    });
    passed += outcome.passed;
    failed += outcome.failed.length;
    const time = seconds(performance.now() - start);
    const left = outcome.notRun.length > 0 ? `, ${outcome.notRun.length} not run here` : "";
    lines.push(
      `${stage.name.padEnd(14)}${outcome.passed} passed, ${outcome.failed.length} failed${left} (${time})`,
      ...outcome.failed.map((name) => `    failed: ${name}`),
    );
    for (const { name, reason } of outcome.notRun) {
      notRun.set(reason, [...(notRun.get(reason) ?? []), name]);
    }
  }
  const lacking = [...notRun].flatMap(([reason, names]) => [
    `not run here, ${reason}`,
    ...names.map((name) => `    ${name}`),
  ]);
  console.log(["", `== summary after ${elapsed()}`, ...lines, ...lacking].join("\n"));
  const isIncomplete = complete && notRun.size > 0;
  if (isIncomplete) {
    say("Failed: this machine was to run every test.");
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || isIncomplete ? 1 : 0;
});
