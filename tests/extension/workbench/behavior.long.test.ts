/** What holds whatever becomes of folders, of the extension and of environments. */
import { cp, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../../../scripts/lib/processes.mjs";
import { toldAsker } from "./harness/asker.ts";
import { authored } from "./harness/extensions.ts";
import { expect, type Machine, paths, repository, shown, test, type Workbench } from "./harness/index.ts";
import { installExtension } from "./harness/installing.ts";

/** A project of a name whose list names its only environment, `of-NAME`. */
async function project(machine: Machine, folder: string, name: string): Promise<string> {
  await machine.makeEnvironment(`${folder}/envs/of-${name}`);
  await machine.write(`${folder}/.python-envs`, `envs/of-${name}\n`);
  await machine.write(`${folder}/${name}.py`);
  return machine.folder(folder);
}

/** Selects what has the name in "Select Interpreter" for the file that is shown. */
async function select(workbench: Workbench, name: string): Promise<void> {
  await workbench.status.click();
  await workbench.pick.choose(new RegExp(name));
  await workbench.showsStatus(new RegExp(`^${name} 3`));
}

/** Opens another folder in the same window, as "Open Folder..." does. */
async function openFolder(workbench: Workbench, folder: string): Promise<void> {
  await workbench.page.goto(`${workbench.server.url}/?folder=${encodeURIComponent(folder)}`);
  await workbench.ready();
}

/** Our package as a later version. */
const RELEASE = `
import json, sys, zipfile
_, package, later, version = sys.argv
with zipfile.ZipFile(package) as old, zipfile.ZipFile(later, "w", zipfile.ZIP_DEFLATED) as new:
    before = json.loads(old.read("extension/package.json"))["version"]
    for name in old.namelist():
        data = old.read(name)
        if name in ("extension/package.json", "extension.vsixmanifest"):
            data = data.replace(f'"{before}"'.encode(), f'"{version}"'.encode())
        new.writestr(name, data)
`;

test("folders that are added, renamed and removed have their interpreters while the window stays open", async ({
  machine,
}) => {
  const [one, two] = [await project(machine, "one", "one"), await project(machine, "two", "two")];
  const three = await project(machine, "three", "three");
  await machine.makeEnvironment("three/envs/chosen");
  await machine.write("three/.python-envs", "envs/chosen\nenvs/of-three\n");
  const workbench = await machine.open(await machine.writeWorkspace("all", [one, two]), {
    extensions: [await authored(machine, "asker")],
  });
  await workbench.showsStatus(/^of-one/);
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
  const [helper] = workbench.helperPids();
  const folders = async (): Promise<readonly string[]> => {
    await workbench.run("Asker: Ask");
    return Object.entries(await toldAsker(machine)).flatMap(([folder, python]) => (python === null ? [] : [folder]));
  };

  await machine.writeWorkspace("all", [one, two, three]);
  await expect.poll(folders, shown).toEqual(expect.arrayContaining([one, two, three]));
  await workbench.openFile(join(three, "three.py"));
  await workbench.showsStatus(/^of-three/);
  await select(workbench, "chosen");

  // Renamed on the disk: its environment moved along, and the selection holds.
  const renamed = machine.folder("renamed");
  await rename(three, renamed);
  await machine.writeWorkspace("all", [one, two, renamed]);
  await expect.poll(folders, shown).toEqual(expect.arrayContaining([one, two, renamed]));
  await workbench.openFile(join(renamed, "three.py"));
  await workbench.showsStatus(/^chosen 3/);
  await workbench.screenshot("behavior-renamed");

  await machine.writeWorkspace("all", [one, renamed]);
  await expect.poll(async () => (await folders()).includes(two), shown).toBe(false);
  await workbench.openFile(join(one, "one.py"));
  await workbench.showsStatus(/^of-one/);
  expect(workbench.helperPids()).toEqual([helper]);
});

test("a selection survives a reload, an update, its environment recreated and its folder renamed", async ({ machine }) => {
  const root = await project(machine, "project", "default");
  await machine.makeEnvironment("project/envs/chosen");
  await machine.write("project/.python-envs", "envs/chosen\nenvs/of-default\n");
  let extensions = "";
  const workbench = await machine.open(root, {
    prepare: async (folder) => {
      extensions = folder;
      return Promise.resolve();
    },
  });
  await workbench.showsStatus(/^of-default/);
  await select(workbench, "chosen");
  await workbench.reload();
  await workbench.showsStatus(/^chosen/);

  const later = machine.folder("later.vsix");
  const { name, version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as Record<string, string>;
  await run([paths.python, "-I", "-c", RELEASE, join(repository, `${name}-${version}.vsix`), later, "99.0.0"]);
  await installExtension(later, extensions, machine.folder("installing"));
  await workbench.reload();
  await expect
    .poll(() => workbench.server.processes("python-workflow-99.0.0").length, shown)
    .toBeGreaterThan(0);
  await workbench.showsStatus(/^chosen/);
  await workbench.screenshot("behavior-updated");

  await machine.remove("project/envs/chosen");
  await workbench.showsWarning();
  await machine.makeEnvironment("project/envs/chosen");
  await workbench.showsStatus(/^chosen/);
  await workbench.showsWarning(false);

  const renamed = machine.folder("renamed");
  await rename(root, renamed);
  await openFolder(workbench, renamed);
  await workbench.showsStatus(/^chosen/);
  await workbench.showsWhy(/renamed\/envs\/chosen/);
  await workbench.screenshot("behavior-moved");
});

test("of 200 projects in one folder each file has its own, and a selection for one is for that one alone", async ({
  machine,
}) => {
  const count = 200;
  const environment = await machine.makeEnvironment("environment");
  for (let number = 0; number < count; number += 1) {
    const folder = `many/group-${number % 10}/project-${number}`;
    await machine.write(`${folder}/pyproject.toml`, `[project]\nname = "p${number}"\nversion = "1"\n`);
    await machine.write(`${folder}/src/package/deep-${number}.py`);
    await cp(environment, machine.folder(folder, "envs", `of-${number}`), { recursive: true, verbatimSymlinks: true });
    await machine.write(`${folder}/.python-envs`, `envs/of-${number}\n`);
  }
  const folder = (number: number): string => machine.folder("many", `group-${number % 10}`, `project-${number}`);
  const open = async (number: number): Promise<void> => {
    await workbench.openFile(join(folder(number), "src", "package", `deep-${number}.py`));
    await workbench.showsStatus(new RegExp(`^of-${number} 3`));
  };
  const folders = Array.from({ length: 10 }, (_, group) => machine.folder("many", `group-${group}`));

  const workbench = await machine.open(await machine.writeWorkspace("many", folders), {
    extensions: [await authored(machine, "asker")],
  });

  const countPythons = async (): Promise<number> => {
    const pythons = Object.values(await toldAsker(machine));
    return new Set(pythons.filter((python) => python !== null)).size;
  };
  await expect.poll(countPythons, shown).toBe(count);
  for (const number of [0, 199, 100]) {
    await open(number);
  }
  await workbench.status.click();
  await workbench.pick.choose(/No interpreter here/);
  await workbench.showsStatus("No interpreter");
  await open(101);
  await open(0);
  await workbench.screenshot("behavior-many");
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
  expect(workbench.server.processes("dist/helper")).toHaveLength(1);
});
