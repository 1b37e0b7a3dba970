/** What the extension adds to the start of a window, and how soon an interpreter is selected: see docs/benchmarks.md. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, paths, shown, test } from "../tests/extension/workbench/harness/index.ts";
import type { Machine, Workbench } from "../tests/extension/workbench/harness/index.ts";
import { keep, rounds, uncompiled, warmUp } from "./result.ts";

/** Folders of logs are numbered, as windows are opened. */
const byNumber = new Intl.Collator("en", { numeric: true });

/** The milliseconds that the extension's logs tell of in such lines, oldest first. */
function told(machine: Machine, line: RegExp): readonly number[] {
  const logs = join(machine.home, "..", "data-1", "logs"); // of the first VS Code that it opened
  return readdirSync(logs, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("Python Workflow.log"))
    .sort(byNumber.compare)
    .flatMap((file) => [...readFileSync(join(logs, file), "utf8").matchAll(line)])
    .map(([, took]) => Number(took));
}

const selected = / selected \S.* in (\d+) ms$/gm;
const ready = / The helper \(.*\) was ready in (\d+) ms\.$/gm;

function barePython(machine: Machine): number {
  const start = performance.now();
  execFileSync(join(machine.bin, "python3"), ["-I", "-S", "-c", "pass"]);
  return performance.now() - start;
}

/** What VS Code itself counts for each running extension, by its name: loading its code, and its `activate`. */
async function activations(workbench: Workbench): Promise<ReadonlyMap<string, number>> {
  await workbench.run("Developer: Show Running Extensions");
  const rows = workbench.page.locator(".runtime-extensions-editor .monaco-list-row");
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const found = await rows.evaluateAll((elements) =>
      elements.map((element) => ({
        name: element.querySelector(".name")?.textContent ?? "",
        time: element.querySelector(".activation-time")?.textContent ?? "",
      })),
    );
    return new Map(found.map(({ name, time }) => [name, Number(/(\d+)\s*ms/.exec(time)?.[1] ?? Number.NaN)]));
  };
  await expect.poll(async () => [...(await read()).keys()], shown).toEqual(
    expect.arrayContaining(["Python Workflow", "Git"]),
  );
  return read();
}

test("an interpreter is selected when the extension is activated", { timeout: 1_800_000 }, async ({ machine }) => {
  expect(paths.pythons).not.toEqual([]);
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1.0"\n');
  await machine.write("project/main.py", "print('hello')\n");
  const workbench = await machine.open(machine.folder("project"), uncompiled);
  // All running extensions are in sight.
  await workbench.page.setViewportSize({ width: 1280, height: 2000 });
  await expect.poll(async () => workbench.status.text(), shown).toContain(".venv");
  await expect.poll(() => told(machine, ready).length, shown).toBe(1);

  const bare: number[] = [];
  const own: number[] = [];
  const git: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    // The server is waited for, too: it must not come up in the next round.
    const before = told(machine, ready).length;
    const python = barePython(machine);
    await workbench.reload();
    await expect.poll(() => told(machine, ready).length, shown).toBe(before + 1);
    const counted = await activations(workbench);
    if (round >= 0) {
      bare.push(python);
      own.push(counted.get("Python Workflow") ?? Number.NaN);
      git.push(counted.get("Git") ?? Number.NaN);
    }
  }
  const selections = told(machine, selected);
  expect(selections.length).toBe(told(machine, ready).length);

  await keep({
    "python -I -S -c pass": { unit: "ms", values: bare },
    "loading and activating": { unit: "ms", values: own },
    "VS Code's own Git": { unit: "ms", values: git },
    "activate to selected": { unit: "ms", values: selections.slice(-rounds) },
    "server spawned to ready": { unit: "ms", values: told(machine, ready).slice(-rounds) },
  });
});
