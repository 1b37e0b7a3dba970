import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { expect, shown, test, type Machine, type Workbench } from "./harness/index.ts";

/** How often something is done: 30 times in `npm test`, more by the variable, as `npm run test:full` sets it. */
const rounds = Number(process.env["SOAK_ROUNDS"] ?? "30");
/** What one round may take at most, on a machine with much else to do. */
const roundMs = 60_000;
/** Bytes by which a process may have grown in the end: several times what garbage that is not collected yet comes to, and
 * less than a leak of a megabyte a round adds up to. */
const growth = { host: 16 * 1024 * 1024, helper: 4 * 1024 * 1024 } as const;
const projects = ["one", "two", "three"] as const;

/** The bytes of memory that a process holds; undefined when it has ended. */
function memoryOf(pid: number): number | undefined {
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return Number(pages) * 4096;
  } catch {
    return undefined;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The extension host: the process that ours runs in. */
function extensionHost(workbench: Workbench): number | undefined {
  return workbench.server.processes("--type=extensionHost")[0]?.pid;
}

/** Choose the environment at a path in "Select Interpreter", which is open. */
async function selectPath(workbench: Workbench, path: string): Promise<void> {
  await workbench.pick.choose(/Enter path/);
  await workbench.page.getByPlaceholder("/.../bin/python").waitFor();
  await workbench.pick.enter(path);
}

/** What the command line says is the environment of a project: the editor has to say the same. */
async function selected(machine: Machine, project: string): Promise<unknown> {
  const finished = await machine.wsp("env", "default", "--json", "--folder", machine.folder(project));
  return (JSON.parse(finished) as { environment: { name: string } | null }).environment?.name;
}

test(
  `${rounds} folders opened, files switched, selections, creations and helpers killed in one window lose and leave nothing`,
  { timeout: 120_000 + rounds * roundMs },
  async ({ machine }) => {
    for (const project of projects) {
      await machine.makeEnvironment(`${project}/.venv`);
      await machine.makeEnvironment(`${project}/envs/chosen`);
      await machine.write(`${project}/${project}.py`);
    }
    await machine.makeEnvironment("guest/.venv");
    await machine.write("guest/guest.py");
    const folders = projects.map((project) => machine.folder(project));
    const workspace = await machine.writeWorkspace("all", folders);
    const workbench = await machine.open(workspace);
    const open = async (project: string): Promise<void> =>
      workbench.openFile(machine.folder(project, `${project}.py`));
    // Chosen once; whatever happens afterwards, it stays chosen.
    await open("one");
    await workbench.showsStatus(/^\.venv/);
    await workbench.status.click();
    await selectPath(workbench, machine.folder("one", "envs", "chosen"));
    await workbench.showsStatus(/^chosen/);

    let expected = ".venv";
    let isGuestOpen = false;
    const acts: readonly (() => Promise<void>)[] = [
      async () => {
        isGuestOpen = !isGuestOpen;
        await machine.writeWorkspace("all", isGuestOpen ? [...folders, machine.folder("guest")] : folders);
        await open("guest");
        await workbench.showsStatus(/^\.venv/);
      },
      async () => {
        await open("three");
        await workbench.showsStatus(/^\.venv/);
      },
      async () => {
        await open("two");
        await workbench.status.click();
        if (expected === ".venv") {
          await selectPath(workbench, machine.folder("two", "envs", "chosen"));
        } else {
          await workbench.pick.choose(/^\s*\.venv 3/);
        }
        expected = expected === ".venv" ? "chosen" : ".venv";
        await workbench.showsStatus(expected === ".venv" ? /^\.venv/ : /^chosen/);
      },
      async () => {
        await machine.remove("three/.venv");
        await open("three");
        await workbench.showsStatus(/^(Python|No interpreter)/);
        await workbench.run("Python Workflow: Quick Create Environment");
        await workbench.showsStatus(/^\.venv/);
      },
    ];
    let kills = 0;
    /** It comes back by itself, later each time; a person who does not want to wait restarts it. */
    const kill = async (): Promise<void> => {
      const [helper] = workbench.helperPids();
      process.kill(helper ?? Number.NaN, "SIGKILL");
      kills += 1;
      if (kills % 3 === 0) {
        await workbench.run("Python Workflow: Restart Helper");
      }
      await expect.poll(() => workbench.helperPids().filter((pid) => pid !== helper), shown).toHaveLength(1);
    };
    const host = extensionHost(workbench);
    const memory: { readonly host: number; readonly helper: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Every act meets a helper that has just been killed; then one helper is left to all of them.
      const isKilling = round < rounds / 3;
      if (isKilling && round % 3 === 1) {
        await kill();
      }
      await acts[round % acts.length]?.();
      await open("one");
      await workbench.showsStatus(/^chosen/);
      await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
      const [helper] = workbench.helperPids();
      const used = { host: memoryOf(host ?? 0), helper: memoryOf(helper ?? 0) };
      if (!isKilling && used.host !== undefined && used.helper !== undefined) {
        memory.push({ host: used.host, helper: used.helper });
      }
    }

    expect(extensionHost(workbench)).toBe(host);
    const third = Math.ceil(memory.length / 3);
    for (const target of ["host", "helper"] as const) {
      const early = median(memory.slice(0, third).map((used) => used[target]));
      const late = median(memory.slice(-third).map((used) => used[target]));
      expect(late - early, `${target}: from ${early} to ${late} bytes`).toBeLessThan(growth[target]);
    }
    await kill();
    expect(await selected(machine, "one")).toBe("chosen");
    expect(await selected(machine, "two")).toBe(expected);
    await workbench.screenshot("soak");
    await workbench.reload();
    await open("one");
    await workbench.showsStatus(/^chosen/);

    const settings = JSON.stringify(await workbench.settings());
    expect(settings).not.toMatch(/python/i);
    expect(JSON.parse(await readFile(workspace, "utf8"))).not.toHaveProperty("settings");
    await workbench.close();
    // All that is left is VS Code.
    const left = (): readonly string[] =>
      workbench.server.processes("").flatMap(({ command }) => (command.includes("code-server") ? [] : [command]));
    await expect.poll(left, shown).toEqual([]);
  },
);
