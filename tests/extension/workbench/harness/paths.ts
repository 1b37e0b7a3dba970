import { readFileSync } from "node:fs";

import { inCache, inRoot, pathsFile } from "../../../../scripts/lib/paths.mjs";
import type { Paths } from "../../../../scripts/lib/setup.mjs";

/** What setup installed: absolute paths. Every part that the workbench tests need is there. */
export const paths = readPaths();

function readPaths(): Required<Paths> {
  const found = JSON.parse(readFileSync(pathsFile, "utf8")) as Partial<Paths>;
  for (const part of ["python", "pythons", "tools", "node24", "codeServer", "chromium"] as const) {
    if (found[part] === undefined) {
      throw new Error(`${part} is not set up: run "npm run setup"`);
    }
  }
  return found as Required<Paths>;
}

/** Where the tests leave what people look at; made on the first screenshot. */
export const screenshots = inCache("screenshots");

/** The top folder of the repository. */
export const repository = inRoot();
