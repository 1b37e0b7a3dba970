import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Machine } from "./machine.ts";

/** What the extension "asker" was told last: by folder, the path of the interpreter, or null where there is none. */
export async function toldAsker(machine: Machine): Promise<Readonly<Record<string, string | null>>> {
  const text = await readFile(join(machine.home, "told.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as Record<string, string | null>;
}
