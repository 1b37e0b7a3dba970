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

const ESCAPE = "%(?:25){0,3}";
const SLASHES = String.raw`:\\{0,4}/\\{0,4}/`;
const LETTER = String.raw`[^\s/?#"'<>${"`"}%\\]|%(?!(?:25){0,3}(?:2F|3F|23|40))`;

/** Between an option and its value: on a command line, or in a list of Python's or of JSON. */
const BETWEEN = String.raw`(?:[ \t]{1,4}|\\{0,7}["'],?(?:\s|\\{1,4}n){0,40}(?=\\{0,7}["']))`;
const ARGUMENT = String.raw`(?:\\{0,7}"[^"\\\n]{1,500}\\{0,7}"|'[^'\n]{1,500}'|[^\s"'\\]{1,2000})`;
const COMMANDS: readonly string[] = [
  // by themselves, before a host
  String.raw`(?<![^\s"'<>${"`"}=(\[{,;|])(?!(?:mailto|acct|sips?|xmpp|ssh|git):)[^\s:/@"'<>${"`"}(\[{,;|=\\]{1,64}:` +
    String.raw`[^\s/"'<>${"`"}\\]{1,200}(?<after>@)(?=(?:localhost|(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3}` +
    String.raw`|\[[\dA-Fa-f:.]{2,45}\])(?![\w@-])|(?!sha\d)[\w-]{1,63}(?::\d{2,5}(?!\w)|/))`,
  // curl -u user:password; docker's -u 1000:1000 is none, nor is an address or a path
  String.raw`(?<before>(?<![\w-])-(?:(?:[a-zA-Z]{0,4}[uU]|-(?:proxy-)?user)(?:${BETWEEN}|=)|u))` +
    String.raw`(?:\\{0,7}["'][^\s:"'\\/]{1,100}:(?![/\\])[^"'\\\n]{1,500}\\{0,7}["']` +
    String.raw`|[^\s:"'\\/=]{1,100}:(?![/\\]|\d+(?:[\s"']|$))[^\s"'\\]{1,2000})`,
  // other options of one letter
  String.raw`(?<before>\b(?:sshpass|(?:docker|podman|nerdctl|buildah|skopeo|oras)${BETWEEN}["']?login` +
    String.raw`|(?:hatch|pdm|poetry|twine|uv)${BETWEEN}["']?(?:publish|upload))\b` +
    String.raw`[^\n|;&]{0,300}?[ \t"']-[aptP](?:${BETWEEN}|=|(?!["'])))(?!\s)${ARGUMENT}`,
  String.raw`(?<before>\bcurl\b[^\n|;&]{0,300}?[ \t"']-b(?:${BETWEEN}|(?!["'])))(?!\s)${ARGUMENT}`,
  // what a tool is told to remember
  String.raw`(?<before>\bhttp-basic\.[\w.-]{1,100}${BETWEEN}${ARGUMENT}${BETWEEN})${ARGUMENT}`,
  String.raw`(?<before>\bconfig${BETWEEN}(?:["']?(?:set|--?[\w-]{1,40})${BETWEEN}){0,3}["']?` +
    String.raw`(?:pypi-token\.[\w.-]{1,100}|(?:[\w-]{1,60}\.){1,6}(?:password|token|secret))${BETWEEN})${ARGUMENT}`,
];
const SPACE = String.raw`[ \t]{1,4}`;
const WORDS = "passw(?:or)?d|passphrase|passcode";
const KEY = "pwd|secret|token|credentials?|(?:api|access|secret|private|auth)[ _-]?key";
const OWNER = String.raw`(?:${SPACE}(?:for|of)${SPACE}\S{1,100})?`;
/** What a sentence says of a password, and no password. */
const STATE =
  String.raw`(?!(?:\w{1,20}ed|no|not|none|never|now|only|also|always|already|too|is|was|has|and|or|of|in|on|at|as|by|to|for|from|with` +
  String.raw`|the|an?|this|that|what|your|one|it|must|can|cannot|could|does|may|will|should|wrong|invalid|incorrect|correct|missing|empty` +
  String.raw`|unknown|unset|set|put|held|found|lost|gone|made|left|valid|available|ok|optional|mandatory|read|kept|taken|given|hidden|shown|sent|written|true|false|null|being)\b|<[\w -]{1,40}>)`;
const SENTENCES: readonly string[] = [
  String.raw`(?<before>\b(?:${WORDS}|${KEY})${OWNER}${SPACE}(?:is|was)${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:api|access|secret|private|auth) key:${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:${WORDS})${OWNER}${SPACE})(?:\\{0,7}"[^"\\\n]{1,200}\\{0,7}"|'[^'\n]{1,200}')`,
  // what is no word of a language
  String.raw`(?<before>\b(?:${WORDS})${OWNER}${SPACE})(?=\S{0,60}[A-Za-z])(?=\S{0,60}\d)(?![/.~])[^\s"'${"`"}]{6,}`,
  String.raw`(?<before>\b(?:${KEY})${OWNER}${SPACE})(?=\S{0,60}[A-Za-z])(?=\S{0,60}\d)[^\s"'${"`"}./]{10,}(?![^\s"'${"`"},;.])`,
  // XML, as Maven's settings
  String.raw`(?<before><(?:[\w-]{1,60}[:._-])?(?:passw(?:or)?d|passphrase|secret|token|api-?key)>)[^<\n]{1,500}(?<after></)`,
];

/** Secrets that stand in an address, or in armour; the groups `before` and `after`, where there are such, stay. */
const PLAIN: readonly RegExp[] = [
  /(?<before>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(?<after>-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /(?<before>\b(?:machine|login|account)[ \t\r\n]{1,40}[^ \t\r\n]{1,200}[ \t\r\n]{1,40}password[ \t\r\n]{1,40})[^ \t\r\n]+/g,
  // https://user:password@host, and with a / in the password, which is no port then
  new RegExp(String.raw`(?<before>${SLASHES})[^\s/?#"'<>${"`"}]{1,2000}(?<after>@)`, "g"),
  new RegExp(
    String.raw`(?<before>${SLASHES})[^\s/?#"'<>${"`"}\[@:]{1,200}:(?!\d{1,5}(?:[/?#]|$))[^\s"'<>${"`"}@:]{1,500}(?<after>@)`,
    "g",
  ),
  // the same where it is escaped, wholly or in part
  new RegExp(
    `(?<before>${SLASHES}|${ESCAPE}3A${ESCAPE}2F${ESCAPE}2F)(?:${LETTER}){1,2000}(?<after>@|${ESCAPE}40)`,
    "gi",
  ),
  ...COMMANDS.map((pattern) => new RegExp(pattern, "g")),
  ...SENTENCES.map((pattern) => new RegExp(pattern, "gi")),
];

/** Secrets that are known by a mark of their own. */
const MARKED: readonly RegExp[] = [
  /(?<before>\b(?:[Bb]asic|BASIC|[Bb]earer|BEARER|[Dd]igest|[Nn]egotiate)[ \t]{1,4})(?=[\w.~+/=-]{0,80}[A-Z0-9=])[\w.~+/=-]{8,}/g,
  /\b(?:gh[opusr]_|github_pat_|glpat-|gldt-|npm_|hf_|sk-|sk_(?:live|test)_|rk_(?:live|test)_|xox[a-z]-|dop_v1_|shpat_|dckr_pat_)[\w-]{12,}|\bpypi-[\w-]{16,}/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
];

const WORD = /[\w.-]+/g;
/** Names of secrets, also as a part of a longer name. */
const NAME =
  /(?:api|access|account|private|secret|signing|encryption|subscription)[-_.]?key|_key$|secret|token(?!iz)|passw(?:or)?d(?!-stdin)|passwort|passphrase|passcode|pwd|(?:^|[-_.])pass$|credential|authori[sz]ation|(?:^|[-_.])o?auth$|cookie(?!cutter)|session[-_.]?id|signature|(?:^|[-_.])(?:sig|jwt|hmac|otp)$|[-_.](?:pat|pw)$|bearer/i;
const HEADER = /^-*(?:(?:proxy-|x-)?(?:authori[sz]ation|auth-(?:token|key)|api-(?:key|token))|(?:set-)?cookie2?)$/i;
/** What a sentence may say of, with a colon behind it, is a secret's name as a whole. */
const SPOKEN =
  /^(?:(?:[\w-]{0,60}[-_])?(?:(?:api|access|secret|private|auth|subscription)[-_]?key|secret|token|passw(?:or)?d|passwort|passphrase|passcode|pwd|pass|credentials?)|[\w-]{1,60}[-_](?:pat|pw))$/i;
const JOINT = new RegExp(String.raw`(\\{0,7}["'])?[ \t]{0,4}(=(?![=>])|:=|=>|:(?![/:=]|\\(?!\\{0,7}"))|${ESCAPE}3[AD])[ \t]{0,4}`, "iy");
const GAP = new RegExp(BETWEEN, "y");
const NO_STATE = new RegExp(STATE, "iy");
/** A pair: ("name", "value"). */
const OPENED = /[([]\s{0,40}b?\\{0,7}["']$/;
const COMMA = /\\{0,7}["'],(?:\s|\\{1,4}n){0,40}/y;
const CLOSED = /(?:\s|\\{1,4}n){0,40}[)\]]/y;
const QUOTED =
  /[bfru$]{0,2}(?:"{3}(?:[\s\S]{0,2000}?"{3}|[^\n]{0,2000})|'{3}(?:[\s\S]{0,2000}?'{3}|[^\n]{0,2000})|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\\+"(?:[^"\\\n]|\\+[^"\\\n])*(?:\\+")?)/iy;
/** A call, a tuple, a list or a table, and what counts in it. */
const CALL = /[\w.]{0,80}(?=[([{])/y;
const BRACKET = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<opens>[([{])|(?<closes>[)\]}])/g;
const REST_OF_VALUE = /[^\s"'\\,;)\]}]*/y;
const REST_OF_LINE = /[^\r\n]+/y;
const VALUE = /[^\s"'\\]+/y;
const PARAMETER = /(?:[^\s"'\\&#%]|%(?!(?:25){0,3}(?:26|23)))+/iy;
const ESCAPED = /^(?:25){0,3}[0-9A-F]{2}/i;
const REST: Readonly<Record<string, RegExp>> = { "'": /[^'\r\n]+/y, '"': /[^"\r\n]+/y, "": REST_OF_LINE };

type Span = readonly [start: number, end: number];

const ADDRESS = /\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b/gi;

/** Names that tell nothing of a person: masking them would only make a text harder to read. */
const NOBODY = new Set(["root", "user", "admin", "administrator", "vscode", "codespace", "runner", "ubuntu", "node", "python", "localhost"]);

/**
 * The text without passwords, tokens, cookies and keys, by the rules of the helper's `masking.py`: read word by word, in a time
 * that grows with its length alone. `test-fixtures/masking.json` holds what both must do.
 */
export function withoutSecrets(text: string): string {
  return hidden(MARKED, withoutNamed(hidden(PLAIN, text)));
}

function hidden(patterns: readonly RegExp[], text: string): string {
  return patterns.reduce((masking, pattern) => masking.replaceAll(pattern, hide), text);
}

/** The text with what stands behind the name of a secret hidden. */
function withoutNamed(text: string): string {
  const pieces: string[] = [];
  const words = new RegExp(WORD);
  let done = 0;
  for (let word = words.exec(text); word !== null; word = words.exec(text)) {
    const span = behind(text, word.index, word.index + word[0].length);
    if (span !== undefined) {
      pieces.push(text.slice(done, span[0]), HIDDEN);
      [, done] = span;
      words.lastIndex = done;
    }
  }
  return `${pieces.join("")}${text.slice(done)}`;
}

/** Where the secret is that the word from `start` to `end` names. */
function behind(text: string, start: number, end: number): Span | undefined {
  let name = text.slice(Math.max(start, end - 200), end);
  let before = text.charAt(start - 1);
  const escaped = before === "%" ? ESCAPED.exec(name) : null;
  if (escaped !== null) {
    before = "&";
    name = name.slice(escaped[0].length);
  }
  const joint = matchAt(JOINT, text, end);
  if (joint === null) {
    return NAME.test(name) ? beside(text, start, end, name.startsWith("-")) : undefined;
  }
  const [whole, quote, sign = ""] = joint;
  const from = end + whole.length;
  const isEscaped = sign.startsWith("%");
  if (HEADER.test(name)) {
    if (quote !== undefined || isEscaped) {
      return assigned(text, from, isEscaped);
    }
    return spanOf(QUOTED, text, from) ?? spanOf(REST[before] ?? REST_OF_LINE, text, from);
  }
  const isTold = quote !== undefined || sign !== ":";
  const isParameter = before === "?" || before === "&";
  if (isTold && (NAME.test(name) || (isParameter && name === "key"))) {
    return assigned(text, from, isParameter || isEscaped);
  }
  if (!isTold && before !== "/" && before !== "\\" && SPOKEN.test(name)) {
    return assigned(text, from, false);
  }
  return undefined;
}

/** The value of an option, or the second of a pair. */
function beside(text: string, start: number, end: number, isOption: boolean): Span | undefined {
  const gap = matchAt(isOption ? GAP : COMMA, text, end);
  if (gap === null) {
    return undefined;
  }
  const from = end + gap[0].length;
  const quoted = spanOf(QUOTED, text, from);
  if (isOption) {
    return matchAt(NO_STATE, text, from) === null ? undefined : (quoted ?? plainly(text, from));
  }
  const isPair = OPENED.test(text.slice(Math.max(0, start - 60), start));
  return isPair && quoted !== undefined && matchAt(CLOSED, text, quoted[1]) !== null ? quoted : undefined;
}

function assigned(text: string, from: number, isParameter: boolean): Span | undefined {
  if (isParameter) {
    return spanOf(PARAMETER, text, from);
  }
  return spanOf(QUOTED, text, from) ?? called(text, from) ?? plainly(text, from);
}

/** All of a call, a tuple, a list or a table; up to the line's end where it is cut short. */
function called(text: string, from: number): Span | undefined {
  const call = matchAt(CALL, text, from);
  if (call === null) {
    return undefined;
  }
  const within = text.slice(from, from + 2000);
  let depth = 0;
  for (const { 0: whole, groups, index } of within.slice(call[0].length).matchAll(BRACKET)) {
    depth += groups?.["opens"] === undefined ? 0 : 1;
    depth -= groups?.["closes"] === undefined ? 0 : 1;
    if (depth === 0 && whole.length === 1) {
      const end = from + call[0].length + index + 1;
      return [from, end + (matchAt(REST_OF_VALUE, text, end)?.[0].length ?? 0)];
    }
  }
  const line = spanOf(REST_OF_LINE, within, 0);
  return line === undefined ? undefined : [from, from + line[1]];
}

/** Up to a space or a quote, without the brackets that close what is around it. */
function plainly(text: string, from: number): Span | undefined {
  const found = matchAt(VALUE, text, from);
  if (found === null) {
    return undefined;
  }
  let { length } = found[0];
  while (length > 1 && ")]},;".includes(found[0].charAt(length - 1))) {
    length -= 1;
  }
  return [from, from + length];
}

function spanOf(pattern: RegExp, text: string, from: number): Span | undefined {
  const found = matchAt(pattern, text, from);
  return found === null ? undefined : [from, from + found[0].length];
}

/** What a sticky pattern finds right there. */
function matchAt(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
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
