import { describe, expect, test } from "vitest";

import { diagnosticsDocument, type Facts, isAboutPython, lastLines } from "../../../../extension/core/diagnostics.ts";
import { answer, nothing } from "./samples.ts";

const step = { rule: "E4", outcome: "matched", detail: "/src/project/.venv" } as const;
const { environment, root, workflow } = answer();

const facts: Facts = {
  versions: { "Python Workflow": "0.1.0", Remote: "wsl" },
  about: {
    version: "0.1.0",
    python: "CPython 3.13.1",
    executable: "/usr/bin/python3",
    platform: "Linux-6.1-x86_64",
    tools: [
      { name: "uv", program: "/bin/uv", version: null },
      { name: "hatch", program: "/bin/hatch", version: "1.14" },
    ],
  },
  folders: [
    { path: "/src/project", answer: answer(), explained: { root, workflow, environment, provisional: false, trail: [step] } },
    {
      path: "/src/`odd`",
      answer: nothing({ trouble: { workflow: "mine", message: "It failed.", output: "``` ends here" } }),
      explained: "The helper did not answer in time.",
    },
    { path: "vscode-vfs://github/x", answer: undefined, explained: "It is not on this machine's disk." },
  ],
  settings: { "pythonWorkflow.workflow": { user: "uv" } },
  neighbors: [{ id: "ms-python.python", version: "2026.1.0", active: false }],
  log: "2026-01-01 [info] ready\n",
};

describe("the report", () => {
  const report = diagnosticsDocument(facts);

  test.each([
    "- Python Workflow: `0.1.0`",
    "- Remote: `wsl`",
    "- Helper: `0.1.0 on CPython 3.13.1, /usr/bin/python3`",
    "/src/project: .venv (3.12.4) at /src/project/.venv. It is the project's .venv.",
    "workflow: venv (W7)",
    "E4 matched: /src/project/.venv",
    "No trail: The helper did not answer in time.",
    "Its workflow wrote:",
    "No answer.",
    '"user": "uv"',
    "- uv: `/bin/uv`",
    "- hatch 1.14: `/bin/hatch`",
    "- ms-python.python 2026.1.0 (not active)",
    "2026-01-01 [info] ready",
  ])("has %s", (line) => {
    expect(report).toContain(line);
  });

  test("cannot be broken out of by what folders and workflows say", () => {
    expect(report).toContain("`` /src/`odd` ``");
    expect(report).toContain("````text\n");
  });

  test("says where there is nothing to tell", () => {
    const empty = { ...facts, about: "It does not run.", folders: [], settings: {}, neighbors: [], log: "" };

    expect(diagnosticsDocument(empty)).toContain("- Helper: `It does not run.`");
    expect(diagnosticsDocument(empty)).toContain("## Folders\n\nNone is open.");
    expect(diagnosticsDocument(empty).match(/^None\.$/gm)).toHaveLength(4);
  });
});

test.each([
  [{ name: "python", isBuiltin: false }, true],
  [{ name: "x", displayName: "Ruff" }, true],
  [{ name: "x", keywords: ["a", "Python"] }, true],
  [{ name: "x", activationEvents: ["onLanguage:python"] }, true],
  [{ name: "python", isBuiltin: true }, false],
  [{ name: "monty-pythonesque", keywords: ["a"] }, false],
  [{ name: "theme" }, false],
  [undefined, false],
])("an extension with the manifest %j has to do with Python: %s", (manifest, expected) => {
  expect(isAboutPython(manifest)).toBe(expected);
});

test("the last lines are those before the end", () => {
  expect(lastLines("a\nb\nc\n", 2)).toBe("b\nc");
  expect(lastLines("a", 2)).toBe("a");
});
