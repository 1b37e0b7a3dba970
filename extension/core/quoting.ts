/** Quotes a command for an interactive shell, so that each argument stays as it is. */

/** Characters without a special meaning in any shell. */
const PLAIN = /^[\w@%+=:,./-]+$/;
/** The same on Windows, with the characters of its paths. */
const PLAIN_WINDOWS = /^[\w@+=:,./\\-]+$/;

/**
 * Return the command line that starts a program in a shell.
 *
 * @param argv the program and its arguments
 * @param shell the editor's name for the kind of shell, or the file name of its program; undefined when unknown
 */
export function shellLine(argv: readonly string[], shell: string | undefined, platform: NodeJS.Platform): string {
  const kind = (shell ?? (platform === "win32" ? "pwsh" : "sh")).toLowerCase().replace(/\.exe$/, "");
  const words = argv.map((word) => quoted(word, kind));
  // What begins with a quote is a text there, unless it is called.
  const called = isPowerShell(kind) && words[0]?.startsWith("'") === true;
  return called ? `& ${words.join(" ")}` : words.join(" ");
}

function quoted(word: string, kind: string): string {
  if (isPowerShell(kind)) {
    return PLAIN_WINDOWS.test(word) ? word : `'${word.replaceAll("'", "''")}'`;
  }
  if (kind === "cmd") {
    return PLAIN_WINDOWS.test(word) ? word : `"${word.replaceAll('"', '""')}"`;
  }
  if (PLAIN.test(word)) {
    return word;
  }
  return kind === "fish" ? `'${word.replaceAll(/[\\']/g, "\\$&")}'` : `'${word.replaceAll("'", `'\\''`)}'`;
}

function isPowerShell(kind: string): boolean {
  return kind === "pwsh" || kind === "powershell";
}
