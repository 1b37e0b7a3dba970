"""Takes secrets out of a text that others may read: a message, a log, a record.

What looks like a secret is taken for one. ``extension/core/masking.ts`` keeps the same rules, and
``test-fixtures/masking.json`` holds what both must do. Time grows with the length of the text, whatever is in it: it is read
word by word, and no pattern repeats what repeats.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Match

HIDDEN = "***"
#: One of these is in every text that holds a secret, in lower case: most texts are done with after that look.
_SIGNS = (
    *(
        "://",
        ":\\",
        "%2f",
        "%25",
        "pass",
        "pwd",
        "token",
        "secret",
        "key",
        "auth",
        "cookie",
        "sig",
        "jwt",
    ),
    *("credential", "session", "bearer", "basic", "digest", "negotiate", "gh", "glpat-", "gldt-"),
    *("@", "-u", "curl", "login", "publish", "upload", "hmac", "otp", "_pat", "-pat", "_pw", "-pw"),
    *("pypi-", "npm_", "hf_", "sk-", "sk_", "rk_", "xox", "dop_v1_", "shpat_", "akia", "asia"),
    *("aroa", "aida", "aiza", "eyj"),
)
#: Between an option and its value: on a command line, or in a list of Python's or of JSON.
_GAP = r"(?:[ \t]{1,4}|\\{0,7}[\"'],?(?:\s|\\{1,4}n){0,40}(?=\\{0,7}[\"']))"
_VALUE = r"(?:\\{0,7}\"[^\"\\\n]{1,500}\\{0,7}\"|'[^'\n]{1,500}'|[^\s\"'\\]{1,2000})"
_COMMANDS = (
    # by themselves, before a host
    (
        r"(?<![^\s\"'<>`=(\[{,;|])()(?!(?:mailto|acct|sips?|xmpp|ssh|git):)[^\s:/@\"'<>`(\[{,;|=\\]{1,64}:"
        r"[^\s/\"'<>`\\]{1,200}(@)(?=(?:localhost|(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3}"
        r"|\[[\dA-Fa-f:.]{2,45}\])(?![\w@-])|(?!sha\d)[\w-]{1,63}(?::\d{2,5}(?!\w)|/))"
    ),
    # curl -u user:password; docker's -u 1000:1000 is none, nor is an address or a path
    (
        rf"((?<![\w-])-(?:(?:[a-zA-Z]{{0,4}}[uU]|-(?:proxy-)?user)(?:{_GAP}|=)|u))"
        r"(?:\\{0,7}[\"'][^\s:\"'\\/]{1,100}:(?![/\\])[^\"'\\\n]{1,500}\\{0,7}[\"']"
        r"|[^\s:\"'\\/=]{1,100}:(?![/\\]|\d+(?:[\s\"']|$))[^\s\"'\\]{1,2000})"
    ),
    # other options of one letter
    (
        rf"(\b(?:sshpass|(?:docker|podman|nerdctl|buildah|skopeo|oras){_GAP}[\"']?login"
        rf"|(?:hatch|pdm|poetry|twine|uv){_GAP}[\"']?(?:publish|upload))\b"
        rf"[^\n|;&]{{0,300}}?[ \t\"']-[aptP](?:{_GAP}|=|(?![\"'])))(?!\s){_VALUE}"
    ),
    rf"(\bcurl\b[^\n|;&]{{0,300}}?[ \t\"']-b(?:{_GAP}|(?![\"'])))(?!\s){_VALUE}",
    # what a tool is told to remember
    rf"(\bhttp-basic\.[\w.-]{{1,100}}{_GAP}{_VALUE}{_GAP}){_VALUE}",
    (
        rf"(\bconfig{_GAP}(?:[\"']?(?:set|--?[\w-]{{1,40}}){_GAP}){{0,3}}[\"']?"
        rf"(?:pypi-token\.[\w.-]{{1,100}}|(?:[\w-]{{1,60}}\.){{1,6}}(?:password|token|secret)){_GAP}){_VALUE}"
    ),
)
_SPACE = r"[ \t]{1,4}"
_WORD = r"passw(?:or)?d|passphrase|passcode"
_KEY = r"pwd|secret|token|credentials?|(?:api|access|secret|private|auth)[ _-]?key"
_OWNER = rf"(?:{_SPACE}(?:for|of){_SPACE}\S{{1,100}})?"
#: What a sentence says of a password, and no password.
_STATE = (
    r"(?!(?:\w{1,20}ed|no|not|none|never|now|only|also|always|already|too|is|was|has|and|or|of|in|on|at|as|by|to|for|from|with"
    r"|the|an?|this|that|what|your|one|it|must|can|cannot|could|does|may|will|should|wrong|invalid|incorrect|correct|missing|empty"
    r"|unknown|unset|set|put|held|found|lost|gone|made|left|valid|available|ok|optional|mandatory|read|kept|taken|given|hidden|shown|sent|written|true|false|null|being)\b|<[\w -]{1,40}>)"
)
_SENTENCES = (
    rf"(\b(?:{_WORD}|{_KEY}){_OWNER}{_SPACE}(?:is|was){_SPACE}){_STATE}{_VALUE}",
    rf"(\b(?:api|access|secret|private|auth) key:{_SPACE}){_STATE}{_VALUE}",
    rf"(\b(?:{_WORD}){_OWNER}{_SPACE})(?:\\{{0,7}}\"[^\"\\\n]{{1,200}}\\{{0,7}}\"|'[^'\n]{{1,200}}')",
    # what is no word of a language
    rf"(\b(?:{_WORD}){_OWNER}{_SPACE})(?=\S{{0,60}}[A-Za-z])(?=\S{{0,60}}\d)(?![/.~])[^\s\"'`]{{6,}}",
    rf"(\b(?:{_KEY}){_OWNER}{_SPACE})(?=\S{{0,60}}[A-Za-z])(?=\S{{0,60}}\d)[^\s\"'`./]{{10,}}(?![^\s\"'`,;.])",
    # XML, as Maven's settings
    r"(<(?:[\w-]{1,60}[:._-])?(?:passw(?:or)?d|passphrase|secret|token|api-?key)>)[^<\n]{1,500}(</)",
)


def masked(text: str) -> str:
    """``text`` without passwords, tokens, cookies and keys. Masking it again changes nothing."""
    low = text.lower()
    return _Rules.of(text) if any(sign in low for sign in _SIGNS) else text


def masked_all(value: object) -> object:
    """A value of JSON with every text in it masked, and what a secret's name stands for in it."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _masked_entry(str(key), one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked_all(one) for one in value]
    return value


def _masked_entry(key: str, value: object) -> object:
    if isinstance(value, str) and value and masked(f'"{key}": "{value}"').endswith(f": {HIDDEN}"):
        return HIDDEN
    if isinstance(value, (list, tuple)):
        return [_masked_entry(key, one) for one in value]
    return masked_all(value)


class _Rules:
    """The patterns, which are made when they are needed first."""

    _made: _Rules | None = None

    def __init__(self) -> None:
        import re

        escape = r"%(?:25){0,3}"
        end = rf"(@|{escape}40)"
        letter = r"[^\s/?#\"'<>`%\\]|%(?!(?:25){0,3}(?:2F|3F|23|40))"
        self._plain = (
            re.compile(
                r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
            ),
            # a line of .netrc, or several
            re.compile(
                r"(\b(?:machine|login|account)[ \t\r\n]{1,40}[^ \t\r\n]{1,200}[ \t\r\n]{1,40}password[ \t\r\n]{1,40})[^ \t\r\n]+"
            ),
            # https://user:password@host, and with a / in the password, which is no port then
            re.compile(r"(:\\{0,4}/\\{0,4}/)[^\s/?#\"'<>`]{1,2000}(@)"),
            re.compile(
                r"(:\\{0,4}/\\{0,4}/)[^\s/?#\"'<>`\[@:]{1,200}:(?!\d{1,5}(?:[/?#]|$))[^\s\"'<>`@:]{1,500}(@)"
            ),
            # the same where it is escaped, wholly or in part
            re.compile(
                rf"(:\\{{0,4}}/\\{{0,4}}/|{escape}3A{escape}2F{escape}2F)(?:{letter}){{1,2000}}{end}",
                re.IGNORECASE,
            ),
            *(re.compile(pattern, re.ASCII) for pattern in _COMMANDS),
            *(re.compile(pattern, re.ASCII | re.IGNORECASE) for pattern in _SENTENCES),
        )
        self._marked = (
            re.compile(
                r"(\b(?:[Bb]asic|BASIC|[Bb]earer|BEARER|[Dd]igest|[Nn]egotiate)[ \t]{1,4})"
                r"(?=[\w.~+/=-]{0,80}[A-Z0-9=])[\w.~+/=-]{8,}"
            ),
            re.compile(
                r"\b(?:gh[opusr]_|github_pat_|glpat-|gldt-|npm_|hf_|sk-|sk_(?:live|test)_|rk_(?:live|test)_"
                r"|xox[a-z]-|dop_v1_|shpat_|dckr_pat_)[\w-]{12,}|\bpypi-[\w-]{16,}",
                re.ASCII,
            ),
            re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b", re.ASCII),
            re.compile(r"\bAIza[\w-]{30,}", re.ASCII),
            re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", re.ASCII),
        )
        self._word = re.compile(r"[\w.-]+", re.ASCII)
        #: Names of secrets, also as a part of a longer name.
        self._name = re.compile(
            r"(?:api|access|account|private|secret|signing|encryption|subscription)[-_.]?key|_key$|secret|token(?!iz)"
            r"|passw(?:or)?d(?!-stdin)|passwort|passphrase|passcode|pwd|(?:^|[-_.])pass$|credential|authori[sz]ation"
            r"|(?:^|[-_.])o?auth$|cookie(?!cutter)|session[-_.]?id|signature|(?:^|[-_.])(?:sig|jwt|hmac|otp)$"
            r"|[-_.](?:pat|pw)$|bearer",
            re.IGNORECASE,
        )
        self._header = re.compile(
            r"(?:proxy-|x-)?(?:authori[sz]ation|auth-(?:token|key)|api-(?:key|token))|(?:set-)?cookie2?",
            re.IGNORECASE,
        )
        #: What a sentence may say of, with a colon behind it, is a secret's name as a whole.
        self._spoken = re.compile(
            r"(?:[\w-]{0,60}[-_])?(?:(?:api|access|secret|private|auth|subscription)[-_]?key|secret|token"
            r"|passw(?:or)?d|passwort|passphrase|passcode|pwd|pass|credentials?)|[\w-]{1,60}[-_](?:pat|pw)",
            re.IGNORECASE,
        )
        self._joint = re.compile(
            rf"(\\{{0,7}}[\"'])?[ \t]{{0,4}}(=(?![=>])|:=|=>|:(?![/:=]|\\(?!\\{{0,7}}\"))|{escape}3[AD])[ \t]{{0,4}}",
            re.IGNORECASE,
        )
        self._gap = re.compile(_GAP)
        self._state = re.compile(_STATE)
        #: ("name", "value")
        self._opened = re.compile(r"[(\[]\s{0,40}b?\\{0,7}[\"']\Z")
        self._pair = re.compile(r"\\{0,7}[\"'],(?:\s|\\{1,4}n){0,40}")
        self._closed = re.compile(r"(?:\s|\\{1,4}n){0,40}[)\]]")
        self._quoted = re.compile(
            r"[bfru$]{0,2}(?:\"{3}(?:[\s\S]{0,2000}?\"{3}|[^\n]{0,2000})|'{3}(?:[\s\S]{0,2000}?'{3}|[^\n]{0,2000})"
            r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|\\+\"(?:[^\"\\\n]|\\+[^\"\\\n])*(?:\\+\")?)",
            re.IGNORECASE,
        )
        #: A call, a tuple, a list or a table, and what counts in it.
        self._call = re.compile(r"[\w.]{0,80}(?=[(\[{])", re.ASCII)
        self._bracket = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|([(\[{])|([)\]}])")
        self._rest_of_value = re.compile(r"[^\s\"'\\,;)\]}]*")
        self._value = re.compile(r"[^\s\"'\\]+")
        self._parameter = re.compile(r"(?:[^\s\"'\\&#%]|%(?!(?:25){0,3}(?:26|23)))+", re.IGNORECASE)
        self._escaped = re.compile(r"(?:25){0,3}[0-9A-F]{2}", re.IGNORECASE)
        self._rest = {
            "'": re.compile(r"[^'\r\n]+"),
            '"': re.compile(r"[^\"\r\n]+"),
            "": re.compile(r"[^\r\n]+"),
        }

    @classmethod
    def of(cls, text: str) -> str:
        """``text`` without secrets."""
        if cls._made is None:
            cls._made = cls()
        return cls._made.masked(text)

    def masked(self, text: str) -> str:
        """``text`` without secrets."""
        for pattern in self._plain:
            text = pattern.sub(_hide, text)
        text = "".join(self._words(text))
        for pattern in self._marked:
            text = pattern.sub(_hide, text)
        return text

    def _words(self, text: str) -> Iterator[str]:
        """The text in pieces, with what stands behind the name of a secret hidden."""
        done = 0
        at = self._word.search(text)
        while at is not None:
            end = at.end()
            span = self._behind(text, at)
            if span is not None:
                yield text[done : span[0]] + HIDDEN
                done = end = span[1]
            at = self._word.search(text, end)
        yield text[done:]

    def _behind(self, text: str, word: Match[str]) -> tuple[int, int] | None:
        """Where the secret is that ``word`` names."""
        end = word.end()
        name = text[max(word.start(), end - 200) : end]
        before = text[word.start() - 1 : word.start()]
        if before == "%" and (escaped := self._escaped.match(name)):
            before, name = "&", name[escaped.end() :]
        joint = self._joint.match(text, end)
        if joint is None:
            return self._beside(text, word, name) if self._name.search(name) else None
        if self._header.fullmatch(name.lstrip("-")):
            if joint[1] is not None or joint[2].startswith("%"):
                return self._assigned(text, joint)
            quote = before if before in ("'", '"') else ""
            rest = self._rest[quote].match(text, joint.end())
            return self._quotedly(text, joint.end()) or _span(rest)
        is_told = joint[1] is not None or joint[2] != ":"
        if is_told and (self._name.search(name) or (before in ("?", "&") and name == "key")):
            return self._assigned(text, joint, is_query=before in ("?", "&"))
        if not is_told and before not in ("/", "\\") and self._spoken.fullmatch(name):
            return self._assigned(text, joint)
        return None

    def _beside(self, text: str, word: Match[str], name: str) -> tuple[int, int] | None:
        """The value of an option, or the second of a pair."""
        if name.startswith("-"):
            gap = self._gap.match(text, word.end())
            if gap is None or not self._state.match(text, gap.end()):
                return None
            return self._quotedly(text, gap.end()) or self._plainly(text, gap.end())
        pair = self._pair.match(text, word.end())
        if pair is None or not self._opened.search(text[max(0, word.start() - 60) : word.start()]):
            return None
        span = self._quotedly(text, pair.end())
        return span if span is not None and self._closed.match(text, span[1]) else None

    def _assigned(
        self, text: str, joint: Match[str], *, is_query: bool = False
    ) -> tuple[int, int] | None:
        start = joint.end()
        if is_query or joint[2].startswith("%"):
            return _span(self._parameter.match(text, start))
        return (
            self._quotedly(text, start) or self._called(text, start) or self._plainly(text, start)
        )

    def _called(self, text: str, start: int) -> tuple[int, int] | None:
        """All of a call, a tuple, a list or a table; up to the line's end where it is cut short."""
        call = self._call.match(text, start)
        if call is None:
            return None
        depth, most = 0, start + 2000
        for found in self._bracket.finditer(text, call.end(), most):
            depth += (found[1] is not None) - (found[2] is not None)
            if depth == 0 and found.lastindex:
                rest = self._rest_of_value.match(text, found.end())
                return start, rest.end() if rest else found.end()
        return _span(self._rest[""].match(text, start, most))

    def _quotedly(self, text: str, start: int) -> tuple[int, int] | None:
        return _span(self._quoted.match(text, start))

    def _plainly(self, text: str, start: int) -> tuple[int, int] | None:
        """Up to a space or a quote, without the brackets that close what is around it."""
        found = self._value.match(text, start)
        if found is None:
            return None
        value = found[0].rstrip(")]},;")
        return (start, start + (len(value) or 1))


def _span(found: Match[str] | None) -> tuple[int, int] | None:
    return None if found is None else found.span()


def _hide(found: Match[str]) -> str:
    around = found.groups()
    before, after = (*around, "", "")[:2]
    return f"{before or ''}{HIDDEN}{after or ''}"
