import { readFile } from "node:fs/promises";

import { expect, paths, shown, test } from "./harness/index.ts";

const CHECK = `import os, sys
with open("checked.txt", "a") as file:
    file.write("|".join([sys.prefix, *sys.argv[1:]]) + "\\n")
`;

test("the scripts of pdm and hatch are tasks of the editor, also in tasks.json with arguments", async ({ machine }) => {
  for (const name of ["pdm", "hatch", "virtualenv"]) {
    await machine.addProgram(name, paths.tools[name] ?? "");
  }
  await machine.makeEnvironment("first/.venv");
  await machine.write("first/pyproject.toml", `[project]
name = "first"
version = "1"
requires-python = ">=3.10"

[tool.pdm]
distribution = false

[tool.pdm.scripts]
test = {cmd = "python check.py", help = "Check everything"}
`);
  await machine.write("first/check.py", CHECK);
  await machine.write("second/pyproject.toml", `[project]
name = "second"
version = "1"

[tool.hatch.envs.default]
skip-install = true
path = ".hatch-env"

[tool.hatch.envs.default.scripts]
check = "python check.py {args}"
`);
  await machine.write("second/check.py", CHECK);
  await machine.write("second/.vscode/tasks.json", JSON.stringify({
    version: "2.0.0",
    tasks: [{ label: "check twice", type: "pythonWorkflow", task: "check", args: ["again"] }],
  }));
  const folders = [machine.folder("first"), machine.folder("second")];
  const workbench = await machine.open(await machine.writeWorkspace("both", folders));
  const checked = async (folder: string): Promise<string> =>
    readFile(machine.folder(folder, "checked.txt"), "utf8").catch(() => "");
  await workbench.showsStatus(/^\.venv/);

  await workbench.runUntilListed("Tasks: Run Task", /pythonWorkflow/);
  await workbench.pick.choose(/pythonWorkflow/);
  await workbench.pick.row(/pdm: test/).first().waitFor();
  await workbench.screenshot("tasks");
  await workbench.pick.choose(/pdm: test/);
  await expect.poll(async () => checked("first"), shown).toBe(`${machine.folder("first", ".venv")}\n`);

  await workbench.runUntilListed("Tasks: Run Task", /check twice/);
  await workbench.pick.choose(/check twice/);
  await expect.poll(async () => checked("second"), shown).toMatch(/\.hatch-env\|again\n$/);
  await workbench.screenshot("tasks-ran");
});
