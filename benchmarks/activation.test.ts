/** From the extension's `activate` to the interpreter selected, in the real VS Code: see docs/benchmarks.md. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, paths, shown, test } from "../tests/extension/workbench/harness/index.ts";
import type { Machine, Workbench } from "../tests/extension/workbench/harness/index.ts";

/** Rounds that are not counted: the editor gets warm, and byte code is compiled. */
const warmUp = 2;

const rounds = Number(process.env["BENCHMARK_ROUNDS"] ?? "3");

/** How long after `activate` each selection came, in milliseconds, as the extension's logs tell; in order. */
function selections(workbench: Workbench): readonly number[] {
  const logs = join(workbench.userData, "logs");
  const files = readdirSync(logs, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("Python Workflow.log"))
    .sort();
  const text = files.map((file) => readFileSync(join(logs, file), "utf8")).join("");
  return [...text.matchAll(/^(\S+ \S+) .*selected .* in (\d+) ms$/gm)]
    .sort(([, left = ""], [, right = ""]) => left.localeCompare(right))
    .map(([, , took]) => Number(took));
}

/** What selection came when this was done. */
async function selectedAfter(workbench: Workbench, act: () => Promise<void>): Promise<number> {
  const before = selections(workbench).length;
  await act();
  await expect.poll(() => selections(workbench).length, shown).toBe(before + 1);
  // The next act comes when this one's server has come up as well: a person is not that quick.
  await expect.poll(() => workbench.helperPids().length, shown).toBe(1);
  return selections(workbench).at(-1) ?? Number.NaN;
}

function barePython(machine: Machine): number {
  const start = performance.now();
  execFileSync(join(machine.bin, "python3"), ["-I", "-S", "-c", "pass"]);
  return performance.now() - start;
}

test("an interpreter is selected when the extension is activated", { timeout: 1_800_000 }, async ({ machine }) => {
  expect(paths.pythons).not.toEqual([]);
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1.0"\n');
  await machine.write("project/main.py", "print('hello')\n");
  const workbench = await machine.open(machine.folder("project"));
  await expect.poll(async () => workbench.status.text(), shown).toContain(".venv");

  const bare: number[] = [];
  const reloaded: number[] = [];
  const restarted: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const python = barePython(machine);
    const reload = await selectedAfter(workbench, async () => workbench.reload());
    const restart = await selectedAfter(workbench, async () => workbench.run("Developer: Restart Extension Host"));
    if (round >= 0) {
      bare.push(python);
      reloaded.push(reload);
      restarted.push(restart);
    }
  }

  const series = {
    "python -I -S -c pass": { unit: "ms", values: bare },
    "activate to selected, the window reloaded": { unit: "ms", values: reloaded },
    "activate to selected, the extension host restarted": { unit: "ms", values: restarted },
  };
  const result = process.env["BENCHMARK_RESULT"];
  if (result !== undefined) {
    await writeFile(result, JSON.stringify({ rounds, series }));
  }
});
