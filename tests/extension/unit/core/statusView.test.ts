import { describe, expect, test } from "vitest";

import { helperlessView, statusView, type StatusView } from "../../../../extension/core/statusView.ts";
import type { Answer } from "../../../../extension/protocol.ts";
import { answer, environment, nothing, systemPython } from "./samples.ts";

/** The view of an answer on a machine whose home folder is `/home/me`. */
function viewOf(shown: Answer): StatusView {
  return statusView(shown, { platform: "linux", home: "/home/me" });
}

describe("the status bar", () => {
  test("the project's environment is shown by name and version, without a warning", () => {
    const view = viewOf(answer());
    expect(view).toMatchObject({ text: "$(python) .venv 3.12.4", warning: false });
    expect(view.tooltip).toContain("It is the project's .venv.");
    expect(view.tooltip).toContain("/src/project/.venv/bin/python");
  });

  test("an environment of unknown version is shown by its name alone", () => {
    const view = viewOf(answer({ environment: environment({ python_version: null }) }));
    expect(view.text).toBe("$(python) .venv");
  });

  test("an environment that is not the project's own needs no attention, and says so", () => {
    const view = viewOf(answer({ own: false, environment: environment({ name: "other" }) }));
    expect(view).toMatchObject({ text: "$(python) other 3.12.4", warning: false });
    expect(view.tooltip).toContain("does not belong to this project");
  });

  test("a broken environment is a warning that tells what is wrong", () => {
    const broken = environment({ status: { state: "broken", message: "Its Python is gone." } });
    const view = viewOf(answer({ environment: broken }));
    expect(view.warning).toBe(true);
    expect(view.tooltip).toContain("$(warning) Its Python is gone.");
  });

  test("a problem beside a good environment is a warning, as where a parent's is inherited", () => {
    const view = viewOf(answer({ problem: "nested/.venv is broken: make it again with `uv venv`" }));
    expect(view).toMatchObject({ text: "$(warning) .venv 3.12.4", warning: true });
  });

  test("without an environment the machine's Python is shown, as not the project's", () => {
    const view = viewOf(nothing({ offer_create: true, system: systemPython() }));
    expect(view).toMatchObject({ text: "$(python) Python 3.13.1", warning: false });
    expect(view.tooltip).toContain("the machine's, not the project's");
  });

  test("a list that needs a decision asks for one", () => {
    const view = viewOf(nothing({ must_ask: true, problem: "Its last line is broken." }));
    expect(view).toMatchObject({ text: "$(warning) Select interpreter", warning: true });
    expect(view.tooltip).toContain("Its last line is broken.");
  });

  test("none by choice is no warning", () => {
    expect(viewOf(nothing({ system: systemPython() }))).toMatchObject({
      text: "$(circle-slash) No interpreter",
      warning: false,
    });
  });

  test.each([{ offer_create: true }, { problem: ".venv is broken." }])(
    "none for want of one is a warning: %j",
    (changes) => {
      expect(viewOf(nothing(changes)).warning).toBe(true);
    },
  );

  test("what was passed over is told beside what was selected", () => {
    const view = viewOf(answer({ problem: "`.venv` is broken." }));
    expect(view.tooltip).toContain("\\`.venv\\` is broken.");
  });

  test("a name cannot draw an icon or break the line, and a long one is cut", () => {
    const name = `$(sync~spin)\n${"x".repeat(200)}`;
    const { text } = viewOf(answer({ environment: environment({ name }) }));
    expect(text.replace("$(python) ", "")).not.toMatch(/\$\(|\n/);
    expect(text.length).toBeLessThan(70);
  });

  test("the tooltip says what and why, then the problem, then where, in sentences with short paths", () => {
    const root = "/home/me/src/my_project";
    const view = viewOf(
      answer({
        root,
        summary: `${root}/.venv is the .venv of ${root}`,
        problem: `you selected /home/me/envs/x, but it is gone`,
        environment: environment({ interpreter_path: `${root}/.venv/bin/python` }),
      }),
    );
    expect(view.tooltip.split("\n\n")).toEqual([
      "**.venv** · Python 3.12.4",
      ".venv is the .venv of \\~/src/my\\_project.",
      "Workflow: venv (the built-in fallback)",
      "---",
      "$(warning) You selected \\~/envs/x, but it is gone.",
      "---",
      "`~/src/my_project/.venv/bin/python`",
      "Click to select another interpreter.",
    ]);
  });

  test("what a workflow server wrote last is shown as it wrote it, cut to a few lines", () => {
    const trouble = { workflow: "serve.py", message: "it ended", output: "1\n2\n3\n4\n```\n5" };
    const { tooltip } = viewOf(answer({ problem: "it ended", trouble }));
    expect(tooltip).toContain("$(warning) It ended.\n\n````text\n3\n4\n```\n5\n````");
  });

  test("a reason that is also the problem is told once", () => {
    const { tooltip } = viewOf(nothing({ summary: "x is broken", problem: "x is broken" }));
    expect(tooltip.match(/X is broken/gi)).toHaveLength(1);
  });

  test("what a folder says cannot draw an icon or become a link in the tooltip", () => {
    const { tooltip } = viewOf(answer({ problem: "$(trash) [click](command:evil) <b>" }));
    expect(tooltip).toContain("\\$(trash) [click]\\(command:evil) \\<b>");
  });

  test("a file of the project that does not parse is a warning, with a button to the line", () => {
    const display = { platform: "linux", home: "/home/me" } as const;
    const file = { path: "/src/project/pyproject.toml", message: "Expected '='", line: 2, column: 4 };
    const view = statusView(answer(), display, { fileProblems: [file] });
    expect(view).toMatchObject({ text: "$(warning) .venv 3.12.4", warning: true });
    expect(view.tooltip).toContain("pyproject.toml can't be read, line 3: Expected '='.");
    const args = encodeURIComponent(JSON.stringify([file.path, 2, 4]));
    expect(view.tooltip).toContain(`[Show](command:pythonWorkflow.showFileProblem?${args})`);
    expect(view.spoken).toContain("warning. pyproject.toml can't be read, line 3");
    const withProblem = answer({ problem: `${file.path}: is not valid TOML: Expected '=' (at line 3)` });
    expect(statusView(withProblem, display, { fileProblems: [file] }).tooltip.match(/Expected/g)).toHaveLength(1);
  });

  test("a broken environment can be recreated, and one that is out of sync synced, by a button of the tooltip", () => {
    const display = { platform: "linux", home: "/home/me" } as const;
    const broken = environment({ status: { state: "broken", message: "Its Python is gone." } });
    expect(statusView(answer({ environment: broken }), display).tooltip).toContain("[Recreate](command:pythonWorkflow.recreateEnvironment?");
    expect(statusView(answer(), display, { outOfSync: "uv.lock is older" }).tooltip).toMatch(
      /Out of date: uv.lock is older. \[Sync Environment\]\(command:pythonWorkflow.syncEnvironment\?[^)(]*\)/,
    );
  });

  test("without a helper the reason is shown", () => {
    expect(helperlessView("No Python.")).toMatchObject({ warning: true });
    expect(helperlessView("No Python.").tooltip).toContain("No Python.");
  });
});

describe("what screen readers say", () => {
  const spoken = (shown: Answer, outOfSync?: string): string =>
    statusView(shown, { platform: "linux", home: "/home/me" }, { outOfSync }).spoken;

  test("is the name, the version and why, without the icons", () => {
    expect(spoken(answer())).toBe("Python interpreter: .venv 3.12.4. It is the project's .venv.");
  });

  test("says a warning with its cause, and that an environment fell behind", () => {
    expect(spoken(answer({ problem: "The list is broken." }))).toBe(
      "Python interpreter: .venv 3.12.4, warning. The list is broken.",
    );
    expect(spoken(answer(), "uv.lock is newer")).toContain(".venv 3.12.4, out of date.");
  });

  test("says that there is none, as a warning only where nobody chose that", () => {
    expect(spoken(nothing({ offer_create: true }))).toMatch(/: No interpreter, warning\./);
    expect(spoken(nothing())).toMatch(/: No interpreter\. /);
  });
});
