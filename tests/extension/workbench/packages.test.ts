import { expect, type Machine, minor, paths, shown, test } from "./harness/index.ts";

/** The packages of the project's environment, as the environment's own Python sees them. */
async function installed(machine: Machine): Promise<string> {
  const list = "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))";
  const argv = ["env", "run", "--folder", machine.folder("project"), "--", "python", "-c", list];
  return (await machine.wsp(...argv)).trim();
}

test("packages are installed and uninstalled from the palette and from the view, which follows", async ({ machine }) => {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.write(
    "project/pyproject.toml",
    '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = []\n\n[tool.uv]\npackage = false\n',
  );
  await machine.makeEnvironment("project/.venv");
  const workbench = await machine.open(machine.folder("project"));
  const { pick, view } = workbench;
  await workbench.showsStatus(/^\.venv/);
  await expect.poll(async () => workbench.log(), shown).toContain("was ready in");
  await view.open();
  await view.row(".venv").waitFor({ timeout: shown.timeout });
  await view.toggle(".venv");
  await view.row("Nothing is installed").waitFor();

  await workbench.run("Python Workflow: Manage Packages...");
  await pick.row("Install packages...").waitFor();
  expect(await pick.rows()).toEqual([expect.stringMatching(/not added to pyproject\.toml.*may remove them/)]);
  await workbench.screenshot("packages-none");
  await pick.fill("--editable");
  await pick.choose("Install --editable");
  await expect.poll(async () => pick.message(), shown).toContain("--editable is not the name of a package");
  await pick.enter("no-such-package-at-all");
  await expect.poll(async () => pick.message(), shown).toContain('No package named "no-such-package-at-all" was found.');
  await workbench.screenshot("packages-failed");
  await pick.enter("iniconfig>=2");
  await workbench.toast(/\.venv: iniconfig \d.* installed\. pyproject\.toml was not changed: a later sync may undo this/).waitFor({ timeout: shown.timeout });
  await pick.row("iniconfig").waitFor();
  await workbench.screenshot("packages-installed");
  await expect.poll(async () => installed(machine), shown).toBe("iniconfig");
  await pick.cancel();

  await view.row("iniconfig").waitFor();
  expect(await view.spoken("iniconfig")).toMatch(/^iniconfig, \d[\d.]*, package$/);
  await workbench.screenshot("packages-in-view");
  await view.press("iniconfig", "Uninstall Package");
  await workbench.toast(/\.venv: iniconfig \d.* removed/).waitFor();
  await view.row("Nothing is installed").waitFor();
  expect(await installed(machine)).toBe("");

  // A row of the list has its button, and what a terminal installs is seen too.
  const record = `project/.venv/lib/python${minor(paths.pythons[0] ?? "")}/site-packages/by_hand-1.0.dist-info`;
  await machine.write(`${record}/METADATA`, "Name: by-hand\nVersion: 1.0\n");
  await machine.write(`${record}/RECORD`, "by_hand-1.0.dist-info/METADATA,,\nby_hand-1.0.dist-info/RECORD,,\n");
  await view.row("by-hand").waitFor({ timeout: shown.timeout });
  await workbench.run("Python Workflow: Select Interpreter");
  await pick.pressButton(/\.venv/, "Manage Packages...");
  await pick.pressButton("by-hand", "Uninstall");
  await workbench.toast(/\.venv: by-hand 1\.0 removed/).waitFor();
  await pick.choose("Install packages...");
  await expect.poll(async () => pick.message(), shown).toContain("Packages to install, separated by spaces");

  // What refuses connections is no package that does not exist.
  await pick.enter("iniconfig @ http://127.0.0.1:9/iniconfig-2.0.0-py3-none-any.whl");
  await expect.poll(async () => pick.message(), shown).toContain("A package index could not be reached.");
  await workbench.screenshot("packages-refused");
});
