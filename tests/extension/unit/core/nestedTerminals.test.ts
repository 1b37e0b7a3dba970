import { expect, test } from "vitest";

import { isJustOpened } from "../../../../extension/core/nestedTerminals.ts";

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
])("a terminal opened with %j is just opened by a person: %s", (options, just) => {
  expect(isJustOpened({ isUsed: false, hasEnded: false, ...options }, "/bin/bash")).toBe(just);
});
