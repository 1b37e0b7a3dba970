// npm run bench: the product beside its peers, with what was to be reached.
//
//   node scripts/bench.mjs [PART...] [--rounds N] [--json FILE] [--strict]
import { readFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { benchmarks } from "./lib/benchmarks.mjs";
import { figures, readable, stated, table } from "./lib/figures.mjs";
import { parseJson } from "./lib/json.mjs";
import { writeWhole } from "./lib/once.mjs";
import { inCache, inRoot, pathsFile } from "./lib/paths.mjs";
import { run, stopOnSignals } from "./lib/processes.mjs";
import { entry, Failure, report, say } from "./lib/terminal.mjs";
import { codeServer } from "./lib/versions.mjs";

/** @typedef {import("./lib/figures.mjs").Stated} Stated */
/** @typedef {import("./lib/figures.mjs").Figures} Figures */

/**
 * The result of one part.
 *
 * @typedef {object} Measured
 * @property {number} rounds
 * @property {[number, number]} load the load average of the minute before it, and of its last minute
 * @property {Record<string, Figures>} figures
 * @property {Stated[]} stated
 */

/** @param {string[]} args */
function asked(args) {
  const hint = `The parts are ${benchmarks.map(({ name }) => name).join(", ")}; the options --rounds N, --json FILE, --strict.`;
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { rounds: { type: "string" }, json: { type: "string" }, strict: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), { hint });
  }
  const { positionals: names, values } = parsed;
  const unknown = names.find((name) => !benchmarks.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Failure(`There is no part "${unknown}".`, { hint });
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Failure("--rounds takes a number from 1 on.", { hint });
  }
  const selected = names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
  return { selected, rounds, json: values.json, strict: values.strict };
}

/** Return the load average of the last minute; 0 on Windows, which has none. */
function load() {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

/** Describe the machine that the numbers depend on, without its name and folders. */
async function machine() {
  const { python, pythons, tools } = /** @type {import("./lib/setup.mjs").Paths} */ (
    parseJson(await readFile(pathsFile, "utf8"))
  );
  /** @param {string | undefined} program */
  const version = async (program) =>
    program === undefined ? null : (/\d+(\.\d+)+\w*/.exec(await run([program, "--version"]))?.[0] ?? null);
  const [processor] = cpus();
  return {
    cores: cpus().length,
    processor: processor?.model.trim() ?? null,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    python: await version(pythons?.[0] ?? python),
    node: process.versions.node,
    code_server: codeServer,
    uv: await version(tools?.["uv"]),
    hatch: await version(tools?.["hatch"]),
    poetry: await version(tools?.["poetry"]),
  };
}

/**
 * @param {string} name
 * @param {Measured} measured
 */
function print(name, measured) {
  const rows = Object.entries(measured.figures).map(([what, { unit, values, least, median, p90, p99 }]) => [
    what,
    ...[least, median, p90, p99].map(readable),
    unit,
    String(values),
  ]);
  console.log(`\n== ${name}, ${measured.rounds} rounds; load ${measured.load.join(" before, ")} at the end`);
  console.log(table(["", "least", "median", "p90", "p99", "unit", "values"], rows));
  console.log("");
  const verdicts = measured.stated.map(({ of, figure, measured: value, target, verdict }) => [
    of,
    figure,
    readable(value),
    target === null ? "" : `at most ${target}`,
    verdict ?? "",
  ]);
  console.log(table(["", "", "measured", "target", ""], verdicts));
}

stopOnSignals();
await entry(async () => {
  const { selected, rounds, json, strict } = asked(process.argv.slice(2));
  /** @type {Record<string, Measured>} */
  const parts = {};
  let failed = false;
  for (const { name, rounds: enough, measure, statements } of selected) {
    try {
      const before = load();
      const part = await measure(rounds ?? enough);
      parts[name] = {
        rounds: part.rounds,
        load: [before, load()],
        figures: Object.fromEntries(Object.entries(part.series).map(([what, series]) => [what, figures(series)])),
        stated: statements.map((statement) => stated(part, statement)),
      };
    } catch (error) {
      report(error);
      failed = true;
    }
  }
  const missed = Object.values(parts).flatMap(({ stated: all }) => all.filter(({ verdict }) => verdict === "missed"));
  const { version } = /** @type {{version: string}} */ (parseJson(await readFile(inRoot("package.json"), "utf8")));
  const day = new Date().toISOString().slice(0, 10);
  const document = { product: version, date: day, machine: await machine(), parts, missed: missed.length };
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  for (const file of [inCache("bench", "latest.json"), ...(json === undefined ? [] : [resolve(process.env["INIT_CWD"] ?? ".", json)])]) {
    await writeWhole(file, text);
  }
  for (const [name, measured] of Object.entries(parts)) {
    print(name, measured);
  }
  if (!failed) {
    say(missed.length === 0 ? "\nEvery target was reached." : `\n${missed.length} of the targets were missed.`);
  }
  return failed || (strict && missed.length > 0) ? 1 : 0;
});
