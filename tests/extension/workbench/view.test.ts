import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "vitest";

import { expect, type Machine, paths, shown, test, type Workbench } from "./harness/index.ts";
import { Terminal } from "./harness/terminal.ts";

/** A project of uv's that depends on `packages`. */
function project(...packages: readonly string[]): string {
  return `[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ${JSON.stringify(packages)}\n\n[tool.uv]\n`;
}

/** Wears a theme, as the settings of the workspace say it, and takes a picture in it. */
async function picture(machine: Machine, workbench: Workbench, theme: string, drawn: string, name: string): Promise<void> {
  await machine.write("project/.vscode/settings.json", JSON.stringify({ "workbench.colorTheme": theme }));
  await workbench.page.locator(`.monaco-workbench.${drawn}`).waitFor({ timeout: shown.timeout });
  await workbench.screenshot(name);
}

describe("the view Python Environments", () => {
  test("asks nothing before it is seen, shows each state, and looks for the machine's Pythons when their row is opened", async ({
    machine,
  }) => {
    await machine.addProgram("uv", paths.tools["uv"] ?? "");
    await machine.write("project/pyproject.toml", project());
    await machine.write("project/main.py");
    await machine.wsp("env", "create", "--json", "--no-input", "--folder", machine.folder("project"));
    await machine.makeEnvironment("project/envs/docs");
    await machine.write("project/envs/gone/pyvenv.cfg", "home = /gone/bin\nversion = 3.12.1\n");
    await machine.write("project/.python-envs", "envs/gone\nenvs/docs\n.venv\n");
    const workbench = await machine.open(machine.folder("project"));
    const { view } = workbench;
    const countRequests = async (method: string): Promise<number> =>
      (await workbench.log()).split(`Sending request 'pythonWorkflow/${method} `).length - 1;
    await workbench.showsStatus(/^\.venv/);
    await workbench.traceAll();
    await workbench.run("Python Workflow: Check Environment");
    await workbench.toast(".venv is up to date").waitFor();
    await expect.poll(async () => countRequests("check"), shown).toBeGreaterThan(0);
    expect([await countRequests("environments"), await countRequests("packages"), await countRequests("pythons")]).toEqual([0, 0, 0]);

    await view.open();
    await expect.poll(async () => view.rows(), shown).toEqual([
      expect.stringMatching(/^project\b/),
      expect.stringMatching(/^ {2}\.venv 3\.\d+\.\d+, default$/),
      expect.stringMatching(/^ {2}docs 3\.\d+\.\d+$/),
      "  gone 3.12.1, broken",
      "Pythons of this machine",
    ]);
    expect([await view.icon(".venv"), await view.icon("docs"), await view.icon("gone")]).toEqual([
      "pass-filled",
      "circle-large-outline",
      "error",
    ]);
    await expect.poll(async () => countRequests("environments"), shown).toBeGreaterThan(0);
    expect([await countRequests("packages"), await countRequests("pythons")]).toEqual([0, 0]);

    await machine.write("project/pyproject.toml", project("iniconfig"));
    await expect.poll(async () => view.icon(".venv"), shown).toBe("sync");
    expect(await view.spoken(".venv")).toMatch(/^\.venv, Python 3\.\d+\.\d+, default, out of date, environment, Out of date: /);
    expect(await view.spoken("gone")).toMatch(/^gone, Python 3\.12\.1, broken, environment, .*gone/);
    expect(await view.spoken("Pythons of this machine")).toBe("Pythons of this machine");
    expect(await countRequests("pythons")).toBe(0);

    await view.toggle("Pythons of this machine");
    await view.row(/^Python 3\.\d+(\.\d+)?$/).waitFor();
    // Once in all: not before.
    await expect.poll(async () => countRequests("pythons"), shown).toBe(1);

    await picture(machine, workbench, "Default Dark Modern", "vs-dark", "view-dark");
    await picture(machine, workbench, "Default High Contrast", "hc-black", "view-high-contrast");
    await picture(machine, workbench, "Default High Contrast Light", "hc-light", "view-high-contrast-light");
    await picture(machine, workbench, "Default Light Modern", "vs", "view-light");
  });

  test("what can be done with a row is under the mouse and, by keyboard, in its menu", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.makeEnvironment("project/envs/docs");
    await machine.write("project/envs/gone/pyvenv.cfg", "home = /gone/bin\nversion = 3.12.1\n");
    await machine.write("project/.python-envs", "envs/gone\nenvs/docs\n");
    await machine.write("project/main.py");
    await writeFile(join(machine.home, ".bashrc"), "PS1='$ '\n");
    const settings = { "terminal.integrated.gpuAcceleration": "off" };
    const workbench = await machine.open(machine.folder("project"), { settings });
    const { page, view } = workbench;
    await view.open();
    await view.row(".venv").waitFor({ timeout: shown.timeout });

    // A row that the view draws again under the mouse shows them once the mouse comes again.
    await expect.poll(async () => view.buttons("project"), shown).toEqual(["Create Environment"]);
    await expect.poll(async () => view.buttons(".venv"), shown).toEqual(["Sync Environment", "New Terminal in Environment", "Delete Environment..."]);
    await expect.poll(async () => view.buttons("gone"), shown).toEqual(["Recreate Environment", "Delete Environment..."]);
    await expect.poll(async () => view.buttons("docs"), shown).toEqual(["Use This Environment", "New Terminal in Environment", "Delete Environment..."]);
    await workbench.screenshot("view-buttons");
    await view.press("docs", "Use This Environment");
    await workbench.showsStatus(/^docs/);
    await expect.poll(async () => view.icon("docs"), shown).toBe("pass-filled");
    expect(await view.icon(".venv")).toBe("circle-large-outline");

    // From here without the mouse: the view, its row, the menu of the row.
    await workbench.run("View: Show Python Environments");
    await page.keyboard.press("Home");
    await view.typeAhead(".venv");
    expect(await view.menu()).toEqual([
      ...["Use This Environment", "Sync Environment", "Check Environment", "Recreate Environment"],
      "New Terminal in Environment",
      ...["Manage Packages...", "Install Packages..."],
      ...["Open Environment Folder", "Copy Environment Path", "Copy Interpreter Path"],
      "Delete Environment...",
    ]);
    await workbench.screenshot("view-menu");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(async () => view.icon(".venv"), shown).toBe("pass-filled");
    await page.keyboard.press("Delete");
    await workbench.dialog("Delete .venv?").waitFor();
    await page.keyboard.press("Escape");
    expect(existsSync(machine.folder("project", ".venv"))).toBe(true);
    await view.press("docs", "New Terminal in Environment");
    const inDocs = new Terminal(machine, workbench);
    await inDocs.ready();
    expect((await inDocs.state()).python).toBe(machine.folder("project", "envs", "docs", "bin", "python"));
    await inDocs.enter("exit");

    // A project inside is shown without a file of it, is checked as the folder is, and its terminals are of its own.
    const nested = await machine.makeEnvironment("project/nested/.venv");
    await machine.write("project/nested/pyproject.toml", '[project]\nname = "nested"\nversion = "1"\ndependencies = ["iniconfig"]\n');
    await view.row("project/nested").waitFor({ timeout: shown.timeout });
    await expect.poll(async () => view.rows(), shown).toContainEqual(expect.stringMatching(/^ {2}\.venv 3[\d.]+, default, out of date$/));
    await workbench.screenshot("view-nested");
    await workbench.run("File: Focus on Files Explorer");
    await page.locator('.explorer-folders-view .monaco-list-row[aria-label^="nested"]').click({ button: "right" });
    // A menu that has just opened passes over a click.
    const item = page.locator(".context-view .monaco-menu .action-label", { hasText: "Open in Integrated Terminal" });
    await item.waitFor();
    const chosen = async (): Promise<boolean> => {
      await item.click({ timeout: 5_000 }).catch(() => undefined);
      return item.isHidden();
    };
    await expect.poll(chosen, shown).toBe(true);
    const terminal = new Terminal(machine, workbench);
    await page.locator(".part.panel .single-terminal-tab", { hasText: "nested (.venv)" }).waitFor();
    await terminal.ready();
    expect((await terminal.state()).python).toBe(`${nested}/bin/python`);
    await workbench.screenshot("view-nested-terminal");
  });

  test("a folder without an environment is offered one, and shows it", { tags: ["slow"] }, async ({ machine }) => {
    await machine.write("project/main.py");
    const workbench = await machine.open(machine.folder("project"));
    const { view } = workbench;
    await view.open();
    await expect.poll(async () => view.welcome(), shown).toContain("This project has no Python environment yet.");
    await workbench.screenshot("view-none");

    await view.pressWelcome("Quick Create Environment");
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(async () => view.rows(), shown).toEqual([
      expect.stringMatching(/^project\b/),
      expect.stringMatching(/^ {2}\.venv 3\.\d+\.\d+, default, selected$/),
      "Pythons of this machine",
    ]);
    expect(await workbench.status.label()).toMatch(/^Python interpreter: \.venv 3\.\d+\.\d+\. .*\.venv/);
  });

  test("without a folder it offers to open one", async ({ machine }) => {
    const workbench = await machine.open();
    const { view } = workbench;
    await view.open();
    await expect.poll(async () => view.welcome(), shown).toContain("Open a folder");
    await workbench.screenshot("view-no-folder");
  });
});
