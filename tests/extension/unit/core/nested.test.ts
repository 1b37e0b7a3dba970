import { expect, test } from "vitest";

import { isJustOpened, nestedFolders } from "../../../../extension/core/nested.ts";

test("the folders of projects are the nearest first, each once, and none that is too deep or the open one itself", () => {
  const files = ["/m/pyproject.toml", "/m/b/uv.lock", "/m/b/pyproject.toml", "/m/a/x/pyproject.toml", "/m/1/2/3/4/5/6/7/pyproject.toml"];
  expect(nestedFolders("/m", files, "linux")).toEqual(["/m/b", "/m/a/x"]);
  const many = Array.from({ length: 300 }, (_, index) => `/m/p${index}/pyproject.toml`);
  expect(nestedFolders("/m", many, "linux")).toHaveLength(100);
});

test.each([
  [{}, true],
  [{ shellPath: "/bin/bash", shellArgs: ["-l"] }, true],
  [{ name: "Task - build" }, false],
  [{ shellPath: "/bin/bash", shellArgs: ["-c", "make"] }, false],
  [{ shellPath: "/usr/bin/make" }, false],
  [{ iconPath: {} }, false],
  [{ env: { A: "1" } }, false],
  [{ isUsed: true }, false],
  [{ hasEnded: true }, false],
])("a terminal asked for with %j is just opened by a person: %s", (options, just) => {
  expect(isJustOpened({ isUsed: false, hasEnded: false, ...options }, "/bin/bash")).toBe(just);
});
