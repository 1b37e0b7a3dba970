import { describe, expect, test } from "vitest";

import { folderRows, policyRows, preferenceRows } from "../../../../extension/core/workflowChoices.ts";

describe("the choices of a folder's workflow", () => {
  const rows = (chosen: string | null, selected = false): ReturnType<typeof folderRows> =>
    folderRows({ workflows: ["uv", "nox", "later"], chosen, selected });

  test.each([
    ["nox", "nox"],
    ["/home/me/mine.py", "Other..."],
  ])("with %j chosen, %s is the current one, alone", (chosen, label) => {
    const current = rows(chosen).filter((row) => row.current);
    expect(current.map((row) => row.label)).toEqual([label]);
  });

  test("a choice can be taken back where one was made, and only there", () => {
    const kinds = (chosen: string | null): readonly string[] => rows(chosen).map((row) => row.choice.kind);
    expect(kinds("nox")).toEqual(["follow", "named", "named", "named", "path"]);
    expect(kinds(null)).not.toContain("follow");
    expect(rows(null).some((row) => row.current)).toBe(false);
  });

  test("every row that would forget a selected interpreter says so, and taking a choice back does not", () => {
    const telling = rows("uv", true).filter((row) => row.detail.includes("clears the interpreter"));
    expect(telling.map((row) => row.label)).toEqual(["uv", "nox", "later", "Other..."]);
    expect(rows("uv").some((row) => row.detail.includes("clears"))).toBe(false);
  });

  test("every workflow that the helper brings can be chosen, known or not", () => {
    expect(rows(null).map((row) => row.choice)).toContainEqual({ kind: "named", name: "later" });
  });
});

describe("the choices of a preferred workflow", () => {
  const marked = (current: unknown): readonly string[] =>
    preferenceRows(current)
      .filter((row) => row.current)
      .map((row) => row.label);

  test.each([
    [undefined, "Follow each project"],
    [null, "Follow each project"],
    ["poetry", "poetry"],
    ["~/mine.py", "Script or program..."],
    [{ script: "~/mine.py" }, "Script or program..."],
    [{ cmd: ["x"] }, "Command..."],
  ])("with %j set, %s is the current one, alone", (current, label) => {
    expect(marked(current)).toEqual([label]);
  });

  test("override is the current policy unless default is set", () => {
    expect(policyRows(undefined).map((row) => row.current)).toEqual([true, false]);
    expect(policyRows("default").map((row) => row.current)).toEqual([false, true]);
  });

  test("following the projects is also following what was set for every tool", () => {
    expect(preferenceRows(undefined)[0]?.detail).toContain("Your preference for all tools");
  });
});
