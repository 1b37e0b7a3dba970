import { readFile } from "node:fs/promises";

import { inRoot } from "../../../scripts/lib/paths.mjs";
import { expect, shown, test, type Machine } from "./harness/index.ts";

const RUFF = inRoot("test-fixtures", "extensions", "charliermarsh.ruff");
const SET = "Python Workflow: Set Interpreter for Other Extensions...";

async function settingsOf(machine: Machine): Promise<unknown> {
  const text = await readFile(machine.folder("project", ".vscode", "settings.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as unknown;
}

test("the interpreter settings of other extensions follow the selection, and are taken back", async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  await machine.makeEnvironment("project/envs/other");
  await machine.write("project/.python-envs", "envs/other\n.venv\n");
  await machine.write("project/.vscode/settings.json", JSON.stringify({ "ty.interpreter": "/mine" }));
  const workbench = await machine.open(machine.folder("project"), { extensions: [RUFF] });
  await workbench.openFile(await machine.write("project/main.py"));
  await workbench.showsStatus(/^\.venv/);

  await workbench.run(SET);
  await workbench.screenshot("tool-settings");
  await workbench.pick.accept();
  const inFolder = (name: string): string => `\${workspaceFolder}/${name}/bin/python`;
  await expect
    .poll(async () => settingsOf(machine), shown)
    .toEqual({ "ruff.interpreter": [inFolder(".venv")], "ty.interpreter": inFolder(".venv") });

  await workbench.run("Python Workflow: Select Interpreter");
  await workbench.pick.choose(/other/);
  await expect
    .poll(async () => settingsOf(machine), shown)
    .toEqual({ "ruff.interpreter": [inFolder("envs/other")], "ty.interpreter": inFolder("envs/other") });

  await workbench.run("Python Workflow: Remove Interpreter from Other Extensions");
  await expect.poll(async () => settingsOf(machine), shown).toEqual({ "ty.interpreter": "/mine" });
});

test("where no extension has such a setting, it is said, and a task of the user's gets the interpreter all the same", { tags: ["slow"] }, async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  const args = ["-c", "import sys; open('which.txt', 'w').write(sys.executable)"];
  const task = { label: "which", type: "process", command: "${command:pythonWorkflow.interpreterPath}", args, problemMatcher: [] };
  await machine.write("project/.vscode/tasks.json", JSON.stringify({ version: "2.0.0", tasks: [task] }));
  const workbench = await machine.open(machine.folder("project"));
  await workbench.openFile(await machine.write("project/main.py"));
  await workbench.showsStatus(/^\.venv/);

  await workbench.run(SET);
  await workbench.toast("No installed extension has a setting").waitFor();
  await workbench.runUntilListed("Tasks: Run Task", /which/);
  await workbench.pick.choose(/which/);
  await expect
    .poll(async () => readFile(machine.folder("project", "which.txt"), "utf8").catch(() => ""), shown)
    .toBe(machine.folder("project", ".venv", "bin", "python"));
});
