import { existsSync } from "node:fs";

import { expect, shown, test } from "./harness/index.ts";

test("an environment is deleted once one agreed, one outside of the project after a second question, and it is no longer selected", async ({
  machine,
}) => {
  const inside = await machine.makeEnvironment("project/.venv");
  const outside = await machine.makeEnvironment("elsewhere/shared");
  await machine.write("project/.python-envs", "../elsewhere/shared\n");
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"));
  const { view } = workbench;
  await view.open();
  await view.row("shared").waitFor({ timeout: shown.timeout });
  await view.press("shared", "Use This Environment");
  await workbench.showsStatus(/^shared/);

  // It says where it really is, and Escape leaves all as it was.
  await workbench.run("Python Workflow: Delete Environment...");
  await workbench.pick.choose(/\.venv/);
  await workbench.dialog(inside).waitFor();
  await workbench.screenshot("delete-inside");
  await workbench.page.keyboard.press("Escape");
  expect(existsSync(inside)).toBe(true);

  await view.press(".venv", "Delete Environment");
  await workbench.pressDialogButton(inside, "Delete");
  await workbench.toast('Deleted ".venv".').waitFor();
  expect(existsSync(inside)).toBe(false);
  // VS Code shows three at a time, and this one is no faster to go than a person is to read it.
  await workbench.run("Notifications: Clear All Notifications");

  await view.press("shared", "Delete Environment");
  await workbench.pressDialogButton(outside, "Delete");
  await workbench.dialog(/shared is outside of the project/).waitFor();
  await workbench.screenshot("delete-outside");
  await workbench.page.keyboard.press("Escape");
  expect(existsSync(outside)).toBe(true);
  await view.press("shared", "Delete Environment");
  await workbench.pressDialogButton("shared", "Delete");
  await workbench.pressDialogButton("is outside of the project", "Delete Outside of the Project");
  await workbench.toast('Deleted "shared".').waitFor();
  expect(await workbench.toast('Deleted "shared".').innerText()).toContain("The project has no environment now.");
  await workbench.screenshot("delete-forgotten");
  expect(existsSync(outside)).toBe(false);
  const answer: unknown = JSON.parse(await machine.wsp("env", "list", "--json", "--folder", machine.folder("project")));
  expect(JSON.stringify(answer)).not.toContain("shared");
});

test("a broken environment is recreated, its folder is shown, and its paths are copied", async ({ machine }) => {
  const folder = machine.folder("project", ".venv");
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/.venv/pyvenv.cfg", "home = /gone/bin\nversion = 3.12.1\n");
  await machine.write("project/.venv/lib/left-over");
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"));
  const { view } = workbench;

  await workbench.showsStatus(/./);
  // Where a row of the list cannot be used, what mends it is beside it.
  await workbench.run("Python Workflow: Select Interpreter");
  await workbench.pick.pressButton(/\.venv/, "Recreate Environment");
  await workbench.pressDialogButton(folder, "Recreate");
  await workbench.toast(".venv was recreated.").waitFor();
  await workbench.showsStatus(/^\.venv 3\.\d+/);
  expect(existsSync(machine.folder("project", ".venv", "lib", "left-over"))).toBe(false);

  await view.open();
  await view.row(".venv").waitFor({ timeout: shown.timeout });
  await expect.poll(async () => view.icon(".venv"), shown).toBe("pass-filled");
  await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const [command, copied] of [
    ["Copy Environment Path", folder],
    ["Copy Interpreter Path", `${folder}/bin/python`],
  ] as const) {
    await workbench.run(`Python Workflow: ${command}`);
    await workbench.showsInStatusBar(`Copied ${copied}`);
    expect(await workbench.page.evaluate(async () => navigator.clipboard.readText())).toBe(copied);
  }

  await workbench.run("Python Workflow: Open Environment Folder");
  await workbench.page.locator('.explorer-folders-view .monaco-list-row.selected[aria-label^=".venv"]').waitFor();
  await workbench.screenshot("environment-folder");
});
