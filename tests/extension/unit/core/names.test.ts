import { describe, expect, test } from "vitest";

import { proposedName, whyNotName } from "../../../../extension/core/names.ts";

describe("names for environments", () => {
  test.each([".venv", "venv", "my env", "py3.12", "naïve", ".venv-2"])("%j is one", (name) => {
    expect(whyNotName(name)).toBeUndefined();
  });

  test.each([
    ["", "Enter"],
    ["  ", "Enter"],
    ["-rf", "hyphen"],
    ["a/b", "a slash, backslash or colon"],
    ["a\\b", "a slash, backslash or colon"],
    ["C:env", "a slash, backslash or colon"],
    ["..", "a dot or have two dots"],
    [".", "a dot or have two dots"],
    ["a..b", "a dot or have two dots"],
    ["a\nb", "control"],
    ["a\0b", "control"],
    [" a", "space"],
    ["x".repeat(65), "64 characters"],
  ])("%j is none, and a sentence says why", (name, reason) => {
    expect(whyNotName(name)).toContain(reason);
  });

  test("the name proposed is the first that is free", () => {
    const taken = new Set([".venv", ".venv-2"]);
    expect(proposedName(() => false)).toBe(".venv");
    expect(proposedName((name) => taken.has(name))).toBe(".venv-3");
    expect(proposedName((name) => taken.has(name), "default")).toBe("default");
  });
});
