import { describe, expect, test } from "vitest";

import { pickerRows } from "../../../../extension/core/picker.ts";
import { pythonThere } from "../../../../extension/core/remote.ts";
import { statusView } from "../../../../extension/core/statusView.ts";
import { viewRow } from "../../../../extension/core/view.ts";
import { answer, environment } from "./samples.ts";

const display = { platform: "linux", home: "/home/me" } as const;
const remote = environment({ kind: "remote", prefix: "dev@elsewhere:/srv/app/.venv", interpreter_path: null });

describe("what is started on another machine", () => {
  test.each([
    [["/src/app/jobs/report.py", "-v", "a b"], "linux", ["jobs/report.py", "-v", "a b"]],
    [["/src/app-two/report.py", "/etc/hosts", "jobs/x"], "linux", ["/src/app-two/report.py", "/etc/hosts", "jobs/x"]],
    [[], "linux", []],
  ] as const)("is told %j as %s has it relative to the project", (args, platform, expected) => {
    expect(pythonThere(args, "/src/app", platform)).toEqual(["python", ...expected]);
  });

  test("is told a path of Windows with slashes", () => {
    expect(pythonThere(["c:\\src\\app\\jobs\\report.py"], "C:\\src\\app", "win32")).toEqual(["python", "jobs/report.py"]);
  });
});

describe("an environment on another machine", () => {
  test("has a sign and a word of its own in the view, and nothing below it", () => {
    const row = viewRow({ kind: "environment", uri: "file:///src/app", environment: remote, answer: answer() }, display);
    expect(row).toMatchObject({ description: "3.12.4, default, remote", icon: { name: "remote" }, rows: "none" });
    expect(row.context.split(" ")).toContain("remote");
    expect(row.spoken).toContain("remote");
  });

  test("has them in the status bar", () => {
    const shown = statusView(answer({ environment: remote }), display);
    expect(shown).toMatchObject({ text: "$(remote) .venv 3.12.4", warning: false });
    expect(shown.spoken).toContain("remote");
  });

  test("is listed, and cannot be selected here", () => {
    const rows = pickerRows({ root: "/src/app", environments: [remote], pythons: [] }, display);
    expect(rows).toContainEqual(
      expect.objectContaining({
        label: "$(remote) .venv 3.12.4",
        description: "default, remote",
        action: expect.objectContaining({
          kind: "refuse",
          reason: ".venv: It is on another machine. The workflow there decides which environment is the default.",
        }) as unknown,
      }),
    );
  });
});
