/** The text to type into Python's own REPL so that it runs lines of a file. */

/** From this minor version on, the REPL reads pasted lines as one input. */
const PASTES_SINCE = 13;
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** Return the lines that a selection touches: a cursor before the first character of a line does not. */
export function touchedLines(start: number, end: number, endCharacter: number): readonly [number, number] {
  return [start, end > start && endCharacter === 0 ? end - 1 : end];
}

/**
 * Return the text to type, Enter included; empty where there is nothing to run.
 *
 * An older REPL reads one statement at a time, and a blank line ends its block. There the lines become one string that
 * is compiled as the REPL compiles: statement by statement, with each value shown.
 *
 * @param version of the REPL, `X.Y` or `X.Y.Z`; null where it is not known
 */
export function replInput(lines: readonly string[], version: string | null): string {
  const code = dedented(lines).map(plain).join("\n").replace(/^(?:[ \t]*\n)+/, "").trimEnd();
  if (code === "") {
    return "";
  }
  if (!code.includes("\n")) {
    return `${code}\r`;
  }
  if (!pastes(version)) {
    const each = `__import__("ast").parse(${JSON.stringify(code)}).body`;
    const compiled = `compile(__import__("ast").Interactive([_one]), "<selection>", "single")`;
    return `[exec(${compiled}, globals()) for _one in ${each}] and None\r`;
  }
  // Several lines are taken for complete when an empty one follows.
  return `${PASTE_BEGINS}${code.replaceAll("\n", "\r")}${PASTE_ENDS}\r\r`;
}

/** Remove the indentation of the first line with text from all lines that have it. */
function dedented(lines: readonly string[]): readonly string[] {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const indentation = /^[ \t]*/.exec(first)?.[0] ?? "";
  return lines.map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line));
}

/** Remove control characters, which a terminal would interpret. */
function plain(line: string): string {
  return line.replaceAll(/(?!\t)\p{Cc}/gu, "");
}

function pastes(version: string | null): boolean {
  const found = /^3\.(\d+)/.exec(version ?? "");
  return found !== null && Number(found[1]) >= PASTES_SINCE;
}
