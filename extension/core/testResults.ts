/** Turns the outcomes of tests, in one configuration or several, into the results that VS Code shows. */
import type { TestOutcome } from "../testActs.ts";

/** A failure as VS Code shows it. */
export interface TestFailure {
  readonly text: string;
  /** The expected and the actual value, where the assertion names them. */
  readonly comparison: Comparison | undefined;
  /** Absolute. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
}

/** The two sides of an assertion. */
export interface Comparison {
  readonly expected: string;
  readonly actual: string;
}

/** A test's result as VS Code shows it. */
export interface Shown {
  readonly state: TestOutcome["state"];
  /** In milliseconds, in all configurations together. */
  readonly duration: number;
  /** Only the new ones: VS Code keeps those that it got before. */
  readonly failures: readonly TestFailure[];
}

/** The states, the worst first. */
const STATES = ["error", "failed", "passed", "skipped"] as const;

/** Collects the outcomes of one run. Of a test that is run several times the worst is shown. */
export class Results {
  private readonly shown = new Map<string, Shown>();
  /** The outcomes of subtests, until their test is over. */
  private readonly subtests = new Map<string, readonly TestFailure[]>();

  /**
   * Add an outcome, and return the result to show; undefined for a subtest's, which is shown with its test.
   *
   * @param where the configuration; undefined where there is one alone
   */
  add(outcome: TestOutcome, where: string | undefined): Shown | undefined {
    const { duration, id, state, subtest } = outcome;
    const hasFailed = state === "failed" || state === "error";
    const failures = hasFailed ? [failure(outcome, where)] : [];
    const pending = this.subtests.get(id) ?? [];
    if (subtest !== null) {
      this.subtests.set(id, [...pending, ...failures]);
      return undefined;
    }
    this.subtests.delete(id);
    const before = this.shown.get(id);
    const shown = {
      state: worse(before?.state, state),
      duration: (before?.duration ?? 0) + duration * 1_000,
      // The failures of subtests say more than that one of them failed.
      failures: pending.length > 0 ? pending : failures,
    };
    this.shown.set(id, shown);
    return shown;
  }
}

function worse(one: Shown["state"] | undefined, other: Shown["state"]): Shown["state"] {
  return STATES.find((state) => state === one || state === other) ?? other;
}

function failure(outcome: TestOutcome, where: string | undefined): TestFailure {
  const { detail, file, line, message, state, subtest } = outcome;
  const head = [where, subtest].filter((part) => part !== undefined && part !== null).join(", ");
  // A list shows the first line alone: the message says more in it than a traceback.
  const output = [message, detail].filter((part, at, all) => part !== null && all.indexOf(part) === at).join("\n\n") || state;
  return {
    text: head === "" ? output : `${head}: ${output}`,
    comparison: message === null ? undefined : comparison(message),
    file: file ?? undefined,
    line: line ?? undefined,
  };
}

/**
 * Return the two sides in the message of a failed assertion: those of pytest's `assert actual == expected`, and those
 * of unittest's `actual != expected`.
 */
export function comparison(message: string): Comparison | undefined {
  const lines = message.split("\n");
  const at = lines.findIndex((line) => ASSERT.test(line));
  const isPytest = at >= 0;
  const first = lines[Math.max(at, 0)] ?? "";
  const found = isPytest ? split(first.replace(ASSERT, ""), " == ") : split(first.replace(UNITTEST, ""), " != ");
  if (found === undefined) {
    return undefined;
  }
  const [actual, expected] = found;
  const whole = fromDifference(lines.slice(at + 1), isPytest);
  // Half of a long text compared with half of another one says nothing.
  return whole ?? (first.includes("...") ? undefined : { actual, expected });
}

/** The beginnings of assertion messages, of pytest and unittest. */
const ASSERT = /^(?:AssertionError: )?assert /;
const UNITTEST = /^AssertionError: (?:\w+ differ: )?/;

/** Split a text at its only separator outside of strings and brackets. */
function split(text: string, separator: string): readonly [string, string] | undefined {
  const found: number[] = [];
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== "") {
      if (character === "\\") {
        at += 1;
      } else if (character === quote) {
        quote = "";
      }
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if ("([{".includes(character)) {
      depth += 1;
    } else if (")]}".includes(character)) {
      depth -= 1;
    } else if (depth === 0 && text.startsWith(separator, at)) {
      found.push(at);
    }
  }
  const [at] = found;
  return at === undefined || found.length > 1 ? undefined : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Return both sides from the printed diff of multi-line texts, if it is complete. */
function fromDifference(lines: readonly string[], isPytest: boolean): Comparison | undefined {
  const own = isPytest ? lines.map((line) => line.replace(/^ {2}/, "")) : lines;
  const diff = own.filter((line) => /^(?:[-+] | {2})/.test(line));
  const isWhole = !own.some((line) => /^(?:Skipping|Omitting|Use -v|\.\.\.)|Full diff is/.test(line));
  const side = (mark: string): readonly string[] =>
    diff.filter((line) => line.startsWith(mark) || line.startsWith("  ")).map((line) => line.slice(2));
  // pytest marks with a minus what was expected; unittest, what comes first.
  const [expected, actual] = isPytest ? [side("- "), side("+ ")] : [side("+ "), side("- ")];
  return isWhole && diff.length > 2 && expected.length > 0 && actual.length > 0
    ? { expected: expected.join("\n"), actual: actual.join("\n") }
    : undefined;
}

/** Return a text with the line ends of a terminal. */
export function terminalText(text: string): string {
  return text.replaceAll(/\r?\n/g, "\r\n");
}
