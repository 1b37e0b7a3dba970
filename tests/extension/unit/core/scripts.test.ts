import { describe, expect, test } from "vitest";

import { blockLine, underline } from "../../../../extension/core/scripts.ts";

describe("the block of a script", () => {
  test.each([
    ["# /// script\n# ///\n", 0],
    ["#!/usr/bin/env python3\r\n# /// script\r\n# ///\r\n", 1],
    ["x = 1\n\n# /// script", 2],
  ])("%j begins on line %i", (text, line) => {
    expect(blockLine(text)).toBe(line);
  });

  test.each(["", "# /// other\n# ///\n", " # /// script\n", "#/// script\n", "# /// script  \n"])(
    "%j has none",
    (text) => {
      expect(blockLine(text)).toBeUndefined();
    },
  );
});

describe("what is wrong", () => {
  const lines = ["# /// script", '# dependencies = ["a b"]  ', ""];

  test("is underlined from its column to the end of the line", () => {
    expect(underline({ line: 1, column: 18, message: "" }, lines)).toEqual({ line: 1, start: 18, end: 24 });
  });

  test("without a column is underlined with its whole line", () => {
    expect(underline({ line: 0, column: null, message: "" }, lines)).toEqual({ line: 0, start: 0, end: 12 });
  });

  test("stays in a document that became shorter", () => {
    expect(underline({ line: 7, column: 3, message: "" }, lines)).toEqual({ line: 2, start: 0, end: 0 });
    expect(underline({ line: 1, column: 90, message: "" }, lines)).toEqual({ line: 1, start: 0, end: 24 });
  });
});
