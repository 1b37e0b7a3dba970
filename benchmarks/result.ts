/** What a benchmark in VS Code is asked for, and where it leaves what it measured. */
import { writeFile } from "node:fs/promises";

import type { Series } from "../scripts/lib/figures.mjs";

/** Rounds that are not counted: the editor gets warm, and byte code is compiled. */
export const warmUp = 2;

/** Rounds that are. */
export const rounds = Number(process.env["BENCHMARK_ROUNDS"] ?? "3");

/** For `machine.open`: an extension's code is compiled whenever a window opens, and that is measured. */
export const uncompiled = { env: { NODE_DISABLE_COMPILE_CACHE: "1" } };

/** Leaves the series, each of so many values as there are rounds, for `scripts/lib/benchmarks.mjs`. */
export async function keep(series: Readonly<Record<string, Series>>): Promise<void> {
  const result = process.env["BENCHMARK_RESULT"];
  if (result !== undefined) {
    await writeFile(result, JSON.stringify({ rounds, series }));
  }
}
