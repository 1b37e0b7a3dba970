import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "vitest";

import { expect, shown, test, type Machine } from "./harness/index.ts";
import { Terminal } from "./harness/terminal.ts";

/** Terminals as text in the page, so that what they show can be read. */
const settings = { "terminal.integrated.gpuAcceleration": "off" };

/** The user's `~/.bashrc`, which puts a Python of theirs before all others. */
async function writeShellFiles(machine: Machine): Promise<void> {
  await machine.addProgram("python", "/usr/bin/python3");
  const first = `export PATH="${machine.bin}:$PATH"`;
  await writeFile(join(machine.home, ".bashrc"), `${first}\nPS1='$ '\n`);
}

/** The files at the top of the home folder, where shells keep theirs, with what is in them. */
async function filesOfHome(machine: Machine): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(machine.home, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const texts = await Promise.all(names.map(async (name) => readFile(join(machine.home, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}

describe("a new terminal", () => {
  test("opens in the environment of its folder, without a word typed into it or a file of the shell touched", async ({
    machine,
  }) => {
    await writeShellFiles(machine);
    for (const name of ["one", "two"]) {
      await machine.makeEnvironment(`${name}/.venv`);
      await machine.write(`${name}/main.py`);
    }
    const folders = [machine.folder("one"), machine.folder("two")];
    const before = await filesOfHome(machine);
    const workbench = await machine.open(await machine.writeWorkspace("both", folders), { settings });
    const settingsBefore = await workbench.settings();
    await workbench.showsStatus(/^\.venv/);

    const terminal = new Terminal(machine, workbench);
    for (const folder of folders) {
      await terminal.open({ folder: folder.slice(folder.lastIndexOf("/") + 1), environment: join(folder, ".venv") });
      const { python, typed, variables } = await terminal.state();
      expect(python).toBe(join(folder, ".venv", "bin", "python"));
      expect(variables).toMatchObject({ VIRTUAL_ENV: join(folder, ".venv"), PYTHON_WORKFLOW_ROOT: folder });
      expect(typed).toEqual([]);
    }
    await workbench.screenshot("terminals-two-folders");

    expect(await filesOfHome(machine)).toEqual(before);
    expect(await workbench.settings()).toEqual(settingsBefore);
  });

  test("follows a selection, says in those already open that there is another, and keeps to itself when turned off", { tags: ["slow"] }, async ({
    machine,
  }) => {
    await writeShellFiles(machine);
    await machine.makeEnvironment("project/.venv");
    await machine.makeEnvironment("project/envs/other");
    await machine.write("project/.python-envs", "envs/other\n");
    const root = machine.folder("project");
    const workbench = await machine.open(root, { settings });
    await workbench.showsStatus(/^\.venv/);
    const terminal = new Terminal(machine, workbench);
    await terminal.open({ environment: join(root, ".venv") });
    expect((await terminal.state()).python).toBe(join(root, ".venv", "bin", "python"));

    await workbench.run("Python Workflow: Select Interpreter");
    await workbench.pick.choose(/other/);
    await workbench.showsStatus(/^other/);
    await terminal.signs().first().waitFor();
    await terminal.signs().first().hover();
    const hover = workbench.page.locator(".workbench-hover .hover-contents", { hasText: "Python Workflow" });
    await expect.poll(async () => hover.innerText(), shown).toMatch(/new terminals open in other, Python 3[\d.]+\. /);
    await workbench.screenshot("terminals-changed");

    await terminal.open({ environment: join(root, "envs", "other") });
    expect((await terminal.state()).python).toBe(join(root, "envs", "other", "bin", "python"));

    await machine.write("project/.vscode/settings.json", JSON.stringify({ "pythonWorkflow.terminals": false }));
    await terminal.signs().nth(1).waitFor();
    await terminal.open();
    const { python, variables } = await terminal.state();
    expect(python).toBe(join(machine.bin, "python"));
    expect(variables).not.toHaveProperty("VIRTUAL_ENV");
    expect(variables).not.toHaveProperty("PYTHON_WORKFLOW_ROOT");
  });
});

test("a folder that is not trusted gives terminals nothing, and what it has once it is trusted", async ({
  machine,
}) => {
  await writeShellFiles(machine);
  await machine.makeEnvironment("project/.venv");
  const root = machine.folder("project");
  const workbench = await machine.open(root, { settings, trust: "restricted" });
  await workbench.showsStatus(/^\.venv/);
  const terminal = new Terminal(machine, workbench);
  await workbench.run("Terminal: Create New Terminal");
  await workbench.screenshot("terminals-restricted");
  await workbench.pressDialogButton(/trust/i, "Trust");
  await terminal.ready(join(root, ".venv"));
  expect((await terminal.state()).python).toBe(join(root, ".venv", "bin", "python"));
});
