import { describe, expect, test } from "vitest";

import { policyRows, workflowRows } from "../../../../extension/core/workflowChoices.ts";

describe("the choices of a preferred workflow", () => {
  const marked = (current: unknown): readonly string[] =>
    workflowRows(current)
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
    expect(workflowRows(undefined)[0]?.detail).toContain("wsp workflow set");
  });
});
