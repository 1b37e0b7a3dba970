import { existsSync } from "node:fs";

import { describe } from "vitest";

import { expect, shown, test } from "./harness/index.ts";

describe("on opening a folder", () => {
  test("its .venv is selected, the tooltip and a document say why, and a file outside leaves it as it is", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.write("project/main.py", "print('hello')\n");
    await machine.write("elsewhere/pyproject.toml", '[project]\nname = "elsewhere"\nversion = "1"\n');
    const outside = await machine.write("elsewhere/main.py");

    const workbench = await machine.open(machine.folder("project"));

    await workbench.showsStatus(/^\.venv 3\.\d+/);
    expect(await workbench.status.kind()).toBe("standard");
    await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(
      /\.venv is the \.venv of ~\/src\/project\.[^]*~\/src\/project\/\.venv\/bin\/python/,
    );
    await workbench.screenshot("selection-venv");

    await workbench.openFile(outside);
    await workbench.showsWhy("Which environment is its default?");
    await workbench.screenshot("why");
    await workbench.showsStatus(/^\.venv/);
  });

  test("each folder is read as it is: a .venv file, .python-envs, what is broken, what is not Python", { tags: ["slow"] }, async ({ machine }) => {
    await machine.makeEnvironment("elsewhere/shared");
    await machine.write("redirect/.venv", "../elsewhere/shared\n");
    await machine.makeEnvironment("list/envs/first");
    await machine.makeEnvironment("list/envs/last");
    await machine.write("list/.python-envs", "envs/first\nenvs/last\n");
    await machine.write("broken/.venv/pyvenv.cfg", "home = /gone/bin\nversion = 3.12.1\n");
    await machine.makeEnvironment("parent/.venv");
    await machine.write("parent/nested/pyproject.toml", '[project]\nname = "nested"\nversion = "1"\n');
    await machine.write("parent/nested/.venv", "gone\n");
    for (const file of ["redirect/redirect.py", "list/list.py", "broken/broken.py", "parent/parent.py", "parent/nested/nested.py"]) {
      await machine.write(file);
    }
    await machine.write("notes/README.md", "# Not Python\n");
    const names = ["redirect", "list", "broken", "parent", "notes"];
    const workspace = await machine.writeWorkspace("all", names.map((name) => machine.folder(name)));

    const workbench = await machine.open(workspace);

    await workbench.showsStatus(/^shared 3\.\d+/); // the first folder's, without a file
    await expect.poll(async () => workbench.status.tooltip(), shown).toContain("~/src/elsewhere/shared/bin/python");
    await workbench.screenshot("selection-redirect");

    await workbench.openFile(machine.folder("list", "list.py"));
    await workbench.showsStatus(/^last 3\.\d+/);
    await workbench.screenshot("selection-python-envs");

    await workbench.openFile(machine.folder("broken", "broken.py"));
    await workbench.showsWarning();
    await expect.poll(async () => workbench.status.tooltip(), shown).toContain(".venv");
    await workbench.screenshot("selection-broken");

    await workbench.openFile(machine.folder("parent", "parent.py"));
    await workbench.showsStatus(/^\.venv/);
    await workbench.showsWarning(false);
    await workbench.openFile(machine.folder("parent", "nested", "nested.py"));
    await workbench.showsWarning();
    await workbench.showsStatus(/^\.venv 3\.\d+/);
    await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/Inherited from ~\/src\/parent[^]*gone/);
    await workbench.screenshot("selection-inherited");

    await workbench.openFile(machine.folder("notes", "README.md"));
    await expect.poll(async () => workbench.status.isVisible(), shown).toBe(false);
    await workbench.screenshot("selection-not-python");
  });

  test("a .python-envs whose last line cannot be used asks for a choice", async ({ machine }) => {
    await machine.makeEnvironment("project/envs/first");
    await machine.write("project/.python-envs", "envs/first\nenvs/gone\n");

    const workbench = await machine.open(machine.folder("project"));

    await workbench.showsStatus("Select interpreter");
    expect(await workbench.status.kind()).toBe("warning");
    await workbench.toast("envs/gone").waitFor();
    await workbench.screenshot("selection-must-ask");
    await workbench.pressToastButton("envs/gone", "Select Interpreter");
    await workbench.pick.choose(/first/);
    await workbench.showsStatus(/^first 3\.\d+/);
  });

  test("a Python folder without an environment is offered one", async ({ machine }) => {
    await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1"\n');

    const workbench = await machine.open(machine.folder("project"));

    await workbench.toast("No Python environment in project").waitFor();
    await workbench.screenshot("selection-none");
    await workbench.pressToastButton("No Python environment in project", "Create Environment");
    await workbench.pick.choose("venv");
    await workbench.pick.replace(".venv", ".venv");
    await workbench.pick.choose(/Recommended/);
    await workbench.showsStatus(/^\.venv 3\.\d+/);
    await workbench.screenshot("selection-created");
  });

  test("folders without an environment are told of together, and the one that is chosen gets one", { tags: ["slow"] }, async ({ machine }) => {
    for (const name of ["one", "two"]) {
      await machine.write(`${name}/pyproject.toml`, `[project]\nname = "${name}"\nversion = "1"\n`);
    }
    const folders = ["one", "two"].map((name) => machine.folder(name));

    const workbench = await machine.open(await machine.writeWorkspace("both", folders));

    const notification = workbench.toast("No Python environment in one, two.");
    await notification.waitFor();
    expect(await workbench.page.locator(".notification-toast").count()).toBe(1);
    await workbench.screenshot("selection-none-of-several");
    await notification.locator(".monaco-button", { hasText: "Create Environment" }).click();
    await workbench.pick.choose("two");
    await workbench.pick.choose("venv");
    await workbench.pick.replace(".venv", ".venv");
    await workbench.pick.choose(/Recommended/);
    await expect.poll(() => existsSync(machine.folder("two", ".venv", "pyvenv.cfg")), shown).toBe(true);
    expect(existsSync(machine.folder("one", ".venv"))).toBe(false);
  });
});

describe("choosing", () => {
  test("the list begins with what can be done, and a path that is wrong is refused in the box", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.makeEnvironment("elsewhere/other");
    await machine.write("elsewhere/notes.txt", "no interpreter");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);

    await workbench.run("Python Workflow: Select Interpreter");
    await expect.poll(async () => (await workbench.pick.rows()).length, shown).toBeGreaterThan(4);
    const rows = await workbench.pick.rows();
    expect(rows[0]).toContain("Create environment");
    expect(rows[1]).toContain("Enter path");
    expect(rows[2]).toContain("Elsewhere on this machine");
    expect(rows[3]).toContain("No interpreter here");
    await workbench.screenshot("picker-actions");

    await workbench.pick.choose(/Enter path/);
    await workbench.page.getByPlaceholder("/.../bin/python").waitFor();
    await workbench.pick.enter("/nowhere/python");
    await expect.poll(async () => workbench.pick.message(), shown).toContain("/nowhere/python doesn't exist.");
    await workbench.pick.enter(machine.folder("elsewhere", "notes.txt"));
    await expect.poll(async () => workbench.pick.message(), shown).toContain("notes.txt");
    await workbench.screenshot("picker-refused");
    await workbench.pick.enter(machine.folder("elsewhere", "other"));
    await workbench.pick.closed();
    await workbench.showsStatus(/^other/);
  });

  test("another interpreter, one from elsewhere, and none hold after a reload, and can be cleared again", async ({ machine }) => {
    await machine.makeEnvironment("project/.venv");
    await machine.makeEnvironment("project/envs/other");
    await machine.write("project/.python-envs", "envs/other\n");
    await machine.makeEnvironment("../.virtualenvs/shop");
    await machine.makeEnvironment("../lab/notes");
    const settings = { "pythonWorkflow.environmentFolders": ["~/lab"] };
    const workbench = await machine.open(machine.folder("project"), { settings });
    await workbench.showsStatus(/^\.venv/);

    await workbench.status.click();
    await workbench.pick.row(/other/).first().waitFor();
    await workbench.screenshot("selection-picker");
    await workbench.pick.choose(/other/);
    await workbench.showsStatus(/^other/);
    await workbench.reload();
    await workbench.showsStatus(/^other/);

    await workbench.status.click();
    await workbench.pick.row(/Elsewhere on this machine/).first().waitFor();
    expect((await workbench.pick.rows()).some((row) => row.includes("shop"))).toBe(false);
    await workbench.pick.choose(/Elsewhere on this machine/);
    await workbench.pick.row(/notes/).first().waitFor();
    await workbench.screenshot("selection-elsewhere");
    await workbench.pick.choose(/shop/);
    await workbench.showsStatus(/^shop/);

    await workbench.run("Python Workflow: Select Interpreter");
    await workbench.pick.choose(/No interpreter here/);
    await workbench.openFile(machine.folder("project", ".venv", "pyvenv.cfg"));
    await workbench.showsWhy("No environment");
    await workbench.screenshot("selection-none-by-choice");

    await workbench.run("Python Workflow: Clear Selection");
    await workbench.whyHas("Which environment is its default?");
    await workbench.showsStatus(/^\.venv/);
  });
});
