/** The settings of other extensions that name an interpreter, and the values to write into them. */
import { isDeepStrictEqual } from "node:util";

import { isInside, pathRules } from "./paths.ts";

/** The form of each setting: the interpreter's path, or a list with only the path. */
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

/** The value that was written into a setting, and the one before; undefined where there was none. */
export interface Written {
  readonly value: unknown;
  readonly before?: unknown;
}

/** The values that were written for a folder, by setting. */
export type WrittenSettings = Readonly<Record<string, Written>>;

/**
 * Return the value of a setting for an interpreter.
 *
 * Inside the folder the path is relative, so that the settings also work in a colleague's copy.
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

/**
 * Decide what to do with a written setting when the interpreter may have changed. A value that the user changed is left
 * alone.
 */
export function renewal({ value }: Written, found: unknown, next: unknown): Renewal {
  if (!isDeepStrictEqual(found, value)) {
    return { kind: "forget" };
  }
  return isDeepStrictEqual(value, next) ? { kind: "keep" } : { kind: "write", value: next };
}
