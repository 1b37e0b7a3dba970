/**
 * Removes from a text what the user would not post: secrets, the home folder, the user's name, the machine's name.
 *
 * What looks like a secret counts as one: a word masked in error costs a question, a published secret cannot be taken
 * back.
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

/** Prefixes of tokens that name their kind, and are no word of a language. */
const TOKENS =
  "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|gldt-|glrt-|glptt-|glcbt-|glft-|glimt-|glagent-|gloas-|glsoat-|xoxa-|xoxb-|xoxe-" +
  String.raw`|xoxe\.|xoxp-|xoxr-|xoxs-|xoxc-|xoxd-|xapp-|sk-|sk_live_|sk_test_|rk_live_|rk_test_|whsec_|dop_v1_|doo_v1_|dor_v1_` +
  String.raw`|shpat_|shpss_|shpca_|shppa_|dckr_pat_|dckr_oat_|rubygems_|hvs\.|hvb\.|hvr\.|SG\.|ya29\.|atlasv1\.|ATATT|ATCTT|ATBB` +
  String.raw`|lin_api_|nvapi-|sntrys_|sntryu_|NRAK-|glc_|glsa_|figd_|PMAK-|sq0atp-|sq0csp-|lsv2_pt_|lsv2_sk_|tskey-|dp\.pt\.|ops_ey` +
  "|sbp_|xai-|ntn_|pat-na1-|pat-eu1-|AGE-SECRET-KEY-1|sha256~|secret-token:|pplx-|tvly-|shippo_live_|pscale_tkn_|pscale_pw_" +
  "|pscale_oauth_|fo1_|fm1r_|fm2_|sgp_local_|CCIPAT_|ory_at_|ory_st_|EZAK|EZTK";
/** The same, where nothing but letters and digits follows. */
const PLAIN_TOKENS = "npm_|hf_|gsk_|dapi|pul-|EAAC|r8_|fw_|rnd_|squ_|sqp_|sqa_|cfut_|cfat_|nfp_|sgp_|phx_|bkua_|cio";
/**
 * One-letter options whose value is a secret, by program, or by program and subcommand, with the part of the value that
 * is none. `+p` counts only where its value follows at once.
 */
const OPTIONS: ReadonlyMap<string, readonly string[]> = optionsOf({
  "mysql mysqladmin mysqlbinlog mysqlcheck mysqldump mysqlimport mysqlpump mysqlsh mysqlshow mysqlslap": "+p",
  "mariadb mariadb-admin mariadb-check mariadb-dump mariadb-import mariadb-show 7z 7za 7zr 7zz rar unrar": "+p",
  "mongo mongodump mongoexport mongofiles mongoimport mongorestore mongosh mongostat sshpass": "p",
  "bcp isql osql sqlcmd zip unzip": "P",
  "redis-cli valkey-cli": "a",
  "ldapadd ldapdelete ldapmodify ldappasswd ldapsearch ldapwhoami": "w",
  "net rpcclient smbclient smbget": "U%",
  "http https xh": "a:",
  curl: "b E:",
  "docker/login podman/login nerdctl/login buildah/login skopeo/login oras/login helm/login": "p",
  "hatch/publish": "a",
  "pdm/publish": "P",
  "poetry/publish twine/upload": "p",
  "uv/publish uv/auth": "p t",
  "psexec ncftp ncftpget ncftpput useradd usermod az/login": "p",
  p4: "P",
  lftp: "u,",
  "ssh-keygen": "N P",
  "dotnet/push nuget/push": "k",
  "codecov flyctl doctl/init": "t",
  "gh/set": "b",
});
const PROGRAMS: ReadonlySet<string> = new Set([...OPTIONS.keys()].map((name) => name.split("/")[0] ?? ""));

function optionsOf(table: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(table).flatMap(([names, options]) => names.split(" ").map((name) => [name, options.split(" ")] as const)));
}

/** The characters between an option and its value: on a command line, or in a list of Python or JSON. */
const BETWEEN = String.raw`(?:[ \t]{1,4}(?:<<<[ \t]{0,4})?|\\{0,7}["'],?(?:\s|\\{1,4}n){0,40}(?=\\{0,7}["']))`;
const ARGUMENT = String.raw`(?:\\{0,7}"[^"\\\n]{1,500}\\{0,7}"|'[^'\n]{1,500}'|[^\s"'\\]{1,2000})`;
const COMMANDS: readonly string[] = [
  // by themselves, before a host
  String.raw`(?<![^\s"'<>${"`"}=(\[{,;|])(?<before>(?://)?)(?!(?:mailto|acct|sips?|xmpp|ssh|git):)[^\s:/@"'<>${"`"}(\[{,;|=\\]{1,64}:` +
    String.raw`[^\s/"'<>${"`"}\\]{1,200}(?<after>@)(?=(?:localhost|(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3}` +
    String.raw`|\[[\dA-Fa-f:.]{2,45}\])(?![\w@-])|(?:tcp|udp|unix)\(|(?!sha\d)[\w-]{1,63}(?::\d{2,5}(?!\w)|/))`,
  // curl -u user:password; docker's -u 1000:1000 is none, nor is an address or a path
  String.raw`(?<before>(?<![\w-])-(?:(?:[a-zA-Z]{0,4}[uU]|-(?:proxy-)?user)(?:${BETWEEN}|=)|u))` +
    String.raw`(?:\\{0,7}["'][^\s:"'\\/]{0,100}:(?![/\\])[^"'\\\n]{1,500}\\{0,7}["']` +
    String.raw`|[^\s:"'\\/=]{0,100}:(?![/\\]|\d+(?:[\s"']|$))[^\s"'\\]{1,2000})`,
  String.raw`(?<before>(?<![\w-])--(?:proxy-)?cert(?:${BETWEEN}|=)["']?[^\s:"']{1,200}:(?![/\\]))[^\s"']{1,500}`,
  // what a tool is told to remember
  String.raw`(?<before>\bhttp-basic\.[\w.-]{1,100}${BETWEEN}${ARGUMENT}${BETWEEN})${ARGUMENT}`,
  String.raw`(?<before>\bconfig(?:ure)?${BETWEEN}(?:["']?(?:set|--?[\w-]{1,40})${BETWEEN}){0,3}["']?` +
    String.raw`(?:pypi-token\.[\w.-]{1,100}|//[^\s"']{1,200}:_(?:authToken|auth|password)` +
    String.raw`|(?:[\w-]{1,60}\.)?aws_(?:secret_access_key|session_token)|(?:[\w-]{1,60}\.){1,6}(?:password|token|secret))` +
    String.raw`${BETWEEN})${ARGUMENT}`,
  String.raw`(?<before>\bbundle${BETWEEN}config${BETWEEN}(?:["']?(?:set|--?[\w-]{1,40})${BETWEEN}){0,3}[\w.-]{1,100}${BETWEEN})` +
    String.raw`[^\s:/"']{1,64}:(?!//)[^\s"']{1,500}`,
  String.raw`(?<before>\b(?:cargo[ \t]{1,4}login|snyk[ \t]{1,4}auth|vault[ \t]{1,4}login|ngrok[ \t]{1,4}(?:config[ \t]{1,4}add-)?authtoken` +
    String.raw`|conda[ \t]{1,4}token[ \t]{1,4}set|rclone[ \t]{1,4}obscure|wpa_passphrase[ \t]{1,4}\S{1,64}` +
    String.raw`|gh[ \t]{1,4}secret[ \t]{1,4}set[ \t]{1,4}\S{1,100}[ \t]{1,4}(?:--body|-b))[ \t]{1,4})` +
    String.raw`(?![-/])(?=\S{0,60}\d)[^\s=]{6,500}`,
  String.raw`(?<before>\bhtpasswd[ \t]{1,4}(?:-\w{0,8}n\w{0,8}b?\w{0,8}[ \t]{1,4}|-\w{0,8}b\w{0,8}[ \t]{1,4}\S{1,200}[ \t]{1,4})` +
    String.raw`[^\s-]\S{0,100}[ \t]{1,4})${ARGUMENT}`,
  // of Windows
  String.raw`(?<before>\bnet(?:\.exe)?[ \t]{1,4}use[ \t]{1,4}(?:\w:[ \t]{1,4})?\\\S{1,200}[ \t]{1,4})(?![/*])${ARGUMENT}`,
  String.raw`(?<before>\bnet(?:\.exe)?[ \t]{1,4}user[ \t]{1,4}[\w.-]{1,64}[ \t]{1,4})(?![/*])${ARGUMENT}(?=[ \t]{1,4}/)`,
  // Oracle's name/password@database
  String.raw`(?<before>(?:\bjdbc:[a-z]{1,20}:(?:[a-z\d]{1,10}:)?|\b(?:sqlplus|sqlldr|rman|expdp|impdp|[cC]onn(?:ect)?|CONN(?:ECT)?)` +
    String.raw`(?:[ \t]{1,4}-[LS]){0,2}[ \t]{1,4}"?)[\w$#.-]{1,60}/)[^\s@/"'][^\s@"']{0,200}(?<after>@)`,
  // /password:x of Windows
  String.raw`(?<before>(?<![^\s"'])/(?:password|passwd|pass|pwd|pw|token|secret|apikey):)(?![/\\])${ARGUMENT}`,
  // echo x | docker login --password-stdin
  String.raw`(?<before>\b(?:echo|printf)(?:[ \t]{1,4}-[neE]{1,3})?[ \t]{1,4}(?:["']?%s["']?[ \t]{1,4})?)` +
    String.raw`${ARGUMENT}(?<after>[ \t]{0,4}\|[^\n|;&]{0,200}?(?:-stdin\b|--with-token\b|\bsudo[ \t]{1,4}-S\b|\bchpasswd\b))`,
  // what opens a door by its address alone
  String.raw`(?<before>://[^\s/"'<>]{1,200}/(?:[^\s:"'<>]{1,200}?/)?t/)(?=[^\s/]{0,60}?\d)[^\s/"'<>]{8,200}(?=/(?!\d))`,
  String.raw`(?<before>\bhooks\.[\w.-]{1,60}/(?:services|workflows|triggers)/|/api/webhooks/\d{1,20}/)[\w/-]{8,}`,
  String.raw`(?<before>(?:/bot|\b)\d{8,10}:)AA[\w-]{30,40}`,
  String.raw`(?<before>[?&]code=)(?=[\w.~/%-]{0,60}?[A-Z0-9])[\w.~/%-]{12,}`,
  // a call with a name and a password
  String.raw`(?<before>(?:\.login|(?:Basic|Digest)Auth|\.set_password)\([^()\n"']{0,40}["'](?:[^"'\n]{0,100}["'],[ ]{0,4}["']){1,2})` +
    String.raw`[^"'\n]{1,300}(?<after>["']\))`,
  String.raw`(?<before>\b(?:SecretStr|SecretBytes|BearerAuth|BearerToken|TokenAuth|ApiKey|APIKey)\(b?["'])[^"'\n]{1,300}(?<after>["'])`,
  // of Python's http.cookiejar
  String.raw`(?<before><Cookie [^\s=<>]{1,100}=)[^\s<>]{1,2000}(?<after> for )`,
  // a hash of a password
  String.raw`(?<before>\$(?:2[abxy]|5|6|7|y|apr1|argon2(?:id?|d))\$)[^\s:"'$]{1,60}\$[^\s:"']{8,500}`,
];
const SPACE = String.raw`[ \t]{1,4}`;
const WORDS = "passw(?:or)?d|passphrase|passcode";
const KEY = "pwd|secret|token|credentials?|(?:api|access|secret|private|auth)[ _-]?key";
const OWNER = String.raw`(?:${SPACE}(?:for|of)${SPACE}\S{1,100})?`;
/** Words that follow "password" in a sentence and are no password. */
const STATE =
  String.raw`(?!(?:\w{1,20}ed|no|not|none|never|now|only|also|always|already|too|is|was|has|and|or|of|in|on|at|as|by|to|for|from|with` +
  String.raw`|the|an?|this|that|what|your|one|it|must|can|cannot|could|does|may|will|should|wrong|invalid|incorrect|correct|missing|empty` +
  String.raw`|unknown|unset|set|put|held|found|lost|gone|made|left|valid|available|ok|optional|mandatory|read|kept|taken|given|hidden|shown|sent|written|true|false|null|being)\b|<[\w -]{1,40}>)`;
/** The name of an entry whose value is in the entry beside it. */
const ENTRY =
  String.raw`\b(?:key|name|type|id|variable)(?:\\{0,7}["'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\{0,7}["'])?[\w.-]{0,60}?` +
  String.raw`(?:${WORDS}|${KEY}|_key|_pass|_pw)(?:\\{0,7}["'])?(?:[,;]\s{0,40}|\s{1,40})(?:\\{0,7}["'])?value(?:\\{0,7}["'])?` +
  String.raw`[ \t]{0,4}[:=][ \t]{0,4}`;
const SENTENCES: readonly string[] = [
  String.raw`(?<before><[\w.:-]{0,60}?(?:${WORDS}|${KEY})${SPACE}value=["'])[^"'\n]{1,500}(?<after>["'])`,
  String.raw`(?<before>\b(?:${WORDS}|${KEY})${OWNER}${SPACE}(?:is|was)${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:api|access|secret|private|auth) key(?: provided|${SPACE}\[[^\]\n]{0,40}\])?:${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:${WORDS})${OWNER}${SPACE})(?:\\{0,7}"[^"\\\n]{1,200}\\{0,7}"|'[^'\n]{1,200}')`,
  // in the middle of it, and no word of a parser
  String.raw`(?<before>(?<!unexpected )(?<!syntax )\b(?:${KEY})${SPACE})(?:${"`"}(?=[^${"`"}]{0,60}\d)[^${"`"}\s]{10,500}${"`"}` +
    String.raw`|'(?=[^']{0,60}\d)[^'\s./]{10,500}'|"(?=[^"]{0,60}\d)[^"\s./]{10,500}")`,
  // what is no word of a language
  String.raw`(?<before>\b(?:${WORDS})${OWNER}${SPACE})(?=\S{0,60}[A-Za-z])(?=\S{0,60}\d)(?![/.~])[^\s"'${"`"}]{6,}`,
  String.raw`(?<before>\b(?:${KEY})${OWNER}${SPACE})(?=\S{0,60}[A-Za-z])(?=\S{0,60}\d)[^\s"'${"`"}./]{10,}(?![^\s"'${"`"},;.])`,
  // alone on the next line
  String.raw`(?<before>\b(?:${WORDS}|${KEY})${OWNER}(?:${SPACE}(?:is|was))?:?[ \t]{0,4}\r?\n[ \t]{0,40})(?=\S{0,60}[A-Za-z])` +
    String.raw`(?=\S{0,60}\d)[^\s"'${"`"}./=][^\s"'${"`"}/=]{5,200}(?=[ \t]{0,40}(?:\r?\n|$))`,
  // what is typed behind a prompt
  String.raw`(?<before>\b(?:${WORDS})${SPACE}for${SPACE}(?:key${SPACE})?\S{1,100}(?:${SPACE}in${SPACE}\S{1,100})?:${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:mot de passe|contrase[ñn]a|kennwort|wachtwoord|senha)[ \t]{0,4}:${SPACE})${STATE}${ARGUMENT}`,
  // SQL, a Dockerfile, and what Windows keeps
  String.raw`(?<before>\bidentified${SPACE}(?:with${SPACE}[\w'"]{1,40}${SPACE})?(?:by|as)${SPACE}(?:password${SPACE})?)` +
    String.raw`(?:'[^'\n]{1,300}'|"[^"\n]{1,300}")`,
  String.raw`(?<before>\b(?:env|setx|setenv)${SPACE}\w{0,60}(?:${WORDS}|pwd|secret|token|_key|_pass|_pw)${SPACE})${STATE}${ARGUMENT}`,
  String.raw`(?<before>\b(?:SetEnvironmentVariable|setenv|putenv|setdefault|set_key|setProperty|add_?header|setRequestHeader)\(b?["'][\w.-]{0,60}?` +
    String.raw`(?:${WORDS}|${KEY}|authorization|cookie)["'],[ ]{0,4}b?["'])[^"'\n]{1,500}(?<after>["'])`,
  // <add key="password" value="x" />, {"name": "API_KEY", "value": "x"}, and the same in YAML
  String.raw`(?<before>${ENTRY}")(?:[^"\\\n]|\\.){1,500}(?<after>"?)`,
  String.raw`(?<before>${ENTRY}\\{1,7}")(?:[^"\\\n]|\\{1,7}[^"\\\n]){1,500}(?<after>(?:\\{1,7}")?)`,
  String.raw`(?<before>${ENTRY}')[^'\n]{1,500}(?<after>'?)`,
  String.raw`(?<before>${ENTRY})(?!["'\\])[^\s"'\\>}]{1,500}`,
  String.raw`(?<before><\w{1,40}[ \t]{1,4}(?:key|name|type|id)=["'][\w.-]{0,60}?(?:${WORDS}|${KEY})["'][^<>\n]{0,100}>)[^<\n]{1,500}(?<after></)`,
  // XML, as Maven's settings
  String.raw`(?<before><[\w.:-]{0,60}?(?:${WORDS}|secret|token|(?:api|access|private)-?key)>)[^<\n]{1,500}(?<after></)`,
];

/** Secrets in an address, or in a PEM block; the groups `before` and `after`, where there are such, stay. */
const PLAIN: readonly RegExp[] = [
  /(?<before>-{4,5} ?BEGIN[A-Z0-9 +%]{1,44}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)? ?-{4,5})[\s\S]*?(?<after>-{4,5} ?END[A-Z0-9 +%]{1,44}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)? ?-{4,5}|$)/g,
  /(?<before>\bPrivate-Lines: \d{1,4}\r?\n)[\s\S]*?(?<after>\nPrivate-MAC: |$)/g,
  /(?<before>\bPrivate-MAC: )[\w+/=]{8,}/g,
  /(?<before>\b(?:machine|login|account)[ \t\r\n]{1,40}[^ \t\r\n]{1,200}[ \t\r\n]{1,40}password[ \t\r\n]{1,40})[^ \t\r\n]+/g,
  // https://user:password@host, and with a / in the password, which is no port then
  new RegExp(String.raw`(?<before>${SLASHES})[^\s/?#"'<>${"`"}]{1,2000}(?<after>@)`, "g"),
  new RegExp(
    String.raw`(?<before>${SLASHES})[^\s/?#"'<>${"`"}\[@:]{1,200}:(?!\d{1,5}(?:[/?#]|$))[^\s"'<>${"`"}@:]{1,500}(?<after>@)`,
    "g",
  ),
  // and with a quote in it
  new RegExp(
    String.raw`(?<before>${SLASHES})[^\s/?#"'<>${"`"}\[@:]{1,200}:[^\s"'<>${"`"}@:]{0,200}'[^\s"'<>${"`"}@:]{1,200}(?<after>@)(?=[\w\[])`,
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

/** Secrets that are recognized by their form: by a scheme before them, or a prefix of their own. */
const MARKED: readonly RegExp[] = [
  /(?<before>\b(?:[Bb]asic|BASIC|[Bb]earer|BEARER|[Dd]igest|[Nn]egotiate),?[ \t]{1,4})(?=[\w.~+/=-]{0,80}[A-Z0-9=])[\w.~+/=-]{8,}/g,
  new RegExp(
    String.raw`\b(?:${TOKENS})(?=[\w.-]{0,80}?[A-Z0-9])[\w-]{12,}(?:\.[\w-]{4,})?|\bpypi-(?=[\w-]{0,80}?[A-Z])[\w-]{16,}` +
      String.raw`|\b(?:${PLAIN_TOKENS})[A-Za-z0-9]{20,}`,
    "g",
  ),
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g,
  /(?<before>\bAUTH[ \t](?:(?:PLAIN|LOGIN|XOAUTH2)[ \t])?)(?=[^\s"']{0,60}[A-Za-z])(?=[^\s"']{0,60}\d)[^\s"']{6,}/g,
  /\bAIza[\w-]{30,}/g,
  /\bkey-[0-9a-f]{32}\b/g,
  /\bdp\.(?:st|ct|sa|scim|audit)\.(?:[\w-]{1,40}\.)?[A-Za-z0-9]{12,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
];

/** A word that may name a secret after it. Each is looked at once, since none begins within another. */
const WORD = new RegExp(
  String.raw`(?<![\w.-])(?=-[abEkNpPtuUw]|(?:${[...new Set([...OPTIONS.keys()].flatMap((name) => name.split("/")))].join("|")})(?:\.exe)?[ \t"']` +
    String.raw`|[\w.-]*?(?:pass|pwd|pw|token|secret|key|credential|auth|cookie|sess|sid|sig|jwt|hmac|otp|pat|psk|bearer|jfrog))[\w.-]+`,
  "gi",
);
/** Names of secrets, also as a part of a longer name. */
const NAME =
  /(?:api|access|account|private|secret|signing|encryption|subscription)[-_.]?key|_key$|secret|token(?!iz)|passw(?:or)?d(?!-stdin)|passwort|passphrase|passcode|pwd|(?:^|[-_.]|key|store|db|user|admin|root|sudo|ss[hl]|smtp|mail|proxy|cert)pass$|credential|authori[sz]ation|(?:^|[-_.])o?auth$|cookie(?!cutter)|session[-_.]?id|sess?id$|signature|(?:^|[-_.])(?:s?sig|sid|jwt|hmac|otp|pw)$|[-_.]pat$|bearer|preshared[-_]?key|(?:^|[-_.])psk$|^_[\w-]{1,60}_sess(?:ion)?$|^laravel_session$/i;
const HEADER = /^-*(?:(?:proxy-|x-)?(?:authori[sz]ation|auth-(?:token|key)|api-(?:key|token))|x-jfrog-art-api|(?:set-)?cookie2?)$/i;
/** Names that a sentence may use with a colon after them: they count only where the whole name is a secret's. */
const SPOKEN =
  /^(?:(?:[\w.-]{0,60}[-_.])?(?:(?:api|access|secret|private|auth|subscription|signing|encryption)[-_]?key|secret(?:[-_]?key[-_]base|[-_]?string)?|token|passw(?:or)?d|passwort|passphrase|passcode|pwd|pw|pass|credentials?)|[\w-]{1,60}[-_](?:pat|pw)|x-[\w-]{1,40}-signature(?:-\d{1,3})?)$/i;
/** The same in camel case. */
const HUMPED =
  /^[a-z][A-Za-z0-9]{0,60}?(?:(?:[aA]pi|[aA]ccess|[sS]ecret|[pP]rivate|[aA]uth|[sS]igning|[eE]ncryption)Key|Secret|Token|Passw(?:or)?d|Passphrase|AuthIdent)$/;
const JOINT = new RegExp(
  String.raw`(\\{0,7}["']\]?|(?:\[?\]|${ESCAPE}5B${ESCAPE}5D|${ESCAPE}5D)(?==|${ESCAPE}3D))?[ \t]{0,4}` +
    String.raw`([+?]?=(?![=>])|:=|=>|:(?![/:=]|\\(?!\\{0,7}"))|${ESCAPE}3[AD])[ \t]{0,4}(?:![\w/:.-]{0,40}[ \t]{1,4})?`,
  "iy",
);
const GAP = new RegExp(BETWEEN, "y");
const LETTER_VALUE = new RegExp(ARGUMENT, "y");
/** The part of an option's value that is no secret. */
const HEADS: Readonly<Record<string, RegExp>> = { ":": /["']?[^\s:"']{0,200}:(?![/\\])/y, "%": /["']?[^\s%"']{1,200}%/y, ",": /["']?[^\s,"']{1,200},/y };
/** The end of a command: the end of a line, unless the command goes on after `\` or in a list. */
const COMMAND_END = /[|;&]|(?<![,\\\r])\r?\n/;
/** A value below its name: a block of YAML, or a word alone on the next line. */
const BLOCK = /(?<head>[|>][+-]?\d?[ \t]{0,4}\r?\n(?<indent>[ \t]{1,40}))[^\n]+(?:\n\k<indent>[^\n]*)*/y;
const BELOW =
  /(?<head>\r?\n[ \t]{0,40}(?:- )?)(?![\w.-]{1,200}(?:=[^=\s]|\()|-)(?:"(?:[^"\\\n]|\\.)+"|'[^'\n]+'|[^\s"'[{(][^\s"']{0,2000}(?<![:{[(,]))(?=[,;]?[ \t]{0,40}(?:\r?\n|$))/y;
const NO_STATE = new RegExp(STATE, "iy");
/** A pair: ("name", "value"). */
const OPENED = /[([]\s{0,40}b?\\{0,7}["']$/;
const COMMA = /\\{0,7}["'],(?:\s|\\{1,4}n){0,40}/y;
const CLOSED = /(?:\s|\\{1,4}n){0,40}[)\]]/y;
const QUOTED =
  /[bfru$]{0,2}(?:"{3}(?:[\s\S]{0,2000}?"{3}|[^\n]{0,2000})|'{3}(?:[\s\S]{0,2000}?'{3}|[^\n]{0,2000})|"(?:[^"\\\n]|\\.|"")*"?|'(?:[^'\\\n]|\\.|'')*'?|\\+"(?:[^"\\\n]|\\+[^"\\\n])*(?:\\+")?)/iy;
/** A call, a tuple, a list or a table, and the characters that matter in it. */
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

/** Names that many users share: masking them would only make a text harder to read. */
const NOBODY = new Set(["root", "user", "admin", "administrator", "vscode", "codespace", "runner", "ubuntu", "node", "python", "localhost"]);

/**
 * Return the text without passwords, tokens, cookies and keys, by the rules of the helper's `masking.py`: read word by word, in a time
 * that grows with its length alone. `test-fixtures/masking.json` holds what both must do.
 */
export function withoutSecrets(text: string): string {
  return hidden(MARKED, withoutNamed(hidden(PLAIN, text)));
}

function hidden(patterns: readonly RegExp[], text: string): string {
  return patterns.reduce((masking, pattern) => masking.replaceAll(pattern, hide), text);
}

/** Hide what follows the name of a secret. */
function withoutNamed(text: string): string {
  const pieces: string[] = [];
  const words = new RegExp(WORD);
  let done = 0;
  let end = 0;
  let program = "";
  let options: readonly string[] = [];
  for (let word = words.exec(text); word !== null; word = words.exec(text)) {
    if (program !== "" && COMMAND_END.test(text.slice(Math.max(0, end - 1), word.index))) {
      program = "";
      options = [];
    }
    end = word.index + word[0].length;
    const span = ofLetter(text, word.index, end, options) ?? behind(text, word.index, end);
    if (span !== undefined) {
      pieces.push(text.slice(done, span[0]), HIDDEN);
      [, done] = span;
      end = done;
      words.lastIndex = done;
    } else if (' \t"\''.includes(text.charAt(end) || "x")) {
      const name = word[0].replace(/\.exe$/, "");
      if (PROGRAMS.has(name)) {
        program = name;
        options = OPTIONS.get(name) ?? [];
      } else if (program !== "") {
        options = OPTIONS.get(`${program}/${name}`) ?? options;
      }
    }
  }
  return `${pieces.join("")}${text.slice(done)}`;
}

/** Return the place of the value of a one-letter option of the program. */
function ofLetter(text: string, start: number, end: number, options: readonly string[]): Span | undefined {
  const option = text.charAt(start) === "-" ? options.find((one) => one.replaceAll(/[:%+,]/g, "") === text.charAt(start + 1)) : undefined;
  if (option === undefined) {
    return undefined;
  }
  let from = start + 2;
  if (from === end && !option.startsWith("+")) {
    const gap = matchAt(GAP, text, from)?.[0].length;
    from += gap ?? (text.charAt(from) === "=" ? 1 : 0);
  }
  if (from === end && text.charAt(from) === text.charAt(start - 1)) {
    return undefined; // quoted by itself
  }
  const head = HEADS[option.slice(-1)];
  if (head !== undefined) {
    const kept = matchAt(head, text, from)?.[0].length;
    from = kept === undefined ? text.length : from + kept;
  }
  return spanOf(LETTER_VALUE, text, from);
}

/** Return the place of the secret that the word from `start` to `end` names. */
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
  const bare = name.replace(/^-+/, "");
  if (!isTold && before !== "/" && before !== "\\" && (SPOKEN.test(bare) || HUMPED.test(bare))) {
    return assigned(text, from, false);
  }
  return undefined;
}

/** Return the value of an option, or the second of a pair. */
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
  return spanOf(QUOTED, text, from) ?? underneath(text, from) ?? called(text, from) ?? plainly(text, from);
}

/** Return all of a block, or the word that is alone on the next line. */
function underneath(text: string, from: number): Span | undefined {
  const found = matchAt(BLOCK, text, from) ?? matchAt(BELOW, text, from);
  return found === null ? undefined : [from + (found.groups?.["head"]?.length ?? 0), from + found[0].length];
}

/** Return all of a call, a tuple, a list or a table; up to the line's end where it is cut short. */
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

/** Return the place of a value without quotes: up to a space or a quote, without closing brackets. */
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

/** Return the match of a sticky pattern at `from`, if there is one. */
function matchAt(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

/** Return the text without secrets and without what identifies the user. Masking it again changes nothing. */
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

/** Return patterns for the spellings of a home folder: plain, in a URI, and escaped in JSON. */
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

/** Hide a name; of a machine's, also the part before the domain. */
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
