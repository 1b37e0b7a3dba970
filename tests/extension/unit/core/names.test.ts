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
    ["a/b", "not a path"],
    ["a\\b", "not a path"],
    ["C:env", "not a path"],
    ["..", "another folder"],
    [".", "another folder"],
    ["a..b", "another folder"],
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
