/** Settings of other extensions that name an interpreter: which there are, and what to write into them. */
import { isDeepStrictEqual } from "node:util";

import { isInside, pathRules } from "./paths.ts";

/** How a setting holds an interpreter: as its path, or as a list that holds it alone. */
const SETTINGS: Readonly<Record<string, "path" | "list">> = {
  "ruff.interpreter": "list",
  "ty.interpreter": "path",
  "python.pythonPath": "path", // of Pyright and basedpyright
  "mypy-type-checker.interpreter": "list",
  "pylint.interpreter": "list",
  "flake8.interpreter": "list",
  "black-formatter.interpreter": "list",
  "isort.interpreter": "list",
  "autopep8.interpreter": "list",
};

/** The settings that are known here, in the order to show them in. */
export const TOOL_SETTINGS: readonly string[] = Object.keys(SETTINGS);

/** What was written into a setting, and what it held before; undefined where it held nothing. */
export interface Written {
  readonly value: unknown;
  readonly before?: unknown;
}

/** What was written for a folder, by setting. */
export type WrittenSettings = Readonly<Record<string, Written>>;

/**
 * Return what a setting holds for an interpreter.
 *
 * In a folder it is relative to that, so that a colleague's copy of the settings holds, too.
 *
 * @param folder the open folder; both are absolute paths
 */
export function settingValue(platform: NodeJS.Platform, setting: string, interpreter: string, folder: string): unknown {
  const rules = pathRules(platform);
  const inside = isInside(platform, folder, interpreter);
  const path = inside
    ? `\${workspaceFolder}/${rules.relative(folder, interpreter).replaceAll(rules.sep, "/")}`
    : interpreter;
  return SETTINGS[setting] === "list" ? [path] : path;
}

/** What to do with a setting that was written: write another value, leave it, or forget it. */
export type Renewal = { readonly kind: "write"; readonly value: unknown } | { readonly kind: "keep" | "forget" };

/** Decide about a setting that was written, once another interpreter may be selected: what a person changed is theirs. */
export function renewal({ value }: Written, found: unknown, next: unknown): Renewal {
  if (!isDeepStrictEqual(found, value)) {
    return { kind: "forget" };
  }
  return isDeepStrictEqual(value, next) ? { kind: "keep" } : { kind: "write", value: next };
}
