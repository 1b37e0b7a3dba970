/** Make text that comes from a folder safe to show where the editor interprets markup. */

const LONGEST = 48;

/** Invisible characters, and those that change the text direction: control characters, line breaks, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Return `text` with these characters escaped as on the command line, except for those in `kept`. */
export function spelledOut(text: string, kept = ""): string {
  return text.replaceAll(INVISIBLE, (letter) => (kept.includes(letter) ? letter : escaped(letter)));
}

function escaped(letter: string): string {
  const short = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[letter];
  const code = letter.charCodeAt(0).toString(16);
  return short ?? (code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`);
}

/**
 * Return a name for a label of the editor, where `$(name)` would be drawn as an icon.
 * Invisible characters are escaped, and a long name is cut.
 */
export function plainLabel(text: string): string {
  const flat = spelledOut(text).replaceAll("$(", "$\u200B(");
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1)}…` : flat;
}

/** Return a Markdown code span of `text`, which may contain backticks. */
export function codeSpan(text: string): string {
  const flat = spelledOut(text);
  const runs = [...flat.matchAll(/`+/g)].map((run) => run[0].length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = flat.startsWith("`") || flat.endsWith("`") ? " " : "";
  return `${fence}${pad}${flat}${pad}${fence}`;
}

/**
 * Return a text for a paragraph of Markdown, shown as it is: what would become an element, a link, emphasis or one of the
 * editor's icons is escaped.
 */
export function plainMarkdown(text: string): string {
  return spelledOut(text.replaceAll(/\s+/g, " "))
    .replaceAll(/[\\<&`*_~]/g, "\\$&")
    .replaceAll("$(", "\\$(")
    .replaceAll(/\](?=[([])/g, "]\\");
}

/** Return a Markdown code block of `text`, which may contain backticks. */
export function codeBlock(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => run[0].length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  const plain = spelledOut(text, "\n\t");
  return `${fence}text\n${plain}\n${fence}`;
}

/** Return a clause of the helper as a sentence: with a period, and a capital unless it begins with a name or path. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  const capital = /^[a-z]+[ ,]/.test(trimmed)
    ? `${trimmed.slice(0, 1).toUpperCase()}${trimmed.slice(1)}`
    : trimmed;
  return capital === "" || /[.!?:]$/.test(capital) ? capital : `${capital}.`;
}
