import { expect, test } from "vitest";

import { WireError } from "../../../../extension/core/decode.ts";
import { DiscoverTests, RunTests, testEventsFromWire } from "../../../../extension/testActs.ts";

test("what comes while tests run is read by its kind", () => {
  const place = { file: "/src/test_a.py", line: 3 };
  const result = { ...place, id: "a", state: "failed", duration: 0.25, message: "no", detail: null, output: null };
  const command = { argv: ["/env/bin/python", "/x.py"], cwd: "/src", env: { unset: [], set: {}, prepend_path: [] } };
  const events = [
    { event: "command", script: "/x.py", ...command },
    { event: "collected", tests: [{ id: "a", ...place }] },
    { event: "running", id: "a" },
    { event: "result", ...result },
    { event: "unusable", id: "b", ...place, message: "no", detail: null },
  ];

  expect(testEventsFromWire({ events }, "runTests")).toEqual(
    events.map((one) => (one.event === "result" ? { ...one, subtest: null } : one)),
  );
  expect(() => testEventsFromWire({ events: [{ event: "other" }] }, "runTests")).toThrow(WireError);
  expect(() => testEventsFromWire({ events: [{ event: "result", ...result, duration: -1 }] }, "runTests")).toThrow(WireError);
});

test("branches are read with the lines that they lead to, of which one out of a function is below 0", () => {
  const coverage = [{ file: "/src/a.py", executed: [1], missing: [2], branches: [{ from: 1, to: -1, taken: true }, { from: 1, to: 2, taken: false }] }];
  const read = RunTests.result({ status: 0, trouble: null, output: null, coverage }, "runTests");

  expect(read.coverage).toEqual(coverage);
  expect(() => RunTests.result({ status: 0, coverage: [{ ...coverage[0], branches: [{ from: 1 }] }] }, "runTests")).toThrow(WireError);
});

test("tests that were found have lines from 1, or none", () => {
  const found = { root: "/src", configurations: [], problem: null, framework: "pytest", base: "/src", static: true, unusable: [], trouble: "" };
  const withLine = (line: unknown): unknown => ({ ...found, tests: [{ id: "a", file: null, line }] });

  expect(DiscoverTests.result(withLine(null), "discoverTests").tests).toEqual([{ id: "a", file: null, line: null }]);
  expect(() => DiscoverTests.result(withLine("3"), "discoverTests")).toThrow(WireError);
});
