/** Text of a folder, made safe to show where the editor reads markup in it. */

const LONGEST = 48;

/** What nobody sees, and what turns the direction of writing: control characters, line breaks, halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** `text` with all of that spelled out as the command line does, but for the characters in `kept`. */
export function spelledOut(text: string, kept = ""): string {
  return text.replaceAll(UNSEEN, (letter) => (kept.includes(letter) ? letter : spelling(letter)));
}

function spelling(letter: string): string {
  const short = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[letter];
  const code = letter.charCodeAt(0).toString(16);
  return short ?? (code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`);
}

/**
 * A name for a label of the editor, where `$(name)` would be drawn as an icon.
 * What nobody sees is spelled out and a long name is cut.
 */
export function plainLabel(text: string): string {
  const flat = spelledOut(text).replaceAll("$(", "$\u200B(");
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1)}…` : flat;
}

/** A code span of Markdown that holds `text`, whatever backticks are in it. */
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

/** A code block of Markdown that holds `text`, whatever backticks are in it. */
export function codeBlock(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => run[0].length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  const plain = spelledOut(text, "\n\t");
  return `${fence}text\n${plain}\n${fence}`;
}

/** A clause of the helper as a sentence by itself: with a capital, unless it begins with a name or path, and a stop. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  const capital = /^[a-z]+[ ,]/.test(trimmed)
    ? `${trimmed.slice(0, 1).toUpperCase()}${trimmed.slice(1)}`
    : trimmed;
  return capital === "" || /[.!?:]$/.test(capital) ? capital : `${capital}.`;
}
