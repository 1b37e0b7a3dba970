// What a script says while it works, and how it ends.
import { oldestNode } from "./versions.mjs";

/** A failure that the user can act on: one sentence, what to do, and the end of the tool's output. */
export class Failure extends Error {
  /**
   * @param {string} message one sentence: what failed
   * @param {{hint?: string, log?: string}} [details] one sentence: what to do; the tail of the output
   */
  constructor(message, { hint, log } = {}) {
    super(message);
    this.hint = hint;
    this.log = log;
  }
}

const interactive = process.stderr.isTTY && process.env["CI"] === undefined;
const scriptStart = performance.now();

/**
 * Do one step and say how long it took, on one line of stderr.
 *
 * @template T
 * @param {string} title what is being done, in the imperative
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what the work returns
 */
export async function step(title, work) {
  const start = performance.now();
  const line = () => `  ${title} ... ${seconds(performance.now() - start)}`;
  let ticking;
  if (interactive) {
    ticking = setInterval(() => process.stderr.write(`\r${line()}`), 500);
  } else {
    process.stderr.write(`  ${title} ...\n`);
  }
  try {
    return await work();
  } finally {
    clearInterval(ticking);
    process.stderr.write(interactive ? `\r${line()}\n` : `${line()}\n`);
  }
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Return the time since the script started. */
export function elapsed() {
  return seconds(performance.now() - scriptStart);
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Run a script's main function; a failure becomes its sentences and exit code 1, never a stack trace.
 *
 * @param {() => Promise<void | number>} main returns the exit code; nothing is 0
 * @returns {Promise<void>}
 */
export async function entry(main) {
  try {
    checkNode();
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}

let silent = false;

/** Report no more failures: the user has interrupted the script, which makes others fail. */
export function silence() {
  silent = true;
}

/** @param {unknown} error */
export function report(error) {
  if (silent) {
    return;
  }
  if (error instanceof Failure) {
    if (error.log !== undefined && error.log !== "") {
      say(error.log.replace(/^/gm, "  | "));
    }
    say(`Failed: ${error.message}`);
    if (error.hint !== undefined) {
      say(`To do: ${error.hint}`);
    }
    return;
  }
  // A mistake in these scripts: whoever mends it asks for the stack.
  say(`Failed: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env["DEBUG"] !== undefined && error instanceof Error) {
    say(error.stack ?? "");
  } else {
    say("To do: set DEBUG=1 to see where.");
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Failure(`Node.js ${process.versions.node} is too old.`, {
      hint: `Install Node.js ${oldestNode.join(".")} or newer.`,
    });
  }
}
