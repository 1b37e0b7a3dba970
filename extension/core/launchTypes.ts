/** The debug types that a `launch.json` names, and where. */
import { DEBUG_TYPE } from "./debugging.ts";

/** The type of the Python Debugger extension, and the one that it had before it was an extension of its own. */
const OTHERS: ReadonlySet<string> = new Set(["debugpy", "python"]);
/** The Python Debugger extension. */
export const PYTHON_DEBUGGER = "ms-python.debugpy";

/** A type that can become another one. */
export interface LaunchType {
  /** The place of its text, without the quotes. */
  readonly start: number;
  readonly end: number;
  /** What can stand there instead. */
  readonly instead: string;
}

/** Strings, comments, and the signs between them that matter. */
const TOKENS = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[:,{}[\]]/gu;

/**
 * Find the configurations that the one debugger would run and the other can: those of the Python Debugger extension where it is
 * absent, ours where it is there. Text that is no JSON yet is searched as well.
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
