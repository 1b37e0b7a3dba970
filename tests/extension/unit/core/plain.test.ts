import { describe, expect, test } from "vitest";

import { codeSpan } from "../../../../extension/core/plain.ts";

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
