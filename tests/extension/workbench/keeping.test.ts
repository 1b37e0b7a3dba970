import { readFile } from "node:fs/promises";

import { expect, paths, shown, test } from "./harness/index.ts";

/** A project of uv's that depends on `packages`. */
function project(...packages: readonly string[]): string {
  return `[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ${JSON.stringify(packages)}\n\n[tool.uv]\n`;
}

test("an environment that falls behind its project is hinted at, and synced by uv", { tags: ["slow"] }, async ({ machine }) => {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.write("project/pyproject.toml", project());
  await machine.write("project/main.py");
  await machine.wsp("env", "create", "--json", "--no-input", "--folder", machine.folder("project"));
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/^\.venv/);
  await workbench.run("Python Workflow: Check Environment");
  await workbench.toast(".venv is up to date").waitFor();

  await machine.write("project/pyproject.toml", project("iniconfig"));
  await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/Out of date: uv\.lock/);
  await workbench.screenshot("behind");

  await workbench.run("Python Workflow: Sync Environment");
  await workbench.toast(".venv is now up to date: 1 installed").waitFor();
  await expect.poll(async () => workbench.status.tooltip(), shown).not.toMatch(/Out of date/);
  expect(await readFile(machine.folder("project", "uv.lock"), "utf8")).toContain("iniconfig");

  // A mistake in the file is told of, with the way to it.
  await workbench.showsWarning(false);
  await machine.write("project/pyproject.toml", `${project("iniconfig")}[tool.demo]\nwrong wrong\n`);
  await workbench.showsWarning();
  await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/pyproject\.toml can't be read, line 9: /);
  const tooltip = await workbench.status.hover();
  await workbench.screenshot("file-problem");
  await tooltip.getByText("Show", { exact: true }).click();
  await workbench.tab("pyproject.toml").waitFor();
  await workbench.showsInStatusBar("Ln 9");
});
