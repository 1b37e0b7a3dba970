/** What a person waits for in a window, with two projects in it and with 200: see docs/benchmarks.md. */
import { cp, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { expect, paths, shown, test } from "../tests/extension/workbench/harness/index.ts";
import { toldAsker } from "../tests/extension/workbench/harness/asker.ts";
import { authored } from "../tests/extension/workbench/harness/extensions.ts";
import type { Machine, Workbench } from "../tests/extension/workbench/harness/index.ts";
import { keep, rounds, uncompiled, warmUp } from "./result.ts";

const many = 200;
const item = "python-workflow.python-workflow.interpreter";

/** A folder of projects, each with an environment of a name of its own. Returns the folder. */
async function projects(machine: Machine, folder: string, count: number): Promise<string> {
  const environment = await machine.makeEnvironment(`${folder}-environment`);
  for (let number = 0; number < count; number += 1) {
    const project = `${folder}/project-${number}`;
    await machine.write(`${project}/pyproject.toml`, `[project]\nname = "project-${number}"\nversion = "1"\n`);
    await machine.write(`${project}/.python-envs`, `envs/of-${number}\n`);
    await machine.write(`${project}/file-${number}.py`, "print('hello')\n");
    const own = machine.folder(project, "envs", `of-${number}`);
    await mkdir(dirname(own), { recursive: true });
    await cp(environment, own, { recursive: true, verbatimSymlinks: true });
  }
  return machine.folder(folder);
}

/** Milliseconds from a click on an element of the window to what it brings; both are seen in the window itself. */
async function fromClick(workbench: Workbench, clicked: string, brings: string): Promise<number> {
  await workbench.page.locator(clicked).waitFor();
  return workbench.page.evaluate(
    async ([from, to, most]) => {
      const isThere = (): boolean => [...document.querySelectorAll<HTMLElement>(to)].some((one) => one.offsetParent !== null);
      const start = performance.now();
      document.querySelector<HTMLElement>(from)?.click();
      while (!isThere()) {
        if (performance.now() - start > most) {
          throw new Error(`a click on ${from} brought no ${to}`);
        }
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return performance.now() - start;
    },
    [clicked, brings, shown.timeout] as const,
  );
}

const rows = ".quick-input-widget .quick-input-list .monaco-list-row .label-name";

/** From the status bar to the rows of "Select Interpreter". */
async function picker(workbench: Workbench): Promise<number> {
  const took = await fromClick(workbench, `[id="${item}"] a`, rows);
  await workbench.pick.row(/No interpreter here/).waitFor();
  await workbench.pick.cancel();
  return took;
}

/** The same with a list that VS Code has at hand. */
async function languages(workbench: Workbench): Promise<number> {
  const took = await fromClick(workbench, `[id="status.editor.mode"] a`, rows);
  await workbench.pick.cancel();
  return took;
}

/** Opens a file of a project; milliseconds from its tab to its interpreter. */
async function opened(workbench: Workbench, folder: string, number: number): Promise<number> {
  const name = `file-${number}.py`;
  const seen = workbench.page.evaluate(
    async ([id, tab, environment, most]) => {
      const start = performance.now();
      const until = async (isThere: () => boolean): Promise<number> => {
        while (!isThere()) {
          if (performance.now() - start > most) {
            throw new Error(`${tab} does not come, or ${environment} is not shown for it`);
          }
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return performance.now();
      };
      const text = (selector: string): string => document.querySelector(selector)?.textContent ?? "";
      const [tabAt, interpreterAt] = await Promise.all([
        until(() => text(".tabs-container .tab.active").includes(tab)),
        until(() => text(`[id="${id}"]`).includes(`${environment} `)),
      ]);
      return interpreterAt - tabAt;
    },
    [item, name, `of-${number}`, shown.timeout] as const,
  );
  await workbench.openFile(`${folder}/project-${number}/${name}`);
  return seen;
}

/** Loads the window again; milliseconds until its interpreter is shown. Resolves when its helper runs, too. */
async function reloaded(workbench: Workbench): Promise<number> {
  const before = workbench.helperPids();
  await workbench.page.reload({ waitUntil: "commit" });
  const there = await workbench.page.waitForFunction(
    (id) => /of-\d/.test(document.querySelector(`[id="${id}"]`)?.textContent ?? "") && performance.now(),
    item,
    { polling: "raf", timeout: shown.timeout },
  );
  const others = (): readonly number[] => workbench.helperPids().filter((pid) => !before.includes(pid));
  await expect.poll(() => others().length, shown).toBe(1);
  return Number(await there.jsonValue());
}

test("a window with 200 projects is as quick as one with two", { timeout: 1_800_000 }, async ({ machine }) => {
  expect(paths.pythons).not.toEqual([]);
  const folders = { few: await projects(machine, "few", 2), many: await projects(machine, "many", many) };
  // Each is asked about, and from then on looked at again whenever a file changes.
  const windows = {
    few: await machine.open(folders.few, uncompiled),
    many: await machine.open(folders.many, { ...uncompiled, extensions: [await authored(machine, "asker")] }),
  };
  await expect.poll(async () => Object.keys(await toldAsker(machine)).length, shown).toBe(many + 1);
  // One file is there again after a reload.
  await opened(windows.few, folders.few, 0);
  await opened(windows.many, folders.many, 0);

  const open = { few: [] as number[], more: [] as number[] };
  const pick = { few: [] as number[], more: [] as number[], languages: [] as number[] };
  for (let round = -warmUp; round < rounds; round += 1) {
    const few = await opened(windows.few, folders.few, (round + warmUp) % 2);
    const more = (await opened(windows.many, folders.many, (round + warmUp) % many)) - few;
    const picked = await picker(windows.few);
    const pickedMore = (await picker(windows.many)) - picked;
    const language = await languages(windows.few);
    if (round >= 0) {
      open.few.push(few);
      open.more.push(more);
      pick.few.push(picked);
      pick.more.push(pickedMore);
      pick.languages.push(language);
    }
  }
  const load = { few: [] as number[], more: [] as number[] };
  for (let round = -warmUp; round < rounds; round += 1) {
    const few = await reloaded(windows.few);
    const more = (await reloaded(windows.many)) - few;
    if (round >= 0) {
      load.few.push(few);
      load.more.push(more);
    }
  }

  await keep({
    "file opened to interpreter": { unit: "ms", values: open.few },
    "file of 200 projects, more": { unit: "ms", values: open.more },
    "picker opens": { unit: "ms", values: pick.few },
    "picker in 200 projects, more": { unit: "ms", values: pick.more },
    "VS Code's list of languages": { unit: "ms", values: pick.languages },
    "window loaded to interpreter": { unit: "ms", values: load.few },
    "window of 200 projects, more": { unit: "ms", values: load.more },
  });
});
