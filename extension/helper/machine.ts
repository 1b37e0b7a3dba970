/** The machine that the extension runs on, for the search for a Python. */
import { readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";

import type { Machine } from "../core/machine.ts";

/** Return the machine that runs the extension. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    list: (folder) => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
    real: (path) => {
      try {
        return realpathSync.native(path);
      } catch {
        return undefined;
      }
    },
  };
}
