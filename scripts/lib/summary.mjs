// Running stages, past failures, to one summary.
import { elapsed, report, say, seconds } from "./terminal.mjs";

/** @typedef {import("./stages.mjs").Stage} Stage */
/** @typedef {import("./stages.mjs").Outcome} Outcome */

/** The results of all stages so far. */
export class Summary {
  passed = 0;
  failed = 0;
  /** @readonly @type {string[]} */
  #lines = [];
  /** The tests that this machine cannot run, by what they need. @readonly @type {Map<string, string[]>} */
  #notRun = new Map();

  /** Return how many kinds of tests this machine cannot run. */
  get lacking() {
    return this.#notRun.size;
  }

  /**
   * Run stages one after the other.
   *
   * @param {readonly Stage[]} stages
   * @param {readonly string[]} [options] go to the test runner
   * @param {boolean} [slow] with their slow tests
   */
  async run(stages, options = [], slow = false) {
    for (const stage of stages) {
      say(`\n== ${stage.name}`);
      const start = performance.now();
      const outcome = await stage.run(options, slow).catch((/** @type {unknown} */ error) => {
        report(error);
        return { passed: 0, failed: [`${stage.name}: could not be run`], notRun: [] };
      });
      this.#add(stage.name, outcome, performance.now() - start);
    }
  }

  /**
   * @param {string} name
   * @param {Outcome} outcome
   * @param {number} time in milliseconds
   */
  #add(name, outcome, time) {
    this.passed += outcome.passed;
    this.failed += outcome.failed.length;
    const left = outcome.notRun.length > 0 ? `, ${outcome.notRun.length} not run here` : "";
    this.#lines.push(
      `${name.padEnd(14)}${outcome.passed} passed, ${outcome.failed.length} failed${left} (${seconds(time)})`,
      ...outcome.failed.map((test) => `    failed: ${test}`),
    );
    for (const { name: test, reason } of outcome.notRun) {
      this.#notRun.set(reason, [...(this.#notRun.get(reason) ?? []), test]);
    }
  }

  /** Return the whole summary, the totals last. */
  text() {
    const lacking = [...this.#notRun].flatMap(([reason, tests]) => [
      `not run here, ${reason}`,
      ...tests.map((test) => `    ${test}`),
    ]);
    const totals = `${this.passed} passed, ${this.failed} failed`;
    return [`== summary after ${elapsed()}`, ...this.#lines, ...lacking, totals].join("\n");
  }
}
