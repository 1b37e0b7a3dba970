import { describe, expect, test } from "vitest";

import { readTask, taskDefinition, taskGroup } from "../../../../extension/core/tasks.ts";

describe("a task of tasks.json", () => {
  test.each([
    ["a task of the workspace folder", { task: "test" }, { kind: "task", name: "test", folder: "/w", args: [] }],
    [
      "a task of a nested project, with arguments",
      { task: "test", folder: "a/b", args: ["-x", 1] },
      { kind: "task", name: "test", folder: "/w/a/b", args: ["-x"] },
    ],
    ["a file, relative or absolute", { file: "a.py" }, { kind: "file", path: "/w/a.py", args: [] }],
    ["nothing where both are named but no task", { file: "a.py", task: "" }, undefined],
    ["nothing where neither is named", {}, undefined],
  ])("names %s", (_, definition, expected) => {
    expect(readTask(definition, "/w", "linux")).toEqual(expected);
  });

  test("without a workspace folder, only absolute paths mean something", () => {
    expect(readTask({ file: "a.py" }, undefined, "linux")).toBeUndefined();
    expect(readTask({ task: "test" }, undefined, "linux")).toBeUndefined();
    expect(readTask({ task: "test", folder: "/w" }, undefined, "linux")).toMatchObject({ folder: "/w" });
  });

  test("is written as it is read", () => {
    const written = taskDefinition("test", "C:\\w\\a\\b", "C:\\w", "win32");
    expect(written).toEqual({ type: "pythonWorkflow", task: "test", folder: "a/b" });
    expect(readTask(written, "C:\\w", "win32")).toMatchObject({ folder: "C:\\w\\a\\b" });
    expect(taskDefinition("test", "/w", "/w", "linux")).toEqual({ type: "pythonWorkflow", task: "test" });
  });
});

test("tasks called build and test are in the editor's groups of these names", () => {
  expect(["build", "test", "tests", "testing", "docs:build"].map(taskGroup)).toEqual(
    ["build", "test", "test", undefined, undefined],
  );
});
