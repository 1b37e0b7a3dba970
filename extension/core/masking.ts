/**
 * Takes out of a text what a person would not post: secrets, their home folder, their name, their machine's name.
 *
 * What looks like a secret is taken for one; a word too many that is masked costs a question, one too few cannot be taken back.
 */

/** Who the text is about. */
export interface Person {
  /** Absolute path of the home folder; may be empty. */
  readonly home: string;
  /** The user's name; may be empty. */
  readonly user: string;
  /** The machine's name; may be empty. */
  readonly host: string;
}

const HIDDEN = "***";

/** Names under which secrets are kept, as a part of a longer name. */
const SECRET_NAME =
  "(?:api[-_.]?key|access[-_.]?key|account[-_.]?key|private[-_.]?key|secret|token|passw(?:or)?d|passwd|passphrase|pwd|credential|authorization|auth|cookie|session[-_.]?id|signature|bearer)";
/** A name that holds one; nothing that stands between words of a sentence. */
const NAME = `[\\w.-]{0,64}?${SECRET_NAME}[\\w.-]{0,64}`;

/** Each finds secrets; the groups `before` and `after`, where there are such, stay. */
const SECRETS: readonly RegExp[] = [
  // Keys in their armour.
  /(?<before>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(?<after>-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  // https://user:password@host, https://token@host
  /(?<before>\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>`]{1,2000}(?<after>@)/gi,
  // Authorization: Basic dXNlcg==
  /(?<before>\b(?:basic|bearer|digest|negotiate)\s{1,4})[\w.~+/=-]{8,}/gi,
  // {"name": "value"}, NAME=value, name: value, ?name=value, and the same with quotes that are escaped in JSON
  new RegExp(
    `(?<before>(?:${NAME})\\\\?["']?[ \\t]{0,4}[:=][ \\t]{0,4})(?:\\\\"(?:[^"\\\\\\n]|\\\\[^"\\n]){0,4000}\\\\"|"(?:[^"\\\\\\n]|\\\\.){0,4000}"|'(?:[^'\\\\\\n]|\\\\.){0,4000}'|[^\\s"',;&)\\]}]{1,4000})`,
    "gi",
  ),
  // --password value, ["--token", "value"]
  new RegExp(`(?<before>--?${NAME}(?:[ \\t]{1,4}|\\\\?["'],?(?:\\s|\\\\n){0,40})\\\\?["']?)[^\\s"',;\\]\\\\]{1,4000}`, "gi"),
  // What services give out begins with their mark.
  /\b(?:gh[opusr]_|github_pat_|glpat-|gldt-|pypi-|npm_|hf_|sk-|sk_(?:live|test)_|rk_(?:live|test)_|xox[a-z]-|dop_v1_|shpat_|dckr_pat_)[\w-]{12,}/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
];

const ADDRESS = /\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b/gi;

/** Names that tell nothing of a person: masking them would only make a text harder to read. */
const NOBODY = new Set(["root", "user", "admin", "administrator", "vscode", "codespace", "runner", "ubuntu", "node", "python", "localhost"]);

/** The text without passwords, tokens and keys. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((masking, pattern) => masking.replaceAll(pattern, hide), text);
}

/** The text without what would tell of the person, or open anything of theirs. Masking it again changes nothing. */
export function masked(text: string, { home, host, user }: Person): string {
  const homeless = homes(home).reduce(
    (masking, pattern) => masking.replaceAll(pattern, "~"),
    withoutSecrets(text).replaceAll(ADDRESS, "<address>"),
  );
  return hideWord(hideWord(homeless, user, "<user>"), host, "<host>");
}

function hide(...match: readonly unknown[]): string {
  const { after = "", before = "" } = match.at(-1) as { readonly before?: string; readonly after?: string };
  return `${before}${HIDDEN}${after}`;
}

/** A home folder as it is written: plain, in a URI, and with what JSON escapes. */
function homes(home: string): readonly RegExp[] {
  if (home.length < 2) {
    return [];
  }
  const windows = /^[a-z]:/i.test(home);
  const slashed = home.replaceAll("\\", "/");
  const spellings = windows
    ? [home, home.replaceAll("\\", "\\\\"), slashed, encoded(slashed)]
    : [home, encoded(home)];
  // Not the beginning of another folder's name.
  return [...new Set(spellings)]
    .sort((left, right) => right.length - left.length)
    .map((spelling) => new RegExp(`${escaped(spelling)}(?![\\w-])`, windows ? "gi" : "g"));
}

function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Also the name of a machine without its domain. */
function hideWord(text: string, word: string, hidden: string): string {
  const short = word.split(".")[0] ?? "";
  return [...new Set([word, short])]
    .filter((name) => name.length > 1 && !NOBODY.has(name.toLowerCase()))
    .reduce(
      (masking, name) =>
        masking.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}])`, "giu"), hidden),
      text,
    );
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
