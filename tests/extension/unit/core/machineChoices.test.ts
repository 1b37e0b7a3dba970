import { expect, test } from "vitest";

import { releaseRows, toolRows } from "../../../../extension/core/machineChoices.ts";

test("the Pythons to install are listed newest first, and another one can be entered", () => {
  expect(releaseRows(["3.9", "3.14", "3.10"]).map(({ label, value }) => [label, value])).toEqual([
    ["Python 3.14", "3.14"],
    ["Python 3.10", "3.10"],
    ["Python 3.9", "3.9"],
    ["Enter a version...", undefined],
  ]);
});

test("the tools to uninstall are those that are installed, and what was not understood lists none", () => {
  const printed = JSON.stringify({ tools: [{ name: "ruff", version: "0.17.6" }, { version: "1" }], bin: "/b" });
  expect(toolRows(printed)).toEqual([{ label: "ruff", description: "0.17.6", detail: "", value: "ruff" }]);
  expect(toolRows("no JSON")).toEqual([]);
  expect(toolRows("[]")).toEqual([]);
});
