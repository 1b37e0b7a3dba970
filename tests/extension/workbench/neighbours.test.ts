import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "vitest";

import { inRoot } from "../../../scripts/lib/paths.mjs";
import { expect, shown, test, type Machine, type Workbench } from "./harness/index.ts";
import { installExtension, packExtension } from "./harness/installing.ts";

const PYTHON = inRoot("test-fixtures", "extensions", "ms-python.python");
const ENVIRONMENTS = inRoot("test-fixtures", "extensions", "ms-python.vscode-python-envs");

/** What happened to a stand-in. */
interface Call {
  readonly who: "python" | "environments";
  readonly what: string;
  readonly folder?: string;
  readonly path?: string;
}

/** What happened to all stand-ins, in order. */
async function calls(machine: Machine): Promise<readonly Call[]> {
  const text = await readFile(join(machine.home, "calls.jsonl"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Call);
}

/** What was handed over in one or the other way, each as `FOLDER: ENVIRONMENT`, in order. */
async function handed(machine: Machine, ...ways: ("update" | "set" | "heard")[]): Promise<readonly string[]> {
  const all = (await calls(machine)).filter(({ what }) => ways.some((way) => way === what));
  return all.map(({ folder = "", path = "" }) => `${last(folder)}: ${last(path.replace(/\/bin\/python$/, ""))}`);
}

function last(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A project with three environments, of which `.venv` is the default. */
async function makeProject(machine: Machine, name = "project"): Promise<string> {
  for (const environment of [".venv", "envs/first", "envs/second"]) {
    await machine.makeEnvironment(`${name}/${environment}`);
  }
  await machine.write(`${name}/.python-envs`, "envs/first\nenvs/second\n");
  await machine.write(`${name}/main.py`);
  return machine.folder(name);
}

async function selectHere(workbench: Workbench, name: RegExp): Promise<void> {
  await workbench.run("Python Workflow: Select Interpreter");
  await workbench.pick.choose(name);
}

async function selectThere(workbench: Workbench, command: string, path: string): Promise<void> {
  await workbench.run(command);
  await workbench.pick.enter(path);
}

describe("with the Python extension", () => {
  test("installed late and not woken by us, it is handed each folder's selection once, and what is selected there is selected here", async ({
    machine,
  }) => {
    const folders = [await makeProject(machine, "one"), await makeProject(machine, "two")];
    let extensions = "";
    const workbench = await machine.open(await machine.writeWorkspace("both", folders), {
      prepare: async (folder) => Promise.resolve(void (extensions = folder)),
    });
    await workbench.showsStatus(/^\.venv/);
    const settings = await workbench.settings();
    const vsix = join(machine.home, "..", "python.vsix");
    await packExtension(PYTHON, vsix);
    await installExtension(vsix, extensions, join(machine.home, "..", "installing"));
    expect(await calls(machine)).toEqual([]);

    await workbench.openFile(join(folders[1] ?? "", "main.py"));
    await expect.poll(async () => handed(machine, "update"), shown).toHaveLength(2);
    expect([...(await handed(machine, "update"))].sort()).toEqual(["one: .venv", "two: .venv"]);

    await selectHere(workbench, /first/);
    await expect.poll(async () => handed(machine, "update"), shown).toHaveLength(3);
    await selectThere(workbench, "Stand-in Python: Select", join(folders[1] ?? "", "envs", "second", "bin", "python"));
    await workbench.showsStatus(/^second/);
    await workbench.screenshot("neighbours-python");
    await selectHere(workbench, /\.venv/);
    await workbench.showsStatus(/^\.venv/);

    await expect.poll(async () => handed(machine, "update"), shown).toHaveLength(4);
    expect((await handed(machine, "update")).slice(2)).toEqual(["two: first", "two: .venv"]);
    expect(await workbench.settings()).toEqual(settings);
  });

  test("it is told nothing of a folder that is not trusted, until that is", async ({ machine }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, { extensions: [PYTHON], trust: "restricted" });
    await workbench.openFile(join(root, "main.py"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(async () => calls(machine), shown).toEqual([{ who: "python", what: "activated" }]);
    await selectHere(workbench, /first/);
    await workbench.showsStatus(/^first/);
    expect(await handed(machine, "update")).toEqual([]);

    await workbench.trust();
    await expect.poll(async () => handed(machine, "update"), shown).toEqual(["project: first"]);
  });
});

describe("with the Python Environments extension", () => {
  test("our environments are a manager's, both follow each other, and no setting is written", async ({ machine }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, { extensions: [ENVIRONMENTS] });
    const settings = await workbench.settings();
    await workbench.openFile(join(root, "main.py"));
    await workbench.showsStatus(/^\.venv/);

    // What it chooses by itself after its start is nobody's selection: it is told once more.
    await expect.poll(async () => handed(machine, "set"), shown).toEqual(["project: .venv", "project: .venv"]);
    await selectHere(workbench, /first/);
    await expect.poll(async () => handed(machine, "heard"), shown).toEqual(["project: first"]);

    await selectThere(workbench, "Stand-in Environments: Select", join(root, "envs", "second", "bin", "python"));
    await workbench.showsStatus(/^second/);
    await workbench.run("Stand-in Environments: Pick");
    await workbench.pick.row(/python-workflow.* first/).waitFor();
    await workbench.screenshot("neighbours-environments");
    await workbench.pick.choose(/python-workflow.* first/);
    await workbench.showsStatus(/^first/);

    expect(await handed(machine, "set")).toHaveLength(2);
    expect(await handed(machine, "heard")).toEqual(["project: first"]);
    const registered = (await calls(machine)).filter(({ what }) => what === "register");
    expect(registered).toHaveLength(1);
    expect(await workbench.settings()).toEqual(settings);
    await expect(readFile(join(root, ".vscode", "settings.json"))).rejects.toThrow();
  });
});

describe("with both", () => {
  test("where the Python extension leaves selecting to Python Environments, that alone is talked to", async ({
    machine,
  }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, {
      extensions: [PYTHON, ENVIRONMENTS],
      settings: { "python.useEnvironmentsExtension": true },
    });
    await workbench.openFile(join(root, "main.py"));
    await workbench.showsStatus(/^\.venv/);
    await selectHere(workbench, /second/);
    await expect.poll(async () => (await handed(machine, "set", "heard")).at(-1), shown).toBe("project: second");
    const awake = (await calls(machine)).filter(({ what }) => what === "activated");
    expect(awake.map(({ who }) => who).sort()).toEqual(["environments", "python"]);
    expect(await handed(machine, "update")).toEqual([]);
  });

  test("one that throws and one that never answers hold nothing up, and are logged once", async ({ machine }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, {
      extensions: [PYTHON, ENVIRONMENTS],
      env: { STAND_IN_THROWS: "python", STAND_IN_HANGS: "environments" },
    });
    await workbench.openFile(join(root, "main.py"));
    await expect.poll(async () => handed(machine, "update"), shown).toEqual(["project: .venv"]);
    await expect.poll(async () => handed(machine, "set"), shown).toContain("project: .venv");
    for (const name of ["first", "second"]) {
      await selectHere(workbench, new RegExp(name));
      await workbench.showsStatus(new RegExp(`^${name}`));
    }
    await expect.poll(async () => handed(machine, "update"), shown).toEqual(
      [".venv", "first", "second"].map((name) => `project: ${name}`),
    );
    await expect.poll(async () => workbench.log(), shown).toContain("no answer in");
    const log = await workbench.log();
    expect(log.match(/Python failed/g)).toHaveLength(1);
    expect(log.match(/Python Environments failed/g)).toHaveLength(1);
  });
});
