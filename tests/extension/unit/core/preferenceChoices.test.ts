import { describe, expect, test } from "vitest";

import type { PreferenceResult } from "../../../../extension/acts.ts";
import {
  commandWorkflow,
  nameOfWorkflow,
  preferenceList,
  whereRows,
  splitArguments,
} from "../../../../extension/core/preferenceChoices.ts";

const display = { platform: "linux", home: "/home/me" } as const;

const file: PreferenceResult = {
  file: "/home/me/.config/python-workflow/pyworkflow.toml",
  root: "/home/me/a",
  preferred: null,
  rule: null,
};

test("where a preference is kept is said with the file that every tool reads", () => {
  const rows = whereRows(file.file, display);
  expect(rows.map(({ choice }) => choice)).toEqual(["editor", "file"]);
  expect(rows[1]?.detail).toContain("~/.config/python-workflow/pyworkflow.toml");
});

describe("what can be taken back", () => {
  test("is all that was said, and nothing else", () => {
    expect(preferenceList({ editor: undefined, file, chosen: null }, display)).toEqual([]);
    const all = preferenceList(
      {
        editor: "hatch",
        file: { ...file, preferred: { name: "uv", policy: "override" }, rule: { workflow: null } },
        chosen: "nox",
      },
      display,
    );
    expect(all.map(({ choice, label }) => [choice.kind, label])).toEqual([
      ["editor", "hatch, in this editor"],
      ["file", "uv, in every tool"],
      ["rule", "Follow the project in ~/a"],
      ["chosen", "nox, chosen for ~/a"],
    ]);
  });
});

test.each([
  ["uv", "uv"],
  [" ", undefined],
  [null, undefined],
  [{ requires: "hatch", cmd: ["hatch", "wsp"] }, "hatch"],
  [{ script: "~/mine.py" }, "~/mine.py"],
  [{ cmd: [] }, undefined],
])("the workflow %j is called %s", (value, name) => {
  expect(nameOfWorkflow(value)).toBe(name);
});

test.each([
  ["hatch wsp", ["hatch", "wsp"]],
  ["  a   b ", ["a", "b"]],
  [`'/my tools/x' --flag="a b" ""`, ["/my tools/x", "--flag=a b", ""]],
  ["$HOME `x` a;b", ["$HOME", "`x`", "a;b"]],
  ["'open", undefined],
  ["  ", undefined],
])("the words of %j are %j", (typed, words) => {
  expect(splitArguments(typed)).toEqual(words);
});

test("a command goes with what it requires", () => {
  expect(commandWorkflow(["hatch", "wsp"], " hatch>=1.17, tomli ")).toEqual({
    requires: ["hatch>=1.17", "tomli"],
    cmd: ["hatch", "wsp"],
  });
  expect(commandWorkflow(["x"], " ")).toEqual({ cmd: ["x"] });
});
