import { describe, expect, test } from "vitest";

import { parseFolders, parsePreference, whyNotPath, whyNotWorkflow } from "../../../../extension/core/settings.ts";

describe("the folders of environments", () => {
  test("texts are handed on, and what is none is left out", () => {
    expect(parseFolders(["~/lab", 1, null, "/srv/envs"])).toEqual(["~/lab", "/srv/envs"]);
    expect(parseFolders("~/lab")).toEqual([]);
    expect(parseFolders(undefined)).toEqual([]);
  });
});

describe("the preferred workflow", () => {
  test.each([undefined, null, ""])("%j means no preference", (value) => {
    expect(parsePreference(value, undefined, "linux")).toEqual({ kind: "unset" });
  });

  test.each([
    "uv",
    "a-workflow_2.py",
    "/opt/workflow.py",
    "~/workflows/mine.py",
    { cmd: ["hatch", "wsp"] },
    { requires: "hatch", cmd: ["hatch", "wsp"] },
    { requires: ["a", "b"], module: "pkg.wsp" },
    { script: "~/mine.py" },
    { config: "/etc/tool.toml" },
  ])("%j is handed on as it is", (workflow) => {
    expect(parsePreference(workflow, "default", "linux")).toEqual({
      kind: "set",
      preference: { workflow, policy: "default" },
    });
  });

  test.each([undefined, null, "override"])("policy %j means override", (policy) => {
    const parsed = parsePreference("uv", policy, "linux");
    expect(parsed).toEqual({ kind: "set", preference: { workflow: "uv", policy: "override" } });
  });

  test.each([
    [7, undefined, "pythonWorkflow.workflow is 7, where a name, an absolute path or a table"],
    [["uv"], undefined, 'is ["uv"], where a name, an absolute path or a table'],
    [{}, undefined, "a table with one of cmd, script, module, config"],
    [{ requires: "hatch" }, undefined, "a table with one of cmd"],
    [{ cmd: [] }, undefined, "pythonWorkflow.workflow.cmd is [], where a list of strings"],
    [{ cmd: "hatch wsp" }, undefined, "workflow.cmd is \"hatch wsp\", where a list of strings"],
    [{ cmd: ["hatch", 1] }, undefined, "workflow.cmd"],
    [{ script: 1 }, undefined, "pythonWorkflow.workflow.script is 1, where a string"],
    [{ requires: 1, cmd: ["x"] }, undefined, "workflow.requires is 1"],
    ["./mine.py", undefined, '"./mine.py" is a relative path'],
    ["workflows/mine.py", undefined, "is a relative path"],
    [" ", undefined, "it is empty"],
    ["uv", "never", 'pythonWorkflow.policy is "never", where "override" or "default"'],
  ])("%j with policy %j is wrong, and a sentence says why", (workflow, policy, message) => {
    const parsed = parsePreference(workflow, policy, "linux");
    expect(parsed).toMatchObject({ kind: "wrong", message: expect.stringContaining(message) as string });
  });

  test("a path with a drive letter is absolute on Windows only", () => {
    expect(whyNotPath("C:\\mine.py", "win32")).toBeUndefined();
    expect(whyNotPath("C:\\mine.py", "linux")).toContain("relative");
  });

  test("a name is a workflow but not a path", () => {
    expect(whyNotWorkflow("uv", "linux")).toBeUndefined();
    expect(whyNotPath("uv", "linux")).toContain("relative");
  });

  test("a path with a NUL character is refused", () => {
    expect(whyNotPath("/a\0b", "linux")).toContain("NUL");
  });
});
