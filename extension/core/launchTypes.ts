/** The debug types that a `launch.json` names, and where. */
import { DEBUG_TYPE } from "./debugging.ts";

/** The debug type of the Python Debugger extension, and its older one, of the time when it was part of the Python extension. */
const OTHERS: ReadonlySet<string> = new Set(["debugpy", "python"]);
/** The Python Debugger extension. */
export const PYTHON_DEBUGGER = "ms-python.debugpy";

/** A type that can become another one. */
export interface LaunchType {
  /** The place of its text, without the quotes. */
  readonly start: number;
  readonly end: number;
  /** The replacement. */
  readonly instead: string;
}

/** Strings, comments, and the signs between them that matter. */
const TOKENS = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[:,{}[\]]/gu;

/**
 * Find the configurations whose debug type can be replaced: the Python Debugger extension's where that is not
 * installed, ours where it is. Text that is not valid JSON yet is searched as well.
 */
export function launchTypes(text: string, hasPythonDebugger: boolean): readonly LaunchType[] {
  const found: LaunchType[] = [];
  let before = "";
  let name = "";
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token.startsWith("/")) {
      continue;
    }
    if (before === ":" && name === '"type"' && token.startsWith('"')) {
      const type = token.slice(1, -1);
      const fits = hasPythonDebugger ? type === DEBUG_TYPE : OTHERS.has(type);
      if (fits) {
        const instead = hasPythonDebugger ? "debugpy" : DEBUG_TYPE;
        found.push({ start: index + 1, end: index + token.length - 1, instead });
      }
    }
    name = token === ":" ? before : "";
    before = token;
  }
  return found;
}
