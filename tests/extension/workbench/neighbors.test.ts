import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe } from "vitest";

import { inRoot } from "../../../scripts/lib/paths.mjs";
import { expect, minor, paths, shown, test, type Machine, type Workbench } from "./harness/index.ts";
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

/** Resolves when what changes at the neighbor is a person's doing, who takes longer than it to start. */
async function pastItsStart(workbench: Workbench): Promise<void> {
  await workbench.page.waitForTimeout(5_000);
}

/** Resolves when the stand-in's getter and its last event name the environment, by its path below the user's projects. */
async function agrees(workbench: Workbench, environment: string): Promise<void> {
  await expect.poll(async () => selectionOf(workbench, "ms-python.vscode-python-envs"), shown).toBe(`Environments: ${environment} and ${environment}`);
}

/** Resolves when the Python extension's stand-in names the environment of the active file's folder. */
async function pythonSays(workbench: Workbench, environment: string): Promise<void> {
  await expect.poll(async () => selectionOf(workbench, "ms-python.python"), shown).toBe(`Python: ${environment}`);
}

/** What a stand-in says in the status bar; empty while it says nothing. */
async function selectionOf(workbench: Workbench, extension: string): Promise<string> {
  const item = workbench.page.locator(`.part.statusbar [id="${extension}.selected"]`);
  return (await item.isVisible()) ? (await item.innerText()).trim() : "";
}

describe("with the Python extension", () => {
  test("installed late and not woken by us, it is handed each folder's selection once, and what is selected there is selected here", { tags: ["slow"] }, async ({
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
    await pythonSays(workbench, "two/.venv");
    expect(new Set(await handed(machine, "update"))).toEqual(new Set(["one: .venv", "two: .venv"]));

    await selectHere(workbench, /first/);
    await pythonSays(workbench, "two/envs/first");
    await pastItsStart(workbench);
    await selectThere(workbench, "Stand-in Python: Select", join(folders[1] ?? "", "envs", "second", "bin", "python"));
    await workbench.showsStatus(/^second/);
    await pythonSays(workbench, "two/envs/second");
    await workbench.screenshot("neighbors-python");
    await selectHere(workbench, /\.venv/);
    await workbench.showsStatus(/^\.venv/);
    await pythonSays(workbench, "two/.venv");
    expect(await handed(machine, "update")).not.toContain("two: second");
    expect(await workbench.settings()).toEqual(settings);
  });

  test("what it finds by itself is not remembered, and is answered", { tags: ["slow"] }, async ({ machine }) => {
    const folders = [await makeProject(machine, "one"), await makeProject(machine, "two")];
    for (const name of ["one", "two"]) {
      await machine.makeEnvironment(`${name}/envs/found`);
      await machine.write(`${name}/${name}.py`);
    }
    const workbench = await machine.open(await machine.writeWorkspace("both", folders), { extensions: [PYTHON] });
    for (const [index, name] of ["one", "two"].entries()) {
      await workbench.openFile(machine.folder(name, `${name}.py`));
      await workbench.showsStatus(/^\.venv/);
      await expect
        .poll(async () => (await calls(machine)).filter(({ what }) => what === "forgets"), shown)
        .toHaveLength(index + 1);
      await pythonSays(workbench, `${name}/.venv`);
    }
    await workbench.showsStatus(/^\.venv/);
    expect(await machine.wsp("env", "default", "--folder", folders[1] ?? "")).toContain(".venv");
    expect(await workbench.log()).not.toContain("it is selected here, too");
  });

  test("it is told nothing of a folder that is not trusted, until that is", { tags: ["slow"] }, async ({ machine }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, { extensions: [PYTHON], trust: "restricted" });
    await workbench.openFile(join(root, "main.py"));
    await workbench.showsStatus(/^\.venv/);
    await expect.poll(async () => (await calls(machine)).map(({ what }) => what), shown).toEqual(["activated", "forgets"]);
    await selectHere(workbench, /first/);
    await workbench.showsStatus(/^first/);
    expect(await handed(machine, "update")).toEqual([]);

    await workbench.trust();
    await expect.poll(async () => handed(machine, "update"), shown).toEqual(["project: first"]);
  });
});

describe("with the Python Environments extension", () => {
  test("its getter and its event say what is selected here, after opening, a selection on either side and a reload", async ({
    machine,
  }) => {
    const root = await makeProject(machine);
    const workbench = await machine.open(root, { extensions: [ENVIRONMENTS] });
    const settings = await workbench.settings();
    await workbench.openFile(join(root, "main.py"));
    await workbench.showsStatus(/^\.venv/);

    // What it chooses by itself after its start is nobody's selection: it is told once more.
    await agrees(workbench, "project/.venv");
    await selectHere(workbench, /first/);
    await agrees(workbench, "project/envs/first");
    await expect(readFile(join(root, ".vscode", "settings.json"))).rejects.toThrow();
    await workbench.reload();
    await workbench.showsStatus(/^first/);
    await agrees(workbench, "project/envs/first");

    await pastItsStart(workbench);
    await selectThere(workbench, "Stand-in Environments: Select", join(root, "envs", "second", "bin", "python"));
    await workbench.showsStatus(/^second/);
    await agrees(workbench, "project/envs/second");
    await workbench.screenshot("neighbors-environments");

    await selectHere(workbench, /\.venv/);
    await agrees(workbench, "project/.venv");
    expect(await workbench.settings()).toEqual(settings);
    await expect(readFile(join(root, ".vscode", "settings.json"))).rejects.toThrow();
  });

  test("a person picks one of ours there; its view lists its packages, creates and deletes ours, and hears of it", async ({
    machine,
  }) => {
    const root = await makeProject(machine);
    const library = `project/envs/first/lib/python${minor(paths.pythons[0] ?? "")}/site-packages`;
    await machine.write(`${library}/lonely-1.0.dist-info/METADATA`, "Metadata-Version: 2.1\nName: lonely\nVersion: 1.0\n");
    const workbench = await machine.open(root, { extensions: [ENVIRONMENTS] });
    await workbench.openFile(join(root, "main.py"));
    await agrees(workbench, "project/.venv");

    await workbench.run("Stand-in Environments: Pick");
    await workbench.pick.choose(/python-workflow.* first/);
    await workbench.showsStatus(/^first/);
    await agrees(workbench, "project/envs/first");
    await selectHere(workbench, /second/);
    await agrees(workbench, "project/envs/second");
    const registered = (await calls(machine)).filter(({ what }) => what === "register");
    expect(registered).toHaveLength(1);

    await workbench.run("Stand-in Environments: Packages");
    await workbench.pick.choose(/python-workflow.* first/);
    await workbench.pick.row("lonely 1.0").waitFor();
    await workbench.pick.cancel();

    await workbench.run("Stand-in Environments: Remove");
    await workbench.pick.choose(/python-workflow.* second/);
    await workbench.pressDialogButton(/second/, "Delete");
    const lists = async (): Promise<readonly Call[]> => (await calls(machine)).filter(({ what }) => what === "listed");
    const second = join(root, "envs", "second", "bin", "python");
    await expect.poll(lists, shown).toContainEqual(expect.objectContaining({ kind: "remove", path: second }));

    await machine.remove("project/.venv");
    const listed = (kind: string): unknown =>
      expect.objectContaining({ kind, path: join(root, ".venv", "bin", "python") });
    await expect.poll(lists, shown).toContainEqual(listed("remove"));
    await workbench.run("Stand-in Environments: Quick Create");
    await workbench.pick.choose(/project's tool/);
    await expect.poll(lists, shown).toContainEqual(listed("add"));
  });

  test("in a workspace of several folders each has its own there, and no setting is written", { tags: ["slow"] }, async ({ machine }) => {
    const folders = [await makeProject(machine, "one"), await makeProject(machine, "two")];
    // Files of one name are told apart late in the list of those that can be opened.
    const [one, two] = [await machine.write("one/one.py"), await machine.write("two/two.py")];
    const file = await machine.writeWorkspace("both", folders);
    const before = await readFile(file, "utf8");
    const workbench = await machine.open(file, { extensions: [ENVIRONMENTS] });
    await workbench.openFile(two);
    await agrees(workbench, "two/.venv");
    await selectHere(workbench, /first/);
    await agrees(workbench, "two/envs/first");
    await workbench.openFile(one);
    await agrees(workbench, "one/.venv");

    expect(await readFile(file, "utf8")).toBe(before);
    for (const folder of folders) {
      await expect(readFile(join(folder, ".vscode", "settings.json"))).rejects.toThrow();
    }
  });

  test("a nested project that its settings name has its own there, and a root whose manager is not there has our selection", { tags: ["slow"] }, async ({
    machine,
  }) => {
    const root = await makeProject(machine);
    await makeProject(machine, "project/api");
    // Files of one name are told apart late in the list of those that can be opened.
    const [top, nested] = [await machine.write("project/top.py"), await machine.write("project/api/nested.py")];
    const settings = JSON.stringify({
      "python-envs.pythonProjects": [
        { path: "api", envManager: "ms-python.python:venv", packageManager: "ms-python.python:pip" },
      ],
    });
    await machine.write("project/.vscode/settings.json", settings);
    const workbench = await machine.open(root, {
      extensions: [ENVIRONMENTS],
      settings: { "python-envs.defaultEnvManager": "somebody.else:tool" },
    });
    await workbench.openFile(top);
    await agrees(workbench, "project/.venv");
    await workbench.openFile(nested);
    await agrees(workbench, "project/api/.venv");
    await selectHere(workbench, /second/);
    await agrees(workbench, "project/api/envs/second");
    expect(await readFile(join(root, ".vscode", "settings.json"), "utf8")).toBe(settings);
  });
});

describe("with the Python Environments extension and a monorepo", () => {
  /** A folder with an environment, and two projects that have their own; returns a file of the first. */
  async function makeMonorepo(machine: Machine): Promise<string> {
    await machine.makeEnvironment("mono/.venv");
    for (const name of ["api", "web"]) {
      await machine.makeEnvironment(`mono/${name}/.venv`);
      await machine.write(`mono/${name}/pyproject.toml`, `[project]\nname = "${name}"\nversion = "1"\n`);
      await machine.write(`mono/${name}/${name}.py`);
    }
    return machine.folder("mono", "api", "api.py");
  }
  const settingsOf = async (machine: Machine): Promise<unknown> =>
    JSON.parse(await readFile(machine.folder("mono", ".vscode", "settings.json"), "utf8").catch(() => "null"));

  test("once one of its projects is opened it asks to write the setting that names all of them, which then have their own there", { tags: ["slow"] }, async ({
    machine,
  }) => {
    const file = await makeMonorepo(machine);
    const workbench = await machine.open(machine.folder("mono"), { extensions: [ENVIRONMENTS] });
    await workbench.showsStatus(/^\.venv/);
    await workbench.openFile(file);
    await agrees(workbench, "mono/.venv");
    const question = "uses one environment for all of mono, but projects in it have their own. Add api, web to";
    await workbench.toast(question).waitFor();
    expect(await settingsOf(machine)).toBeNull();
    await workbench.screenshot("neighbors-nested");
    await workbench.pressToastButton(question, "Add to Settings");

    await agrees(workbench, "mono/api/.venv");
    const managers = { envManager: "ms-python.python:venv", packageManager: "ms-python.python:pip" };
    expect(await settingsOf(machine)).toEqual({
      "python-envs.pythonProjects": [
        { path: "api", ...managers },
        { path: "web", ...managers },
      ],
    });
    await workbench.openFile(machine.folder("mono", "web", "web.py"));
    await agrees(workbench, "mono/web/.venv");
  });

  test("it takes no for an answer, in the next window too", { tags: ["slow"] }, async ({ machine }) => {
    const file = await makeMonorepo(machine);
    const workbench = await machine.open(machine.folder("mono"), { extensions: [ENVIRONMENTS] });
    await workbench.openFile(file);
    await workbench.pressToastButton("uses one environment for all of mono", "Not Now");
    // The editor writes what an extension remembers a moment later.
    await workbench.page.waitForTimeout(1_000);
    await workbench.reload();
    await workbench.showsStatus(/^\.venv/);
    await agrees(workbench, "mono/.venv");
    // As long as it takes to ask about all of them.
    await workbench.page.waitForTimeout(3_000);
    expect(await workbench.toast("uses one environment").count()).toBe(0);
    expect(await settingsOf(machine)).toBeNull();
  });
});

describe("with both", () => {
  test("where the Python extension leaves selecting to Python Environments, both have our selection", { tags: ["slow"] }, async ({
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
    await agrees(workbench, "project/envs/second");
    const awake = (await calls(machine)).filter(({ what }) => what === "activated");
    expect(awake.map(({ who }) => who).sort()).toEqual(["environments", "python"]);
    await pythonSays(workbench, "project/envs/second");
  });

  test("one that throws and one that never answers hold nothing up, and are logged once", { tags: ["slow"] }, async ({ machine }) => {
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
