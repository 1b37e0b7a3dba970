/** Finds the inline metadata (PEP 723) of scripts in the editor; the helper reads its content. */
import type { ScriptProblem } from "../acts.ts";

const OPENING = /^# \/\/\/ script\r?$/m;

/** Return the line, counted from 0, that opens a script's block; undefined where there is none. */
export function blockLine(text: string): number | undefined {
  const found = OPENING.exec(text);
  return found === null ? undefined : text.slice(0, found.index).split("\n").length - 1;
}

/** A range in one line, counted from 0. */
export interface Underline {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Return where a problem is underlined: from its column to the end of its line, else the whole line.
 *
 * @param lines the document's; it may have become shorter since the problem was found
 */
export function underline({ column, line }: ScriptProblem, lines: readonly string[]): Underline {
  const at = Math.max(0, Math.min(line, lines.length - 1));
  const end = (lines[at] ?? "").trimEnd().length;
  return { line: at, start: column === null || column >= end ? 0 : column, end };
}
