import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { expect, shown, test } from "./harness/index.ts";

test("a project is created in a folder of its own and opened, and a script is written beside its files", { tags: ["slow"] }, async ({ machine }) => {
  const workbench = await machine.open();
  const { view } = workbench;
  await view.open();
  await view.pressWelcome("New Project");
  await workbench.pick.row("venv").first().waitFor();
  await workbench.screenshot("new-project-tool");
  await workbench.pick.choose("venv");
  await expect.poll(async () => workbench.pick.value(), shown).toBe("~/");
  await workbench.pick.fill("~/src/my project");
  await expect.poll(async () => workbench.pick.message(), shown).toContain("End with a name for the project");
  await workbench.pick.enter("~/src/demo");
  await workbench.toast("Created demo.").waitFor({ timeout: shown.timeout });
  await workbench.screenshot("new-project-created");
  expect(await readFile(machine.folder("demo", "pyproject.toml"), "utf8")).toContain('name = "demo"');

  await workbench.pressToastButton("Created demo.", "Open Folder");
  await workbench.page.waitForURL(/folder=.*demo/);
  await workbench.ready();
  await workbench.showsStatus(/./);
  await workbench.run("Python Workflow: New Script...");
  await workbench.pick.enter("tool");
  await workbench.tab("tool.py").waitFor();
  await workbench.screenshot("new-script");
  expect(existsSync(machine.folder("demo", "tool.py"))).toBe(true);
});
