import type { TestContext } from "vitest";

import { paths } from "./paths.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What the test needs and this machine lacks, and the one command that brings it; `npm test` names it at its end. */
    needs?: string;
  }
}

/** The machine's supported Pythons, one of each version. */
export function pythonVersions(): readonly string[] {
  return paths.pythons.filter((path, index, all) => all.findIndex((other) => minor(other) === minor(path)) === index);
}

/**
 * The same, as many as a test needs: where the machine has fewer the test ends here, and `npm test` says so.
 *
 * @param count how many
 */
export function pythonsOf(context: Pick<TestContext, "skip" | "task">, count: number): readonly string[] {
  const found = pythonVersions();
  if (found.length < count) {
    context.task.meta.needs = `needs ${count} supported Pythons of different versions; to run it: uv python install 3.11 3.12 3.13`;
    context.skip();
  }
  return found;
}

/** `3.12` of the path of a `python3.12`. */
export function minor(python: string): string {
  return /3\.\d+$/.exec(python)?.[0] ?? "";
}
