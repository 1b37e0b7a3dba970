import { hostname } from "node:os";
import { setTimeout as rest } from "node:timers/promises";

import { expect, shown, test } from "./harness/index.ts";

test("Copy Diagnostics tells all that a report needs, and nothing that would tell of the user or open anything of theirs", { tags: ["slow"] }, async ({
  machine,
}) => {
  await machine.makeEnvironment("project/.venv");
  await machine.addProgram("hatch", "/bin/true");
  const settings = {
    "pythonWorkflow.workflow": { cmd: [`${machine.home}/mine`, "--token", "hunter2hunter2", "https://me:hunter2@index.example"] },
    "pythonWorkflow.trace.server": "verbose",
  };
  const workbench = await machine.open(machine.folder("project"), { settings });
  await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  // The helper has answered: it knows that the workflow cannot be started.
  await workbench.showsWarning();

  // From now on the log has the conversation with the helper too.
  await workbench.traceAll();
  await workbench.run("Python Workflow: Check Environment");
  await workbench.toast("home/mine does not exist").first().waitFor();

  // VS Code keeps to itself what would be the fourth notification within 0.8 seconds; no person is that fast.
  await rest(1_000);
  const report = async (): Promise<string> => {
    await workbench.run("Python Workflow: Copy Diagnostics");
    await workbench.toast("Diagnostics copied").first().waitFor();
    return workbench.page.evaluate(async () => navigator.clipboard.readText());
  };
  // The editor writes its log with a delay.
  await expect.poll(report, { ...shown, interval: 1_000 }).toContain("[trace] Sending request 'pythonWorkflow/about");
  const copied = await report();
  for (const part of [
    /^# Python Workflow: diagnostics/,
    /- Python Workflow: `\d/,
    /- Helper: `.* on CPython 3\./,
    /- Log level: `Trace`/,
    /\.venv \(3\..*~\/src\/project\/\.venv/,
    /- hatch: `~\/\.local\/bin\/hatch`/,
    /"pythonWorkflow\.trace\.server"/,
    /\[trace\] Received response 'pythonWorkflow\//,
    /Params: \{/,
  ]) {
    expect(copied).toMatch(part);
  }
  for (const secret of ["hunter2", machine.home, hostname()]) {
    expect(copied).not.toContain(secret);
  }

  // Once more, for a toast that is not about to go.
  await workbench.run("Notifications: Clear All Notifications");
  await workbench.run("Python Workflow: Copy Diagnostics");
  await workbench.pressToastButton("Diagnostics copied", "Show");
  await expect.poll(async () => workbench.editorText(), shown).toContain("# Python Workflow: diagnostics");
  await workbench.screenshot("diagnostics");
});
