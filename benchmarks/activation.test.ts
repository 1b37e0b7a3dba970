/** From the extension's `activate` to the interpreter selected, in the real VS Code: see docs/benchmarks.md. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, paths, shown, test } from "../tests/extension/workbench/harness/index.ts";
import type { Machine } from "../tests/extension/workbench/harness/index.ts";

/** Rounds that are not counted: the editor gets warm, and byte code is compiled. */
const warmUp = 2;

const rounds = Number(process.env["BENCHMARK_ROUNDS"] ?? "3");

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

test("an interpreter is selected when the extension is activated", { timeout: 1_800_000 }, async ({ machine }) => {
  expect(paths.pythons).not.toEqual([]);
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1.0"\n');
  await machine.write("project/main.py", "print('hello')\n");
  const workbench = await machine.open(machine.folder("project"));
  await expect.poll(async () => workbench.status.text(), shown).toContain(".venv");
  await expect.poll(() => told(machine, ready).length, shown).toBe(1);

  const bare: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    // The server is waited for, too: it must not come up in the next round.
    const before = told(machine, ready).length;
    const python = barePython(machine);
    await workbench.reload();
    await expect.poll(() => told(machine, ready).length, shown).toBe(before + 1);
    bare.push(...(round >= 0 ? [python] : []));
  }
  const selections = told(machine, selected);
  expect(selections.length).toBe(told(machine, ready).length);

  const series = {
    "python -I -S -c pass": { unit: "ms", values: bare },
    "activate to selected": { unit: "ms", values: selections.slice(-rounds) },
    "server spawned to ready": { unit: "ms", values: told(machine, ready).slice(-rounds) },
  };
  const result = process.env["BENCHMARK_RESULT"];
  if (result !== undefined) {
    await writeFile(result, JSON.stringify({ rounds, series }));
  }
});
