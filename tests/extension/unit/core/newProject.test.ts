import { describe, expect, test } from "vitest";

import type { CreateOptionsResult } from "../../../../extension/acts.ts";
import { toolRows } from "../../../../extension/core/creationChoices.ts";
import {
  folderProblem,
  printedError,
  projectFolder,
  projectTools,
  proposedFolder,
  scriptName,
  scriptNameProblem,
} from "../../../../extension/core/newProject.ts";

const display = { platform: "linux", home: "/home/me" } as const;
const nothing = (): boolean => false;

describe("a new project", () => {
  test("is created by the tools that have a template, and without one", () => {
    const maker = (name: string): CreateOptionsResult["workflows"][number] => ({
      ...{ name, installed: true, advice: "", governs: name === "uv", any_name: false },
      ...{ names: [], groups: [], extras: [], installable: [], installs: [] },
    });
    const workflows = ["tox", "uv", "pipenv", "venv"].map(maker);
    const found = projectTools({ root: "/", governing: "uv", why: "uv governs it", workflows, pythons: [] });
    expect(found.workflows.map(({ name }) => name)).toEqual(["uv", "venv"]);
    expect(toolRows(found, display).installed.map(({ detail }) => detail)).toEqual([
      "Environment and lock file managed by uv",
      "Standard venv, no lock file",
    ]);
  });

  test("is proposed beside the folder that is open, else in the home folder", () => {
    expect(proposedFolder("/home/me/src/shop", display)).toBe("~/src/");
    expect(proposedFolder(undefined, display)).toBe("~/");
    expect(projectFolder(" ~/src/demo ", display)).toBe("/home/me/src/demo");
  });

  test.each([
    ["~/src/demo", undefined],
    ["/tmp/a-b_c.d", undefined],
    ["~/", "End with a name"],
    ["~/src/", "End with a name"],
    ["~/my project", "End with a name"],
    ["demo", "relative path"],
    ["", "It is empty."],
  ])("%j as its folder: %s", (typed, reason) => {
    const why = folderProblem(typed, nothing, display);
    expect(why === undefined ? undefined : why.includes(reason ?? "?")).toBe(reason === undefined ? undefined : true);
  });

  test("takes no folder that is there", () => {
    expect(folderProblem("~/src/demo", (path) => path === "/home/me/src/demo", display)).toBe("~/src/demo already exists.");
  });
});

describe("a new script", () => {
  test.each([
    ["tool", "tool.py", undefined],
    [" tool.py ", "tool.py", undefined],
    ["my tool.pyw", "my tool.pyw", undefined],
    ["", "", "Enter a file name"],
    [".py", ".py", "Enter a file name"],
    ["a/b", "a/b.py", "Enter a file name"],
  ])("that is called %j is %j: %s", (typed, name, reason) => {
    expect(scriptName(typed)).toBe(name);
    expect(scriptNameProblem(typed, nothing)).toEqual(reason === undefined ? undefined : expect.stringContaining(reason));
  });

  test("takes no name that is there", () => {
    expect(scriptNameProblem("tool", (name) => name === "tool.py")).toBe("tool.py already exists.");
  });

  test("says in the command line's words why it was not written", () => {
    expect(printedError('{"error": {"code": "x", "message": "/a/b.py exists"}}')).toBe("/a/b.py exists.");
    expect(printedError('{"script": "/a/b.py"}')).toBeUndefined();
    expect(printedError("")).toBeUndefined();
  });
});
