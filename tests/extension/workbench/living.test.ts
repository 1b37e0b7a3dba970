import { describe } from "vitest";

import { expect, shown, test } from "./harness/index.ts";

describe("several projects in one window", () => {
  test("a file of a nested project shows its own interpreter", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py");
    await machine.makeEnvironment("project/nested/envs/inner");
    await machine.write("project/nested/.python-envs", "envs/inner\n");
    await machine.write("project/nested/package/deep.py");

    const workbench = await machine.open(machine.folder("project"));

    await workbench.showsStatus(/^\.venv/);
    await workbench.openFile(machine.folder("project", "nested", "package", "deep.py"));
    await workbench.showsStatus(/^inner/);
    await workbench.screenshot("nested");
    await workbench.openFile(machine.folder("project", "main.py"));
    await workbench.showsStatus(/^\.venv/);
  });

  test("each folder of a workspace has its own interpreter, the first one's without a file", async ({
    machine,
  }) => {
    for (const name of ["one", "two"]) {
      await machine.makeEnvironment(`${name}/envs/of-${name}`);
      await machine.write(`${name}/.python-envs`, `envs/of-${name}\n`);
      await machine.write(`${name}/${name}.py`);
    }
    const folders = [machine.folder("one"), machine.folder("two")];

    const workbench = await machine.open(await machine.writeWorkspace("both", folders));

    await workbench.showsStatus(/^of-one/);
    await workbench.openFile(machine.folder("two", "two.py"));
    await workbench.showsStatus(/^of-two/);
    await workbench.screenshot("multi-root");
    await workbench.openFile(machine.folder("one", "one.py"));
    await workbench.showsStatus(/^of-one/);
  });
});

describe("while a folder is open", () => {
  test("a .venv that is removed and made again shows without being asked for", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);

    await machine.remove("project/.venv");
    await workbench.showsStatus(/^(Python|No interpreter)/);
    await workbench.screenshot("venv-removed");

    await machine.makeEnvironment("project/.venv");
    await workbench.showsStatus(/^\.venv/);
    await workbench.screenshot("venv-made");
  });

  test("a .venv that breaks shows as a warning without being asked for", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);

    await machine.remove("project/.venv/bin/python");
    await workbench.showsWarning();
    await workbench.screenshot("venv-broken-later");
  });

  test("a helper that is killed comes back, and goes on answering", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [first] = workbench.helperPids();
    expect(first).toBeDefined();

    process.kill(first ?? Number.NaN, "SIGKILL");

    await expect.poll(() => workbench.helperPids().filter((pid) => pid !== first), shown).toHaveLength(1);
    await machine.remove("project/.venv");
    await workbench.showsWhy("No environment");
    await workbench.screenshot("helper-killed");
  });

  test("Restart Helper replaces the one that runs", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    const [first] = workbench.helperPids();

    await workbench.run("Python Workflow: Restart Helper");

    await expect.poll(() => workbench.helperPids().includes(first ?? Number.NaN), shown).toBe(false);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    await workbench.showsStatus(/^\.venv/);
  });
});
