import { describe, expect, test } from "vitest";

import { asSentence, codeSpan } from "../../../../extension/core/plain.ts";

describe("code spans", () => {
  test.each([
    ["/a", "`/a`"],
    ["a`b", "``a`b``"],
    ["`a", "`` `a ``"],
    ["a``b`c", "```a``b`c```"],
    ["a\nb", "`a b`"],
  ])("%j is written %j", (text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });
});

describe("sentences", () => {
  test.each([
    ["no environment was found", "No environment was found."],
    ["It is there.", "It is there."],
    ["/a/.venv is broken", "/a/.venv is broken."],
    [".venv is broken", ".venv is broken."],
    ["uv.lock is stale", "uv.lock is stale."],
    ["", ""],
  ])("%j is said as %j", (text, expected) => {
    expect(asSentence(text)).toBe(expected);
  });
});
