import { describe, expect, test } from "vitest";

import { statusView } from "../../../../extension/core/statusView.ts";
import { answer, environment, nothing, systemPython } from "./samples.ts";

describe("the status bar", () => {
  test("the project's environment is shown by name and version, without a warning", () => {
    const view = statusView(answer());
    expect(view).toMatchObject({ text: "$(python) .venv 3.12.4", warning: false });
    expect(view.tooltip).toContain("It is the project's .venv.");
    expect(view.tooltip).toContain("/src/project/.venv/bin/python");
  });

  test("an environment of unknown version is shown by its name alone", () => {
    const view = statusView(answer({ environment: environment({ python_version: null }) }));
    expect(view.text).toBe("$(python) .venv");
  });

  test("an environment that is not the project's own is a warning and says so", () => {
    const view = statusView(answer({ own: false, environment: environment({ name: "other" }) }));
    expect(view).toMatchObject({ text: "$(warning) other 3.12.4", warning: true });
    expect(view.tooltip).toContain("does not belong to this project");
  });

  test("a broken environment is a warning that tells what is wrong first", () => {
    const broken = environment({ status: { state: "broken", message: "Its Python is gone." } });
    const view = statusView(answer({ environment: broken }));
    expect(view.warning).toBe(true);
    expect(view.tooltip).toMatch(/^Its Python is gone\./);
  });

  test("without an environment the machine's Python is shown, as not the project's", () => {
    const view = statusView(nothing({ offer_create: true, system: systemPython() }));
    expect(view).toMatchObject({ text: "$(warning) Python 3.13.1", warning: true });
    expect(view.tooltip).toContain("the machine's, not the project's");
  });

  test("a list that needs a decision asks for one", () => {
    const view = statusView(nothing({ must_ask: true, problem: "Its last line is broken." }));
    expect(view).toMatchObject({ text: "$(warning) Select interpreter", warning: true });
    expect(view.tooltip).toContain("Its last line is broken.");
  });

  test("none by choice is no warning", () => {
    expect(statusView(nothing({ system: systemPython() }))).toMatchObject({
      text: "$(circle-slash) No interpreter",
      warning: false,
    });
  });

  test.each([{ offer_create: true }, { problem: ".venv is broken." }])(
    "none for want of one is a warning: %j",
    (changes) => {
      expect(statusView(nothing(changes)).warning).toBe(true);
    },
  );

  test("what was passed over is told beside what was selected", () => {
    expect(statusView(answer({ problem: "`.venv` is broken." })).tooltip).toContain("`.venv` is broken.");
  });

  test("a name cannot draw an icon or break the line, and a long one is cut", () => {
    const name = `$(sync~spin)\n${"x".repeat(200)}`;
    const { text } = statusView(answer({ environment: environment({ name }) }));
    expect(text.replace("$(python) ", "")).not.toMatch(/\$\(|\n/);
    expect(text.length).toBeLessThan(70);
  });
});
