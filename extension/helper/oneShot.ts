/** Sends one query to a helper process of its own, which is quicker than waiting for the server. */
import { type AskedFolder, oneShotArguments, type OneShotResult, readOneShot } from "../core/oneShot.ts";
import type { Context } from "../protocol.ts";
import type { Children } from "./process.ts";

/** The time limit: many times what a busy machine takes. */
const TIMEOUT_MS = 5_000;

/** Where the helper is. */
export interface HelperFiles {
  /** Absolute path of the helper's `__main__.py`. */
  readonly helper: string;
  /** Absolute path of a folder for compiled Python. */
  readonly cache: string;
}

/** Return the arguments of an interpreter that runs the helper with `args`: isolated, without site. */
export function helperArguments(files: HelperFiles, args: readonly string[]): readonly string[] {
  return ["-I", "-S", "-X", `pycache_prefix=${files.cache}`, files.helper, ...args];
}

/** Ask about one folder with one interpreter. Never rejects. */
export async function oneShot(
  children: Children,
  python: string,
  files: HelperFiles,
  folder: AskedFolder,
  context: Context,
): Promise<OneShotResult> {
  const args = helperArguments(files, oneShotArguments(folder, context));
  return readOneShot(await children.run(python, args, TIMEOUT_MS), folder);
}
