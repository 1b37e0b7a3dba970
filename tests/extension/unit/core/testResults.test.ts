import { expect, test } from "vitest";

import { comparison, Results, terminalText } from "../../../../extension/core/testResults.ts";
import type { TestOutcome } from "../../../../extension/testActs.ts";

function outcome(changes: Partial<TestOutcome> = {}): TestOutcome {
  return {
    id: "test_a.py::test_it",
    state: "passed",
    duration: 0.5,
    message: null,
    detail: null,
    file: "/src/test_a.py",
    line: 3,
    output: null,
    subtest: null,
    ...changes,
  };
}

test("a failure has its whole text, its place and both sides", () => {
  const failed = outcome({ state: "failed", message: "assert 3 == 4\n +  where 3 = add(1, 2)", detail: "the traceback" });

  expect(new Results().add(failed, undefined)).toEqual({
    state: "failed",
    duration: 500,
    failures: [
      { text: "assert 3 == 4\n +  where 3 = add(1, 2)\n\nthe traceback", comparison: { actual: "3", expected: "4" }, file: "/src/test_a.py", line: 3 },
    ],
  });
});

test("a test that is run in several environments is shown at its worst, with where that was", () => {
  const results = new Results();
  const failed = outcome({ state: "failed", message: "one" });

  expect(results.add(failed, "py310")?.failures).toMatchObject([{ text: "py310: one" }]);
  // What was told is not told again.
  expect(results.add(outcome(), "py313")).toMatchObject({ state: "failed", duration: 1_000, failures: [] });
  expect(results.add(outcome({ state: "error", message: "two" }), "py314")).toMatchObject({ state: "error" });
  expect(results.add(outcome({ id: "other", state: "skipped" }), "py310")?.state).toBe("skipped");
  expect(results.add(outcome({ id: "other" }), "py313")?.state).toBe("passed");
});

test("a test with subtests is shown when it is over, with what these told", () => {
  const results = new Results();

  expect(results.add(outcome({ state: "failed", message: "no", subtest: "n=1" }), undefined)).toBeUndefined();
  expect(results.add(outcome({ subtest: "n=2" }), undefined)).toBeUndefined();
  expect(results.add(outcome({ state: "failed", message: "a subtest failed" }), undefined)?.failures).toMatchObject([
    { text: "n=1: no" },
  ]);
});

test.each([
  ["AssertionError: greeting\nassert 'hello' == 'hallo'\n  \n  - hallo\n  ?  ^\n  + hello\n  ?  ^", "'hello'", "'hallo'"],
  ["AssertionError: assert 'one\\ntwo' == 'one\\n2'\n  \n    one\n  - 2\n  + two", "one\ntwo", "one\n2"],
  ["assert {'a == b': [1]} == {'a': 1}", "{'a == b': [1]}", "{'a': 1}"],
  ["AssertionError: 1 != 2", "1", "2"],
  ["AssertionError: Lists differ: [1, 2] != [1, 3]\n\nFirst differing element 1:\n2\n3", "[1, 2]", "[1, 3]"],
  ["AssertionError: 'one\\ntwo' != 'one\\n2'\n  one\n- two\n+ 2", "one\ntwo", "one\n2"],
])("both sides of %j", (message, actual, expected) => {
  expect(comparison(message)).toEqual({ actual, expected });
});

test.each([
  "assert 1 in [2]",
  "assert 1 == 2 == 3",
  "ValueError: no",
  "AssertionError: assert 'xx...xa' == 'xx...xb'\n  \n  Skipping 290 identical leading characters in diff, use -v to show\n  - xb\n  + xa",
])("%j tells no two sides", (message) => {
  expect(comparison(message)).toBeUndefined();
});

test("lines for a terminal end with a return", () => {
  expect(terminalText("one\ntwo\r\n")).toBe("one\r\ntwo\r\n");
});
