/** From what became of tests, in one configuration or in several, to what the editor shows of each. */
import type { TestOutcome } from "../testActs.ts";

/** What the editor shows of a failure. */
export interface Failure {
  readonly text: string;
  /** Both, where the assertion tells them. */
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

/** What the editor shows of a test. */
export interface Shown {
  readonly state: TestOutcome["state"];
  /** In milliseconds, in all configurations together. */
  readonly duration: number;
  /** The new ones: the editor keeps those that it was told before. */
  readonly failures: readonly Failure[];
}

/** The states, the worst first. */
const STATES = ["error", "failed", "passed", "skipped"] as const;

/** Gathers what became of the tests of one run: a test that is run several times is shown at its worst. */
export class Results {
  private readonly shown = new Map<string, Shown>();
  /** What subtests told, until their test is over. */
  private readonly subtests = new Map<string, readonly Failure[]>();

  /**
   * Take in an outcome. Undefined for that of a subtest: its test is shown when it is over.
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
      // That a subtest failed says nothing beside what it told itself.
      failures: pending.length > 0 ? pending : failures,
    };
    this.shown.set(id, shown);
    return shown;
  }
}

function worse(one: Shown["state"] | undefined, other: Shown["state"]): Shown["state"] {
  return STATES.find((state) => state === one || state === other) ?? other;
}

function failure(outcome: TestOutcome, where: string | undefined): Failure {
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
 * Return the two sides that the message of a failed assertion tells: those of pytest's `assert actual == expected`, and those of
 * unittest's `actual != expected`.
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

/** How pytest begins what it says of an assertion, and unittest. */
const ASSERT = /^(?:AssertionError: )?assert /;
const UNITTEST = /^AssertionError: (?:\w+ differ: )?/;

/** Return the text before and after the only separator that is in no text and in no bracket. */
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

/** Return both sides out of the difference that is printed of texts with several lines, where it is whole. */
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

/** Return a text for a terminal, whose lines end with a return. */
export function terminalText(text: string): string {
  return text.replaceAll(/\r?\n/g, "\r\n");
}
