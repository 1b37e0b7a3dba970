/** Files of variables, `NAME=VALUE` a line, as `envFile` of a launch configuration names one. */

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*?)\s*$/;
/** A value in quotes, and at most a comment after it. */
const QUOTED = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/;

/**
 * Reads the variables of such a file.
 *
 * A value may be in quotes; in double ones `\n` is a new line, and in all but single ones `${NAME}` is the value
 * that `NAME` has further up in the file, else in `base`, else nothing. What is no assignment is passed over.
 */
export function parseEnvFile(
  text: string,
  base: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const read: Record<string, string> = {};
  const filled = (value: string): string =>
    value.replaceAll(/\\?\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) =>
      whole.startsWith("\\") ? whole.slice(1) : (read[name] ?? base[name] ?? ""),
    );
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const [, name, value] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      continue;
    }
    const [, single, double] = QUOTED.exec(value) ?? [];
    read[name] = single ?? filled(double === undefined ? value.replace(/(^|\s+)#.*$/, "") : unescaped(double));
  }
  return read;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([nrt"\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
