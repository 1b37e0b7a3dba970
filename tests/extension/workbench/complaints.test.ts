/** What people complain about in extensions that choose a Python, each as what ours does instead. */
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, onTestFailed, type TestContext } from "vitest";

import { toldAsker } from "./harness/asker.ts";
import { authored } from "./harness/extensions.ts";
import { expect, Machine, minor, pythonsOf, pythonVersions, shown, test, type Workbench } from "./harness/index.ts";
import { Terminal } from "./harness/terminal.ts";

/** Every notification that nobody has answered, by its text. */
async function notifications(workbench: Workbench): Promise<readonly string[]> {
  await workbench.run("Notifications: Show Notifications");
  const center = workbench.page.locator(".notifications-center");
  await center.locator(".notifications-center-header-title").waitFor();
  return center.locator(".notification-list-item-message").allInnerTexts();
}

/** The user's settings, those of the machine and of the project, and the files at the top of the home folder. */
async function written(machine: Machine, workbench: Workbench): Promise<unknown> {
  const files = (await readdir(machine.home, { withFileTypes: true })).filter((entry) => entry.isFile());
  const ofHome = files.map(({ name }) => name).filter((name) => name.startsWith("."));
  return {
    user: await workbench.settings(),
    machine: existsSync(join(workbench.data, "Machine", "settings.json")),
    project: existsSync(machine.folder("project", ".vscode")),
    home: await Promise.all(ofHome.map(async (name) => [name, await readFile(join(machine.home, name), "utf8")])),
  };
}

describe("in one session", () => {
  let machine: Machine;
  let workbench: Workbench;
  let terminal: Terminal;
  let before: unknown;
  const root = (): string => machine.folder("project");

  /** What a linter, the command line and a new terminal take for the project's Python. */
  const agreed = async (environment: string): Promise<readonly unknown[]> => {
    const interpreter = join(environment, "bin", "python");
    await workbench.run("Asker: Ask");
    await expect.poll(async () => (await toldAsker(machine))[root()], shown).toBe(interpreter);
    const finished = await machine.wsp("env", "default", "--json", "--folder", root());
    const { environment: found } = JSON.parse(finished) as { environment: { interpreter_path: string } };
    await terminal.open({ environment });
    return [found.interpreter_path, (await terminal.state()).python];
  };

  beforeAll(async () => {
    machine = await Machine.create();
    // The newest leads PATH; the project's environment is of an older one, where there is one.
    const [newest = "", older = newest] = pythonVersions();
    await machine.addProgram("python", newest);
    await machine.makeEnvironment("project/.venv", { python: older });
    await machine.makeEnvironment("project/envs/other");
    await machine.write("project/.python-envs", "envs/other\n");
    await machine.write("project/main.py");
    await writeFile(join(machine.home, ".bashrc"), "PS1='$ '\n");
    const settings = { "terminal.integrated.gpuAcceleration": "off" };
    workbench = await machine.open(root(), { settings, extensions: [await authored(machine, "asker")] });
    terminal = new Terminal(machine, workbench);
    before = await written(machine, workbench);
  }, 180_000);

  afterAll(async () => machine.dispose());

  const complaint = (name: string, body: (context: Pick<TestContext, "skip" | "task">) => Promise<void>): void => {
    test(name, async ({ skip, task }) => {
      onTestFailed(async () => workbench.screenshot(`failed-${name.replaceAll(/\W+/g, "-").toLowerCase()}`));
      await body({ skip, task });
    });
  };

  complaint("the newest Python of the machine is not picked over the project's .venv", async (context) => {
    const [, older = ""] = pythonsOf(context, 2);
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    await workbench.openFile(machine.folder("project", "main.py"));
    await workbench.showsStatus(`.venv ${minor(older)}`);
    await workbench.screenshot("complaints-not-the-newest");
  });

  complaint("somebody tells why", async () => {
    await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/\.venv is the \.venv of/);
    await workbench.showsWhy(/\.venv/);
    await workbench.openFile(machine.folder("project", "main.py"));
  });

  complaint("linters, the command line and terminals agree with the editor, before a selection and after it", async () => {
    const own = machine.folder("project", ".venv");
    expect(await agreed(own)).toEqual([`${own}/bin/python`, `${own}/bin/python`]);

    await workbench.status.click();
    await workbench.pick.choose(/other/);
    await workbench.showsStatus(/^other/);

    const other = machine.folder("project", "envs", "other");
    expect(await agreed(other)).toEqual([`${other}/bin/python`, `${other}/bin/python`]);
    await workbench.screenshot("complaints-agree");
  });

  complaint("nothing is typed into a terminal's prompt", async () => {
    expect((await terminal.state()).typed).toEqual([]);
    expect(await terminal.text()).not.toMatch(/activate|source|conda/);
  });

  complaint('"no interpreter" can be said, and holds after a reload, without a question', async () => {
    await workbench.openFile(machine.folder("project", "main.py"));
    await workbench.status.click();
    await workbench.pick.choose(/No interpreter here/);
    await workbench.showsStatus("No interpreter");
    await workbench.showsWarning(false);

    await workbench.reload();

    await workbench.showsStatus("No interpreter");
    await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
    await workbench.run("Asker: Ask");
    await expect.poll(async () => (await toldAsker(machine))[root()], shown).toBeNull();
    expect(await notifications(workbench)).toEqual([]);
    await workbench.screenshot("complaints-none");
  });

  complaint("no setting and no file of the shell was written in all of this", async () => {
    expect(await written(machine, workbench)).toEqual(before);
  });
});

test("a Python that hangs holds up neither VS Code nor the selection, and is told of once", { tags: ["slow"] }, async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/.python-envs", "envs/gone\n");
  await machine.write("project/main.py");
  const hanging = await machine.write("hanging", "#!/bin/sh\nexec sleep 1000\n");
  await chmod(hanging, 0o755);

  const workbench = await machine.open(machine.folder("project"), {
    settings: { "pythonWorkflow.helperPython": hanging },
  });

  // Meanwhile the window can be used.
  await workbench.openFile(machine.folder("project", "main.py"));
  await workbench.toast("did not respond").waitFor();
  await workbench.showsStatus(/^\.venv/);
  await workbench.screenshot("complaints-hanging");
  const [first] = workbench.helperPids();
  expect(workbench.server.processes("sleep 1000")).toEqual([]);

  await workbench.run("Python Workflow: Restart Helper");

  await expect.poll(() => workbench.helperPids().filter((pid) => pid !== first), shown).toHaveLength(1);
  await workbench.showsWhy(/\.venv/);
  const messages = (await notifications(workbench)).filter((text) => text.includes("did not respond"));
  expect(messages).toHaveLength(1);
  await workbench.screenshot("complaints-hanging-once");
});
