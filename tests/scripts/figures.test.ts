import { expect, test } from "vitest";

import { figures, quantile, ratio, readable, stated, table } from "../../scripts/lib/figures.mjs";

const ms = (...values: number[]): { unit: string; values: number[] } => ({ unit: "ms", values });

test("a quantile is one of the values, and the median of an even number is between two", () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([5, 1, 4, 2, 3], 0.9)).toBe(5);
  expect(quantile([5, 1, 4], 0)).toBe(1);
  expect(figures(ms(2, 1))).toEqual({ unit: "ms", values: 2, least: 1, median: 1.5, p90: 2, p99: 2 });
});

test("a ratio is that of the rounds, so that a slow round slows neither side of it", () => {
  expect(ratio(ms(20, 200, 22), ms(10, 100, 10))).toBe(2);
  expect(() => ratio(ms(1), ms(1, 2))).toThrow("the same rounds");
});

test("a target is reached by what is at most it, and a statement without one has no verdict", () => {
  const part = { rounds: 1, series: { ours: ms(20), bare: ms(10) } };
  expect(stated(part, { of: "ours", beside: "bare", atMost: 2 })).toEqual({
    of: "ours",
    figure: "ratio to bare",
    measured: 2,
    target: 2,
    verdict: "reached",
  });
  expect(stated(part, { of: "ours", atMost: 19 })).toMatchObject({ figure: "median, ms", verdict: "missed" });
  expect(stated(part, { of: "ours", figure: "most" })).toMatchObject({ target: null, verdict: null });
});

test("a statement of what was not measured is a mistake", () => {
  expect(() => stated({ rounds: 1, series: {} }, { of: "ours" })).toThrow('"ours" was not measured');
});

test("a table aligns numbers to the right and words to the left", () => {
  expect(table(["", "ms"], [["one", "1.0"], ["two", "10.0"]])).toBe("       ms\none   1.0\ntwo  10.0");
  expect([0.1234, 12.34, 1234.5].map(readable)).toEqual(["0.123", "12.3", "1235"]);
});
