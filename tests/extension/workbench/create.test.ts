import { existsSync } from "node:fs";
import { chmod, readdir, readFile } from "node:fs/promises";

import { expect, minor, paths, pythonsOf, shown, test, workflowServer } from "./harness/index.ts";

test("an environment of another name and Python is made, redirected to, and selected", async ({ machine, skip, task }) => {
  const [, other = ""] = pythonsOf({ skip, task }, 2);
  const version = minor(other);
  await machine.addProgram(`python${version}`, other);
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/./);

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.row("venv").first().waitFor();
  expect((await workbench.pick.rows()).slice(0, 2)).toEqual([
    expect.stringMatching(/Quick create.*venv.*Create \.venv with the default Python/),
    expect.stringMatching(/^venv.*recommended/),
  ]);
  await workbench.screenshot("create-workflow");
  await workbench.pick.choose("venv");
  await expect.poll(async () => workbench.pick.value(), shown).toBe(".venv");
  await workbench.pick.fill("old");
  await workbench.screenshot("create-name");
  await workbench.pick.enter("old");
  await workbench.pick.row(new RegExp(`Python ${version.replace(".", "\\.")}`)).first().waitFor();
  await workbench.screenshot("create-python");
  await workbench.pick.choose(new RegExp(`Python ${version.replace(".", "\\.")}`));

  await workbench.showsStatus(`old ${version}`);
  await workbench.showsWarning(false);
  expect(await readFile(machine.folder("project", ".venv"), "utf8")).toMatch(/^old\r?\n/);
  const answer = async (): Promise<unknown> =>
    JSON.parse(await machine.wsp("env", "default", "--json", "--folder", machine.folder("project")));
  await expect.poll(answer, shown).toMatchObject({ environment: { name: "old", source: "selected" } });
});

test("a name that is taken is refused while it is typed, and what is cancelled on the way leaves nothing behind", { tags: ["slow"] }, async ({ machine }) => {
  // Stands for a uv that takes long: it makes half of the environment and waits.
  const slow = "#!/bin/sh\nfor folder; do :; done\nmkdir -p \"$folder/bin\" && sleep 300\n";
  await machine.write("../bin-of-uv/uv", slow);
  await chmod(machine.folder("..", "bin-of-uv", "uv"), 0o755);
  await machine.addProgram("uv", machine.folder("..", "bin-of-uv", "uv"));
  await machine.write("project/src/main.py");
  await machine.makeEnvironment("project/.venv");
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/^\.venv/);

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.choose("venv");
  await expect.poll(async () => workbench.pick.value(), shown).toBe(".venv-2");
  for (const taken of [".venv", "src"]) {
    await workbench.pick.fill(taken);
    await expect.poll(async () => workbench.pick.message(), shown).toContain(`${taken} already exists`);
  }
  await workbench.screenshot("create-taken");
  await workbench.pick.enter("half");
  await workbench.pick.choose(/Recommended/);
  await workbench.toast("Creating half").waitFor();
  await expect.poll(() => workbench.server.processes("sleep 300"), shown).toHaveLength(1);
  await workbench.screenshot("create-progress");
  await workbench.pressToastButton("Creating half", "Cancel");

  await expect.poll(() => workbench.server.processes("sleep 300"), shown).toEqual([]);
  await expect.poll(async () => readdir(machine.folder("project")), shown).toEqual([".venv", "src"]);
  expect(await workbench.toast("could not").count()).toBe(0);
});

test("where a .venv file names a folder of sources or none, nothing is offered or said that would delete it", { tags: ["slow"] }, async ({ machine }) => {
  // As of a project whose shell activates an environment by its name, which is that of its package, too.
  const source = await machine.write("shop/shop/__init__.py", "price = 1\n");
  await machine.write("shop/.venv", "shop\n");
  await machine.write("gone/main.py");
  await machine.write("gone/.venv", "old\n");
  const folders = [machine.folder("shop"), machine.folder("gone")];
  const workbench = await machine.open(await machine.writeWorkspace("both", folders));

  await workbench.openFile(source);
  await workbench.run("Python Workflow: Quick Create Environment");
  await workbench.showsStatus(/^\.venv-2 3\.\d+/);
  expect(await readFile(source, "utf8")).toBe("price = 1\n");
  expect(await readFile(machine.folder("shop", ".venv"), "utf8")).toBe("shop\n");

  await workbench.openFile(machine.folder("gone", "main.py"));
  await workbench.run("Python Workflow: Quick Create Environment");
  await workbench.pick.choose("Recreate .venv");
  await workbench.dialog("does not exist. It will be created").waitFor();
  await workbench.screenshot("recreate-gone");
  await workbench.pressDialogButton("does not exist", "Recreate");
  await workbench.showsStatus(/^old 3\.\d+/);
});

test("where a workflow server governs it makes the environment, and the result is selected", { tags: ["slow"] }, async ({ machine }) => {
  await machine.write("project/pyproject.toml", '[workflow]\nwsp = {script = "serve.py"}\n');
  await machine.write("project/serve.py", workflowServer());
  const workbench = await machine.open(machine.folder("project"));
  await expect.poll(() => existsSync(machine.folder("project", "was-run")), shown).toBe(true);

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.choose("serve.py");
  await expect.poll(async () => workbench.pick.value(), shown).toBe("default");
  await workbench.pick.enter("fresh");
  await workbench.pick.choose(/Recommended/);

  await workbench.showsStatus(/^fresh 3\.\d+/);
  expect(existsSync(machine.folder("project", "envs", "fresh", "pyvenv.cfg"))).toBe(true);
  expect(existsSync(machine.folder("project", ".venv"))).toBe(false);
  await workbench.screenshot("create-by-workflow");
});

test("a missing tool is installed by a button, quick create says what it installs, and asks a second time", async ({
  machine,
}) => {
  await machine.write("project/main.py");
  await machine.write("project/requirements.txt", "six\n");
  await machine.write("project/requirements-dev.txt", "iniconfig\n");
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/./);

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.row("Not installed").waitFor({ state: "detached" });
  await workbench.page.locator(".quick-input-list-separator", { hasText: "Not installed" }).waitFor();
  await workbench.screenshot("create-not-installed-apart");
  await workbench.pick.choose("Quick create");
  await workbench.showsStatus(/^\.venv 3\.\d+/);
  await workbench.toast("Created .venv and installed requirements.txt and requirements-dev.txt.").waitFor();

  await workbench.run("Python Workflow: Quick Create Environment");
  await workbench.pick.row("Recreate .venv").waitFor();
  await workbench.screenshot("create-second-time");
  await workbench.pick.choose("Create .venv-2");
  await workbench.showsStatus(/^\.venv-2 3\.\d+/);
  await workbench.run("Notifications: Clear All Notifications");

  // A package that there is not: in one sentence, which says what became of it.
  await machine.write("project/requirements.txt", "no-such-package-at-all\n");
  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.choose("venv");
  await workbench.pick.replace(".venv-3", "third");
  await workbench.pick.choose(/Recommended/);
  await workbench.pick.row("dev").waitFor();
  await workbench.pick.accept();
  const failed = workbench.toast('No package named "no-such-package-at-all" was found. Nothing was created.');
  await failed.waitFor({ timeout: shown.timeout });
  await workbench.screenshot("create-failed");
  expect(existsSync(machine.folder("project", "third"))).toBe(false);
  await machine.write("project/requirements.txt", "six\n");
  await failed.locator(".monaco-button", { hasText: "Try Again" }).click();
  await workbench.showsStatus(/^third 3\.\d+/);
  await workbench.run("Notifications: Clear All Notifications");

  await machine.write("project/tox.ini", "[tox]\nskipsdist = true\nenv_list = py\n");
  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.opened();
  await workbench.pick.fill("tox");
  await workbench.pick.choose("tox");
  await workbench.toast("tox is not installed.").waitFor();
  await workbench.screenshot("create-not-installed");
  await workbench.pressToastButton("tox is not installed.", "Install tox");
  await expect.poll(() => existsSync(`${machine.bin}/tox`), shown).toBe(true);
});

test("a way back leads to the question before, and groups and extras are installed as they were chosen", { tags: ["slow"] }, async ({
  machine,
}) => {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.write(
    "project/pyproject.toml",
    '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\n' +
      '[project.optional-dependencies]\ndocs = ["iniconfig"]\n[dependency-groups]\nlint = ["pluggy"]\n[tool.uv]\n',
  );
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/./);

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.choose("uv");
  await workbench.pick.row(/Recommended/).first().waitFor();
  await workbench.pick.back();
  await workbench.pick.choose("uv");
  await workbench.pick.choose(/Recommended/);
  await workbench.pick.tick("docs");
  await workbench.screenshot("create-groups");
  await workbench.pick.accept();

  await workbench.showsStatus(/^\.venv 3\.\d+/);
  const installed = async (): Promise<unknown> =>
    machine.wsp("env", "run", "--folder", machine.folder("project"), "--", "python", "-c", "import iniconfig");
  await expect(installed()).resolves.toBe("");
});
