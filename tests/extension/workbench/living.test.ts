import { expect, shown, test } from "./harness/index.ts";

test("each folder of a workspace has its own interpreter, and so has a nested project", async ({ machine }) => {
  for (const name of ["one", "two", "one/nested"]) {
    const own = name.replace("one/", "");
    await machine.makeEnvironment(`${name}/envs/of-${own}`);
    await machine.write(`${name}/.python-envs`, `envs/of-${own}\n`);
    await machine.write(`${name}/package/${own}.py`);
  }
  const folders = [machine.folder("one"), machine.folder("two")];

  const workbench = await machine.open(await machine.writeWorkspace("both", folders));

  await workbench.showsStatus(/^of-one/); // the first one's, without a file
  await workbench.openFile(machine.folder("two", "package", "two.py"));
  await workbench.showsStatus(/^of-two/);
  await workbench.screenshot("multi-root");
  await workbench.openFile(machine.folder("one", "nested", "package", "nested.py"));
  await workbench.showsStatus(/^of-nested/);
  await workbench.screenshot("nested");
  await workbench.openFile(machine.folder("one", "package", "one.py"));
  await workbench.showsStatus(/^of-one/);
});

test("what becomes of a .venv shows without being asked for, by a helper that was replaced or killed too", async ({
  machine,
}) => {
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"));
  await workbench.showsStatus(/^\.venv/);
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);

  // Before anything is created again: on Linux, VS Code reports nothing below a folder that appeared with all that is in it.
  const [first] = workbench.helperPids();
  expect(first).toBeDefined();
  process.kill(first ?? Number.NaN, "SIGKILL");
  await expect.poll(() => workbench.helperPids().filter((pid) => pid !== first), shown).toHaveLength(1);
  expect(await workbench.log()).toContain("The helper ended (SIGKILL)");
  await workbench.showsWhy("Which environment is its default?");
  await machine.remove("project/.venv/bin/python");
  await workbench.showsWarning();
  await workbench.screenshot("venv-broken-later");

  await machine.remove("project/.venv");
  await workbench.whyHas("No environment");
  await workbench.screenshot("venv-removed");
  await machine.makeEnvironment("project/.venv");
  await workbench.showsStatus(/^\.venv/);
  await workbench.screenshot("venv-made");

  const [second] = workbench.helperPids();
  expect(second).toBeDefined();
  const ends = (await workbench.log()).split("The helper ended").length;
  await workbench.run("Python Workflow: Restart Helper");
  await expect.poll(() => workbench.helperPids().includes(second ?? Number.NaN), shown).toBe(false);
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
  await workbench.showsStatus(/^\.venv/);
  expect((await workbench.log()).split("The helper ended")).toHaveLength(ends);
  await machine.remove("project/.venv");
  await workbench.showsStatus(/^(Python|No interpreter)/);
});
