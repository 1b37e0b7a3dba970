import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";

import { describe } from "vitest";

import { expect, shown, test, type Machine } from "./harness/index.ts";

/** Puts programs named as Pythons into a folder; each leaves a file when it is run. Returns that file. */
async function plantPythons(machine: Machine, folder: string): Promise<string> {
  const trace = machine.folder("was-run");
  for (const name of ["python", "python3", "python3.14"]) {
    const file = await machine.write(`${folder}/${name}`, `#!/bin/sh\ntouch ${trace}\nexit 69\n`);
    await chmod(file, 0o755);
  }
  return trace;
}

describe("a folder that is not trusted", () => {
  test("its interpreter is selected and its environments are shown by reading, and once it is trusted they can be changed", async ({
    machine,
  }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py");
    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

    await workbench.showsStatus(/^\.venv/);
    await workbench.screenshot("restricted");
    await workbench.run("Python Workflow: Create Environment");
    await workbench.toast("Trust this workspace to create or change environments").waitFor();
    await workbench.screenshot("restricted-create");

    const { view } = workbench;
    await view.open();
    await expect.poll(async () => view.rows(), shown).toContainEqual(expect.stringMatching(/\.venv .*default/));
    expect(await view.buttons(".venv")).toEqual([]);
    await workbench.screenshot("view-restricted");
    // A row that the view draws again between press and release is not clicked.
    const opened = async (): Promise<boolean> => {
      await view.row("Manage Workspace Trust").click();
      return workbench.page.locator(".workspace-trust-editor").waitFor({ timeout: 5_000 }).then(() => true, () => false);
    };
    await expect.poll(opened, shown).toBe(true);
    await workbench.grantTrust();
    await expect.poll(async () => view.rows(), shown).not.toContain("Manage Workspace Trust");
    await expect.poll(async () => view.buttons(".venv"), shown).toContain("Delete Environment...");

    await workbench.openFile(machine.folder("project", "main.py"));
    await workbench.showsStatus(/^\.venv/);
    await workbench.run("Python Workflow: Create Environment");
    await workbench.pick.choose("venv");
    await workbench.pick.replace(".venv-2", "second");
    await workbench.pick.choose(/Recommended/);
    await workbench.showsStatus(/^second/);
  });

  test("none of its Pythons runs the helper, also when they lead PATH", async ({ machine }) => {
    const trace = await plantPythons(machine, "project/bin");
    await machine.makeEnvironment("project/.venv");
    await machine.setPath(machine.folder("project", "bin"), ".", "bin", machine.bin, "/usr/bin", "/bin");

    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

    await workbench.showsStatus(/^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [server] = workbench.server.processes("dist/helper");
    expect(server?.command).toContain(`${machine.bin}/python3 `);
    expect(existsSync(trace)).toBe(false);
  });

  test("its settings choose neither a workflow nor the helper's Python, and the user's own do", async ({ machine }) => {
    const trace = await plantPythons(machine, "planted");
    await machine.makeEnvironment("project/.venv");
    const settings = {
      "pythonWorkflow.workflow": "hatch",
      "pythonWorkflow.policy": "override",
      "pythonWorkflow.helperPython": machine.folder("planted", "python"),
    };
    await machine.write("project/.vscode/settings.json", JSON.stringify(settings));

    const workbench = await machine.open(machine.folder("project"), {
      settings: { "pythonWorkflow.helperPython": "/usr/bin/python3", "pythonWorkflow.workflow": "poetry" },
    });

    await workbench.showsStatus(/^\.venv/);
    await workbench.showsWhy("Workflow: poetry (rule W3)");
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [server] = workbench.server.processes("dist/helper");
    expect(server?.command).toMatch(/^\/usr\/bin\/python3 /);
    expect(existsSync(trace)).toBe(false);
    await workbench.screenshot("workspace-settings");
  });
});
