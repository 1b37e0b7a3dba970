import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "vitest";

import { expect, shown, test, type Machine, type Workbench } from "./harness/index.ts";

/** Resolves when the status bar item has the text. */
async function showsStatus(workbench: Workbench, text: string | RegExp): Promise<void> {
  await expect.poll(async () => workbench.status.text(), shown).toMatch(text);
}

/** Closes the editor for trust, which lies over the window and takes its keys. */
async function closeTrustEditor(workbench: Workbench): Promise<void> {
  const editor = workbench.page.locator(".workspace-trust-editor");
  await editor.getByText("You trust this folder").waitFor();
  await workbench.page.locator("[class*=modal-editor] .action-label.codicon-close").first().click();
  await editor.waitFor({ state: "hidden" });
}

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
  test("its interpreter is selected and explained by reading, and again once it is trusted", async ({
    machine,
  }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py");
    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

    await showsStatus(workbench, /^\.venv/);
    await workbench.screenshot("restricted");
    await workbench.run("Python Workflow: Create Environment");
    await workbench.toast("has to be trusted first").waitFor();
    await workbench.screenshot("restricted-create");

    await workbench.trust();
    await closeTrustEditor(workbench);
    await workbench.openFile(machine.folder("project", "main.py"));
    await showsStatus(workbench, /^\.venv/);
    await workbench.run("Python Workflow: Create Environment");
    await workbench.pick.enter("second");
    await workbench.pick.choose(/suits the project/);
    await showsStatus(workbench, /^second/);
  });

  test("none of its Pythons runs the helper, also when they lead PATH", async ({ machine }) => {
    const trace = await plantPythons(machine, "project/bin");
    await machine.makeEnvironment("project/.venv");
    const path = [machine.folder("project", "bin"), ".", "bin", machine.bin, "/usr/bin", "/bin"];
    // VS Code takes the PATH that a login shell has.
    await writeFile(join(machine.home, ".bash_profile"), `export PATH=${path.join(":")}\n`);

    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

    await showsStatus(workbench, /^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [server] = workbench.server.processes("dist/helper");
    expect(server?.command).toContain(`${machine.bin}/python3 `);
    expect(existsSync(trace)).toBe(false);
  });

  test("its settings choose neither a workflow nor the helper's Python", async ({ machine }) => {
    const trace = await plantPythons(machine, "planted");
    await machine.makeEnvironment("project/.venv");
    const settings = {
      "pythonWorkflow.workflow": "poetry",
      "pythonWorkflow.policy": "override",
      "pythonWorkflow.helperPython": machine.folder("planted", "python"),
    };
    await machine.write("project/.vscode/settings.json", JSON.stringify(settings));

    const workbench = await machine.open(machine.folder("project"));

    await showsStatus(workbench, /^\.venv/);
    await workbench.run("Python Workflow: Why This Interpreter?");
    await expect.poll(async () => workbench.editorText(), shown).toContain("Workflow: venv (rule W7)");
    expect(existsSync(trace)).toBe(false);
    await workbench.screenshot("workspace-settings");
  });
});

describe("the helper's Python", () => {
  test("the user's setting is used", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    const workbench = await machine.open(machine.folder("project"), {
      settings: { "pythonWorkflow.helperPython": "/usr/bin/python3" },
    });

    await showsStatus(workbench, /^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [server] = workbench.server.processes("dist/helper");
    expect(server?.command).toMatch(/^\/usr\/bin\/python3 /);
  });

  test("a preferred workflow of the user governs", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    const workbench = await machine.open(machine.folder("project"), {
      settings: { "pythonWorkflow.workflow": "poetry" },
    });

    await showsStatus(workbench, /^\.venv/);
    await workbench.run("Python Workflow: Why This Interpreter?");
    await expect.poll(async () => workbench.editorText(), shown).toContain("Workflow: poetry (rule W3)");
  });
});
