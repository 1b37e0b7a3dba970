import { describe, expect, test } from "vitest";

import { behind, checkTold, syncTold } from "../../../../extension/core/keeping.ts";

const BROKEN = { state: "broken", message: "its interpreter is gone" } as const;
const STALE = { state: "out_of_step", message: "a 2 is locked, 1 is installed" } as const;

describe("what is told of a check", () => {
  test("the status bar hints at an environment that fell behind, and at nothing else", () => {
    expect(behind(STALE)).toBe("a 2 is locked, 1 is installed");
    for (const state of ["in_step", "unknown", "none"] as const) {
      expect(behind({ state, message: "something" })).toBeUndefined();
    }
    expect(behind(BROKEN)).toBeUndefined();
  });

  test.each([
    [STALE, ".venv is not in step: a 2 is locked, 1 is installed.", true],
    [BROKEN, "Its interpreter is gone.", true],
    [{ state: "in_step", message: "" } as const, ".venv works and is in step.", false],
    [{ state: "none", message: "" } as const, "There is no environment to check.", false],
  ])("%j is told in one sentence, with what mends it", (checked, text, mend) => {
    expect(checkTold(checked, ".venv")).toEqual({ text, mend });
  });

  test("where nobody can tell, the reason is given", () => {
    const told = checkTold({ state: "unknown", message: "tox does not tell" }, "dev");
    expect(told.text).toContain("tox does not tell.");
  });
});

describe("what is told of a sync", () => {
  const nothing = { changed: false, installed: [], removed: [], recreated: false };

  test("what was installed and removed is counted", () => {
    const done = { ...nothing, changed: true, installed: [{ name: "a", version: "1" }] };
    expect(syncTold(done, ".venv")).toBe(".venv is in step now: 1 installed.");
    expect(syncTold({ ...done, removed: done.installed }, ".venv")).toContain("1 installed, 1 removed");
  });

  test("nothing to do, and an environment made anew, are told apart", () => {
    expect(syncTold(nothing, ".venv")).toBe(".venv was in step already.");
    expect(syncTold({ ...nothing, changed: true, recreated: true }, ".venv")).toBe(".venv was made anew.");
  });
});
