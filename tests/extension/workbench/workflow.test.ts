import { existsSync, readlinkSync } from "node:fs";

import { describe } from "vitest";

import { expect, repository, shown, test, workflowServer } from "./harness/index.ts";
import type { Machine, Workbench } from "./harness/index.ts";

/** A project with a `.venv` whose own workflow keeps the environment `dev`. */
async function declareWorkflow(machine: Machine, project: string, source = workflowServer()): Promise<void> {
  await machine.write(`${project}/pyproject.toml`, '[workflow]\nwsp = {script = "serve.py"}\n');
  await machine.write(`${project}/serve.py`, source);
  await machine.write(`${project}/main.py`);
  await machine.makeEnvironment(`${project}/.venv`);
  await machine.makeEnvironment(`${project}/envs/dev`);
}

/** The workflow servers that run: a part of their command lines. */
function servers(workbench: Workbench, part = "serve.py"): readonly number[] {
  return workbench.server.processes(part).map(({ pid }) => pid);
}

describe("a workflow that is chosen for a folder", () => {
  test("is chosen and shown before trust, started after it, and taken back at the command line", async ({ machine }) => {
    await machine.write("project/main.py");
    await machine.makeEnvironment("project/.venv");
    await machine.write("mine/mine.py", workflowServer());
    await machine.makeEnvironment("mine/envs/own");
    const wasRun = machine.folder("mine", "was-run");
    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });
    await workbench.showsStatus(/^\.venv/);

    await workbench.run("Python Workflow: Choose Workflow for This Folder...");
    await workbench.pick.fill("Other");
    await workbench.pick.choose(/^Other/);
    await workbench.pick.replace("", machine.folder("mine", "mine.py"));
    await workbench.pick.closed();
    await workbench.showsWhy("Workflow: mine.py (rule W1)");
    await workbench.whyHas("was not started, because this folder is not trusted");
    expect(existsSync(wasRun)).toBe(false);
    await workbench.screenshot("choose-workflow-restricted");

    await workbench.trust();
    await workbench.showsStatus(/^own/);
    expect(existsSync(wasRun)).toBe(true);

    await machine.wsp("workflow", "unset", "--choice", "--folder", machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);
  });
});

describe("a workflow that the project declares", () => {
  test("is started once the folder is trusted, never before, is explained, and yields to the one that is chosen", async ({
    machine,
  }) => {
    await declareWorkflow(machine, "project");
    const wasRun = machine.folder("project", "was-run");
    const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

    await workbench.showsStatus(/^\.venv/);
    await workbench.showsWhy("not trusted");
    expect(existsSync(wasRun)).toBe(false);
    await workbench.screenshot("workflow-restricted");

    await workbench.trust();
    await workbench.showsStatus(/^dev/);
    expect(existsSync(wasRun)).toBe(true);
    await workbench.showsWhy("✓ E3, the default that the governing workflow reports: ~/src/project/envs/dev is the default of the workflow serve.py");
    await workbench.screenshot("workflow-trusted");

    // A preview that is loaded anew, as its answer changes, takes the focus of a list that is open.
    await workbench.run("View: Close All Editors");
    await workbench.run("Python Workflow: Choose Workflow for This Folder...");
    await workbench.screenshot("choose-workflow");
    await workbench.pick.choose(/^uv/);
    await workbench.showsStatus(/^\.venv/);
    await workbench.showsWhy("chosen for this folder in the editor");
    await workbench.whyHas("'wsp workflow unset --choice' takes that back");
    await workbench.run("View: Close All Editors");
    await workbench.run("Python Workflow: Choose Workflow for This Folder...");
    await workbench.pick.choose(/^Clear the choice/);
    await workbench.showsStatus(/^dev/);

    await workbench.close();
    await expect.poll(() => servers(workbench), shown).toEqual([]);
  });

  test("that dies is told of once with its last words while .venv serves, and is followed once it is mended", { tags: ["slow"] }, async ({
    machine,
  }) => {
    await declareWorkflow(machine, "project", workflowServer({ first: 'raise SystemExit("no such table: envs")' }));
    const workbench = await machine.open(machine.folder("project"));

    await workbench.showsStatus(/^\.venv/);
    const toast = workbench.toast(/workflow server serve\.py ended with status 1.*Output: no such table: envs/);
    await toast.waitFor();
    await workbench.showsWarning();
    await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/workflow server serve\.py ended[^]*no such table: envs/);
    await workbench.screenshot("workflow-dies");
    expect(await toast.count()).toBe(1);
    await workbench.pressToastButton("serve.py", "Why?");
    await workbench.whyHas("no such table: envs");
    await workbench.screenshot("workflow-dies-why");

    await machine.write("project/serve.py", workflowServer());
    await workbench.showsStatus(/^dev/);
    await workbench.showsWarning(false);
  });

  test("ends with the folder that declares it, and the other folder's goes on", { tags: ["slow"] }, async ({ machine }) => {
    await declareWorkflow(machine, "one");
    await declareWorkflow(machine, "two");
    const [one, two] = [machine.folder("one"), machine.folder("two")];
    const workbench = await machine.open(await machine.writeWorkspace("both", [one, two]));
    const running = (folder: string): readonly number[] =>
      servers(workbench).filter((pid) => readlinkSync(`/proc/${pid}/cwd`) === folder);
    await expect.poll(() => [running(one).length, running(two).length], shown).toEqual([1, 1]);
    const before = running(one);

    await machine.writeWorkspace("both", [one]);

    await expect.poll(() => running(two), shown).toEqual([]);
    expect(running(one)).toEqual(before);
    await workbench.showsStatus(/^dev/);
  });

  test("that misbehaves holds up neither the editor nor another one", { tags: ["slow"] }, async ({ machine }) => {
    const bad = ["never_answers", "floods_for_good", "banner"];
    for (const name of bad) {
      const cmd = ["python3", `${repository}/test-fixtures/servers/bad/${name}.py`];
      await machine.write(`${name}/pyproject.toml`, `[workflow]\nwsp = {cmd = ${JSON.stringify(cmd)}}\n`);
      await machine.write(`${name}/of_${name}.py`);
      await machine.makeEnvironment(`${name}/.venv`);
    }
    await declareWorkflow(machine, "good");
    const folders = [...bad, "good"].map((name) => machine.folder(name));
    const workbench = await machine.open(await machine.writeWorkspace("all", folders));

    for (const name of bad) {
      await workbench.openFile(machine.folder(name, `of_${name}.py`));
      await workbench.showsStatus(/^\.venv/);
    }
    await workbench.openPicker(/\.venv/);
    await workbench.pick.cancel();
    await workbench.openFile(machine.folder("good", "main.py"));
    await workbench.showsStatus(/^dev/);
    // It came with the first answer, and hides by itself.
    await workbench.run("Notifications: Show Notifications");
    await workbench.page.locator(".notification-list-item", { hasText: "Welcome to the workflow server" }).first().waitFor();
    await workbench.screenshot("workflow-misbehaves");

    await workbench.close();
    await expect.poll(() => [...servers(workbench), ...servers(workbench, "servers/bad")], shown).toEqual([]);
  });
});

describe("the user's own workflow", () => {
  test("set at the command line or said to every tool is the user's own file's, above what a project declares, until taken back", async ({ machine }) => {
    await declareWorkflow(machine, "project");
    await machine.write("mine/mine.py", workflowServer());
    await machine.makeEnvironment("mine/envs/everywhere");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^dev/);

    const finished = await machine.wsp("workflow", "list");
    await workbench.run("Python Workflow: Follow This Project's Workflow Here");
    await workbench.toast("Nothing was changed: ~/src/project already follows the project's own workflow.").waitFor();
    expect(await machine.wsp("workflow", "list")).toBe(finished);

    await machine.wsp("workflow", "set", machine.folder("mine", "mine.py"));
    await workbench.showsStatus(/^everywhere/);
    await workbench.showsWhy("Workflow: mine.py (rule W3)");
    await workbench.screenshot("workflow-mine");

    await machine.wsp("workflow", "unset");
    await workbench.showsStatus(/^dev/);
    await workbench.showsWhy("Workflow: serve.py (rule W4)");
    await workbench.run("View: Close All Editors");

    const before = await workbench.settings();

    await workbench.run("Python Workflow: Set My Preferred Workflow...");
    await workbench.pick.fill("Command");
    await workbench.pick.choose("Command...");
    await workbench.pick.replace("", "uv --version");
    await workbench.pick.replace("", "");
    await workbench.pick.choose("In every tool");
    await workbench.pick.choose("In every project");
    await workbench.toast("uv is now your preferred workflow in every tool").waitFor();
    expect(await machine.wsp("workflow", "show", "--folder", machine.folder("project"))).toBe("uv\n");

    await workbench.run("Python Workflow: Set My Preferred Workflow...");
    await workbench.pick.choose("uv");
    await workbench.pick.choose("In every tool");
    await workbench.pick.choose("In every project");
    await workbench.showsStatus(/^\.venv/);
    await expect
      .poll(async () => workbench.status.tooltip(), shown)
      .toContain("Workflow: uv (your preferred workflow)");
    await workbench.screenshot("preferred-everywhere");

    await workbench.run("Python Workflow: Follow This Project's Workflow Here");
    await workbench.showsStatus(/^dev/);
    await workbench.showsWhy("Workflow: serve.py (rule W2)");
    await workbench.run("View: Close All Editors");

    await workbench.run("Python Workflow: Stop Following My Workflow...");
    await workbench.pick.choose("uv, in every tool");
    await workbench.toast("Removed: uv, in every tool").waitFor();
    expect(await workbench.settings()).toEqual(before);
  });

  test("set in this editor is written into the user's settings alone, and governs", { tags: ["slow"] }, async ({
    machine,
  }) => {
    await machine.makeEnvironment("project/.venv");
    const workbench = await machine.open(machine.folder("project"));
    await workbench.showsStatus(/^\.venv/);

    await workbench.run("Python Workflow: Set My Preferred Workflow...");
    await workbench.pick.row("hatch").waitFor();
    await workbench.screenshot("preferred-workflow");
    await workbench.pick.choose("hatch");
    await workbench.pick.row("In every tool").waitFor();
    await workbench.screenshot("preferred-where");
    await workbench.pick.choose("In this editor");
    await workbench.pick.choose("Only in projects that declare no workflow");

    await expect
      .poll(async () => workbench.settings(), shown)
      .toMatchObject({ "pythonWorkflow.workflow": "hatch", "pythonWorkflow.policy": "default" });
    await workbench.showsWhy("Workflow: hatch (rule W5)");
    await expect
      .poll(async () => workbench.status.tooltip(), shown)
      .toContain("Workflow: hatch (your preferred workflow, where a project declares none)");

    await workbench.run("Python Workflow: Stop Following My Workflow...");
    await workbench.toast("Removed: hatch, in this editor").waitFor();
    await expect.poll(async () => workbench.settings(), shown).not.toHaveProperty("pythonWorkflow.workflow");
    await workbench.showsWhy("Workflow: venv (rule W7)");
  });
});
