import { describe, expect, test } from "vitest";

import { renewal, settingValue } from "../../../../extension/core/toolSettings.ts";

describe("the value of a setting that names an interpreter", () => {
  test.each([
    ["a list", "ruff.interpreter", "/src/shop/.venv/bin/python", ["${workspaceFolder}/.venv/bin/python"]],
    ["a path", "ty.interpreter", "/src/shop/.venv/bin/python", "${workspaceFolder}/.venv/bin/python"],
    ["an absolute path outside of the folder", "ruff.interpreter", "/envs/shop/bin/python", ["/envs/shop/bin/python"]],
    ["an absolute path beside the folder", "ty.interpreter", "/src/shop2/bin/python", "/src/shop2/bin/python"],
  ])("is %s", (_, setting, interpreter, value) => {
    expect(settingValue("linux", setting, interpreter, "/src/shop")).toEqual(value);
  });

  test("has slashes in a folder on Windows, too", () => {
    const interpreter = String.raw`C:\src\shop\.venv\Scripts\python.exe`;
    expect(settingValue("win32", "ty.interpreter", interpreter, String.raw`C:\src\shop`)).toBe(
      "${workspaceFolder}/.venv/Scripts/python.exe",
    );
  });
});

describe("a setting that was written", () => {
  const written = { value: ["/a"] };

  test("is written again for another interpreter", () => {
    expect(renewal(written, ["/a"], ["/b"])).toEqual({ kind: "write", value: ["/b"] });
  });

  test("is left alone while the interpreter is the same", () => {
    expect(renewal(written, ["/a"], ["/a"])).toEqual({ kind: "keep" });
  });

  test.each([[["/c"]], [undefined]])("is its user's once they changed it to %j", (found) => {
    expect(renewal(written, found, ["/b"])).toEqual({ kind: "forget" });
  });
});
