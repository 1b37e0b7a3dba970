import { expect, test } from "vitest";

import { nestedFolders } from "../../../../extension/core/nested.ts";

test("the folders of projects are the nearest first, each once, and none that is too deep or the open one itself", () => {
  const files = ["/m/pyproject.toml", "/m/b/uv.lock", "/m/b/pyproject.toml", "/m/a/x/pyproject.toml", "/m/1/2/3/4/5/6/7/pyproject.toml"];
  expect(nestedFolders("/m", files, "linux")).toEqual(["/m/b", "/m/a/x"]);
  const many = Array.from({ length: 300 }, (_, index) => `/m/p${index}/pyproject.toml`);
  expect(nestedFolders("/m", many, "linux")).toHaveLength(100);
});
