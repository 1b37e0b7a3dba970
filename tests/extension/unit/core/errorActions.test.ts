import { expect, test } from "vitest";

import { canRetryAfter, fixFor, toolFix } from "../../../../extension/core/errorActions.ts";

test.each([
  ["not_found", "createEnvironment"],
  ["broken", "recreateEnvironment"],
  ["already_exists", "recreateEnvironment"],
  ["other_python", "recreateEnvironment"],
  ["lock_outdated", "syncEnvironment"],
  ["tool_not_installed", "createEnvironment"],
  ["environment_not_found", "selectInterpreter"],
  ["server_exited", "chooseWorkflow"],
  ["not_trusted", "workbench.trust.manage"],
])("the failure %s is mended by %s", (code, command) => {
  expect(fixFor(code)?.command).toBe(command);
});

test("where no open folder contains the place, its own is to be opened: the window's trust is not of it", () => {
  expect(fixFor("not_trusted", { isOutside: true })).toEqual({ title: "Open Folder", command: "vscode.openFolder" });
  expect(fixFor("broken", { isOutside: true })?.command).toBe("recreateEnvironment");
});

test("a tool and a Python that are missing are installed by a button, after which what was wanted is done", () => {
  const tool = fixFor("tool_not_installed", { tool: "poetry" });
  expect(tool).toEqual({ title: "Install poetry", command: "installTool", argument: "poetry" });
  const python = fixFor("python_unavailable", { python: "3.13" });
  expect(python).toEqual({ title: "Install Python 3.13", command: "installPython", argument: "3.13" });
  for (const fix of [tool, python]) {
    expect(fix !== undefined && canRetryAfter(fix)).toBe(true);
  }
  expect(toolFix("conda")).toBeUndefined();
});

test("what may go well the next time can be tried again, and nothing else", () => {
  expect(fixFor("network_unavailable")).toEqual({ title: "Try Again" });
  expect(fixFor("protected")).toBeUndefined();
  expect(fixFor(undefined)).toBeUndefined();
});
