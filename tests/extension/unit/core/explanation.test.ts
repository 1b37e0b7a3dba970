import { describe, expect, test } from "vitest";

import { answerLine, noTrailDocument, trailDocument, trailLines } from "../../../../extension/core/explanation.ts";
import type { ExplainResult } from "../../../../extension/protocol.ts";
import { answer, environment, nothing } from "./samples.ts";

const explained: ExplainResult = {
  root: "/src/project",
  workflow: {
    name: "hatch",
    rule: "W4",
    declared_in: "/src/project/pyproject.toml",
    launch: { cmd: ["hatch", "wsp"] },
    trusted: false,
  },
  environment: environment(),
  provisional: true,
  trail: [
    { rule: "root", outcome: "matched", detail: "the project root is /home/me/project" },
    { rule: "W4", outcome: "failed", detail: "hatch is not trusted." },
    { rule: "E1", outcome: "passed", detail: "Nothing was selected." },
    { rule: "E4", outcome: "matched", detail: "/src/project/.venv is an environment." },
  ],
};

const display = { platform: "linux", home: "/home/me" } as const;

describe("the trail as a document", () => {
  const text = trailDocument(explained, answer(), display);

  test("it starts with what was selected and why", () => {
    expect(text).toMatch(/^# Why this interpreter\?\n\n\*\*\.venv\*\*, Python 3\.12\.4\n\nIt is the project's/);
  });

  test("it names the paths, the workflow, where that is declared, and that it was not started", () => {
    expect(text).toContain("- Interpreter: `/src/project/.venv/bin/python`");
    expect(text).toContain("- Project root: `/src/project`");
    expect(text).toContain("- Workflow: hatch (rule W4), declared in `/src/project/pyproject.toml`");
    expect(text).toContain("not trusted, so it was not started");
    expect(text).toContain("read from files");
  });

  test("it has each step in order, below the question it answers, with the rule in plain words", () => {
    expect(text.slice(text.indexOf("\n## ")).trim().split("\n")).toEqual([
      "## Which folder is the project root?",
      "",
      "- ✓ the project root is \\~/project",
      "",
      "## Which workflow governs it?",
      "",
      "- ✗ W4, the workflow that the project declares: hatch is not trusted.",
      "",
      "## Which environment is its default?",
      "",
      "- · E1, what you selected before: Nothing was selected.",
      "- ✓ E4, `.venv` in the project: /src/project/.venv is an environment.",
    ]);
  });

  test("it says so when there is no environment, and what was passed over", () => {
    const answered = nothing({ problem: "`.venv` is broken" });
    const none = trailDocument({ ...explained, environment: null }, answered, display);
    expect(none).toContain("**No environment**");
    expect(none).toContain("**\\`.venv\\` is broken.**");
  });

  test("what a workflow server wrote last is a block of its own", () => {
    const trouble = { workflow: "serve.py", message: "it ended", output: "one\ntwo" };
    const shown = trailDocument(explained, answer({ problem: "it ended", trouble }), display);
    expect(shown).toContain("**It ended.**\n\n```text\none\ntwo\n```\n");
  });

  test("a rule that is not known here is shown by what it says", () => {
    const trail = [{ rule: "E99", outcome: "passed", detail: "later" } as const];
    expect(trailDocument({ ...explained, trail }, undefined, display)).toContain("\n- · later\n");
  });

  test("what a folder says cannot become markup", () => {
    const detail = "[click](command:evil) <img> `x` *b* [[folder]]\n# heading";
    const trail = [{ rule: "E5", outcome: "failed", detail } as const];
    const shown = trailDocument({ ...explained, root: "/a`b", trail }, undefined, display);
    expect(shown).toContain("[click]\\(command:evil) \\<img> \\`x\\` \\*b\\* [[folder]] # heading");
    expect(shown).toContain("``/a`b``");
    expect(shown).not.toContain("\n# heading");
  });

  test("a document without a trail tells the reason", () => {
    expect(noTrailDocument("The helper is gone.")).toContain("\nThe helper is gone.\n");
  });
});

describe("the trail in the log", () => {
  test("a step is a line", () => {
    expect(trailLines(explained.trail)[1]).toBe("W4 failed: hatch is not trusted.");
  });

  test("an answer is a line with the root, the environment and why", () => {
    expect(answerLine(answer({ provisional: true, problem: "Mind this." }))).toBe(
      "/src/project: .venv (3.12.4) at /src/project/.venv, provisionally. It is the project's .venv. Mind this.",
    );
    expect(answerLine(nothing())).toBe("/src/project: no environment. There is no environment here.");
  });

  test("in the log is said once what is both the problem and all there is to sum up", () => {
    const broken = "/src/project/.venv is broken";
    expect(answerLine(nothing({ summary: broken, problem: broken }))).toBe(`/src/project: no environment. ${broken}.`);
  });
});
