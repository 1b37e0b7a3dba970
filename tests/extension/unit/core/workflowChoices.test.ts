import { describe, expect, test } from "vitest";

import { folderRows, policyRows, preferenceRows } from "../../../../extension/core/workflowChoices.ts";

describe("the choices of a folder's workflow", () => {
  test.each([
    [null, "No choice for this folder"],
    ["nox", "nox"],
    ["/home/me/mine.py", "Script or program..."],
  ])("with %j chosen, %s is the current one, alone", (chosen, label) => {
    const rows = folderRows(["uv", "nox", "later"], chosen);
    expect(rows.filter((row) => row.current).map((row) => row.label)).toEqual([label]);
  });

  test("every workflow that the helper brings can be chosen, known or not", () => {
    const rows = folderRows(["uv", "later"], null);
    expect(rows.map((row) => row.choice)).toContainEqual({ kind: "named", name: "later" });
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
    [{ cmd: ["x"] }, "Script or program..."],
  ])("with %j set, %s is the current one, alone", (current, label) => {
    expect(marked(current)).toEqual([label]);
  });

  test("override is the current policy unless default is set", () => {
    expect(policyRows(undefined).map((row) => row.current)).toEqual([true, false]);
    expect(policyRows("default").map((row) => row.current)).toEqual([false, true]);
  });

  test("following the projects is also following what was set for every tool", () => {
    expect(preferenceRows(undefined)[0]?.detail).toContain("wsp workflow set");
  });
});
