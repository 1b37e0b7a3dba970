"""The rules of :mod:`workflow_server.masking`, loaded for the first text that may hold a secret."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Match

HIDDEN = "***"
#: The secrets of command lines: one-letter options, with the part of their value that is not secret, by program, or by
#: program and command. ``+p`` is read where its value follows at once.
_OPTIONS = {
    "mysql mysqladmin mysqlbinlog mysqlcheck mysqldump mysqlimport mysqlpump mysqlsh mysqlshow mysqlslap "
    "mariadb mariadb-admin mariadb-check mariadb-dump mariadb-import mariadb-show 7z 7za 7zr 7zz rar unrar": "+p",
    "mongo mongodump mongoexport mongofiles mongoimport mongorestore mongosh mongostat sshpass": "p",
    "bcp isql osql sqlcmd zip unzip": "P",
    "redis-cli valkey-cli": "a",
    "ldapadd ldapdelete ldapmodify ldappasswd ldapsearch ldapwhoami": "w",
    "net rpcclient smbclient smbget": "U%",
    "http https xh": "a:",
    "curl": "b E:",
    "docker/login podman/login nerdctl/login buildah/login skopeo/login oras/login helm/login": "p",
    "hatch/publish": "a",
    "pdm/publish": "P",
    "poetry/publish twine/upload": "p",
    "uv/publish uv/auth": "p t",
    "psexec ncftp ncftpget ncftpput useradd usermod az/login": "p",
    "p4": "P",
    "lftp": "u,",
    "ssh-keygen": "N P",
    "dotnet/push nuget/push": "k",
    "codecov flyctl doctl/init": "t",
    "gh/set": "b",
}
#: Between an option and its value: on a command line, or in a list of Python's or of JSON.
_GAP = r"(?:[ \t]{1,4}(?:<<<[ \t]{0,4})?|\\{0,7}[\"'],?(?:\s|\\{1,4}n){0,40}(?=\\{0,7}[\"']))"
_VALUE = r"(?:\\{0,7}\"[^\"\\\n]{1,500}\\{0,7}\"|'[^'\n]{1,500}'|[^\s\"'\\]{1,2000})"
_COMMANDS = (
    # by themselves, before a host
    (
        r"(?<![^\s\"'<>`=(\[{,;|])((?://)?)(?!(?:mailto|acct|sips?|xmpp|ssh|git):)[^\s:/@\"'<>`(\[{,;|=\\]{1,64}:"
        r"[^\s/\"'<>`\\]{1,200}(@)(?=(?:localhost|(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3}"
        r"|\[[\dA-Fa-f:.]{2,45}\])(?![\w@-])|(?:tcp|udp|unix)\(|(?!sha\d)[\w-]{1,63}(?::\d{2,5}(?!\w)|/))"
    ),
    # curl -u user:password; docker's -u 1000:1000 is none, nor is an address or a path
    (
        rf"((?<![\w-])-(?:(?:[a-zA-Z]{{0,4}}[uU]|-(?:proxy-)?user)(?:{_GAP}|=)|u))"
        r"(?:\\{0,7}[\"'][^\s:\"'\\/]{0,100}:(?![/\\])[^\"'\\\n]{1,500}\\{0,7}[\"']"
        r"|[^\s:\"'\\/=]{0,100}:(?![/\\]|\d+(?:[\s\"']|$))[^\s\"'\\]{1,2000})"
    ),
    rf"((?<![\w-])--(?:proxy-)?cert(?:{_GAP}|=)[\"']?[^\s:\"']{{1,200}}:(?![/\\]))[^\s\"']{{1,500}}",
    # what a tool is told to remember
    rf"(\bhttp-basic\.[\w.-]{{1,100}}{_GAP}{_VALUE}{_GAP}){_VALUE}",
    (
        rf"(\bconfig(?:ure)?{_GAP}(?:[\"']?(?:set|--?[\w-]{{1,40}}){_GAP}){{0,3}}[\"']?"
        rf"(?:pypi-token\.[\w.-]{{1,100}}|//[^\s\"']{{1,200}}:_(?:authToken|auth|password)"
        r"|(?:[\w-]{1,60}\.)?aws_(?:secret_access_key|session_token)|(?:[\w-]{1,60}\.){1,6}(?:password|token|secret))"
        rf"{_GAP}){_VALUE}"
    ),
    (
        rf"(\bbundle{_GAP}config{_GAP}(?:[\"']?(?:set|--?[\w-]{{1,40}}){_GAP}){{0,3}}[\w.-]{{1,100}}{_GAP})"
        r"[^\s:/\"']{1,64}:(?!//)[^\s\"']{1,500}"
    ),
    (
        r"(\b(?:cargo[ \t]{1,4}login|snyk[ \t]{1,4}auth|vault[ \t]{1,4}login|ngrok[ \t]{1,4}(?:config[ \t]{1,4}add-)?authtoken"
        r"|conda[ \t]{1,4}token[ \t]{1,4}set|rclone[ \t]{1,4}obscure|wpa_passphrase[ \t]{1,4}\S{1,64}"
        r"|gh[ \t]{1,4}secret[ \t]{1,4}set[ \t]{1,4}\S{1,100}[ \t]{1,4}(?:--body|-b))[ \t]{1,4})"
        r"(?![-/])(?=\S{0,60}\d)[^\s=]{6,500}"
    ),
    (
        r"(\bhtpasswd[ \t]{1,4}(?:-\w{0,8}n\w{0,8}b?\w{0,8}[ \t]{1,4}|-\w{0,8}b\w{0,8}[ \t]{1,4}\S{1,200}[ \t]{1,4})"
        rf"[^\s-]\S{{0,100}}[ \t]{{1,4}}){_VALUE}"
    ),
    # of Windows
    rf"(\bnet(?:\.exe)?[ \t]{{1,4}}use[ \t]{{1,4}}(?:\w:[ \t]{{1,4}})?\\\\\S{{1,200}}[ \t]{{1,4}})(?![/*]){_VALUE}",
    rf"(\bnet(?:\.exe)?[ \t]{{1,4}}user[ \t]{{1,4}}[\w.-]{{1,64}}[ \t]{{1,4}})(?![/*]){_VALUE}(?=[ \t]{{1,4}}/)",
    # Oracle's name/password@database
    (
        r"((?:\bjdbc:[a-z]{1,20}:(?:[a-z\d]{1,10}:)?|\b(?:sqlplus|sqlldr|rman|expdp|impdp|[cC]onn(?:ect)?|CONN(?:ECT)?)"
        r"(?:[ \t]{1,4}-[LS]){0,2}[ \t]{1,4}\"?)[\w$#.-]{1,60}/)[^\s@/\"'][^\s@\"']{0,200}(@)"
    ),
    # /password:x of Windows
    r"((?<![^\s\"'])/(?:password|passwd|pass|pwd|pw|token|secret|apikey):)(?![/\\])" + _VALUE,
    # echo x | docker login --password-stdin
    (
        rf"((?:\b(?:echo|printf)(?:[ \t]{{1,4}}-[neE]{{1,3}})?[ \t]{{1,4}}(?:[\"']?%s[\"']?[ \t]{{1,4}})?))"
        rf"{_VALUE}([ \t]{{0,4}}\|[^\n|;&]{{0,200}}?(?:-stdin\b|--with-token\b|\bsudo[ \t]{{1,4}}-S\b|\bchpasswd\b))"
    ),
    # what opens a door by its address alone
    r"(://[^\s/\"'<>]{1,200}/(?:[^\s:\"'<>]{1,200}?/)?t/)(?=[^\s/]{0,60}?\d)[^\s/\"'<>]{8,200}(?=/(?!\d))",
    r"(\bhooks\.[\w.-]{1,60}/(?:services|workflows|triggers)/|/api/webhooks/\d{1,20}/)[\w/-]{8,}",
    r"((?:/bot|\b)\d{8,10}:)AA[\w-]{30,40}",
    r"([?&]code=)(?=[\w.~/%-]{0,60}?[A-Z0-9])[\w.~/%-]{12,}",
    # a call with a name and a password
    (
        r"((?:\.login|(?:Basic|Digest)Auth|\.set_password)\([^()\n\"']{0,40}[\"'](?:[^\"'\n]{0,100}[\"'],[ ]{0,4}[\"']){1,2})"
        r"[^\"'\n]{1,300}([\"']\))"
    ),
    r"(\b(?:SecretStr|SecretBytes|BearerAuth|BearerToken|TokenAuth|ApiKey|APIKey)\(b?[\"'])[^\"'\n]{1,300}([\"'])",
    # of http.cookiejar
    r"(<Cookie [^\s=<>]{1,100}=)[^\s<>]{1,2000}( for )",
    # a hash of a password
    r"(\$(?:2[abxy]|5|6|7|y|apr1|argon2(?:id?|d))\$)[^\s:\"'$]{1,60}\$[^\s:\"']{8,500}",
)
_SPACE = r"[ \t]{1,4}"
_WORD = r"passw(?:or)?d|passphrase|passcode"
_KEY = r"pwd|secret|token|credentials?|(?:api|access|secret|private|auth)[ _-]?key"
_OWNER = rf"(?:{_SPACE}(?:for|of){_SPACE}\S{{1,100}})?"
#: Words that follow "password" in a sentence, and are not one.
_STATE = (
    r"(?!(?:\w{1,20}ed|no|not|none|never|now|only|also|always|already|too|is|was|has|and|or|of|in|on|at|as|by|to|for|from|with"
    r"|the|an?|this|that|what|your|one|it|must|can|cannot|could|does|may|will|should|wrong|invalid|incorrect|correct|missing|empty"
    r"|unknown|unset|set|put|held|found|lost|gone|made|left|valid|available|ok|optional|mandatory|read|kept|taken|given|hidden|shown|sent|written|true|false|null|being)\b|<[\w -]{1,40}>)"
)
#: The name of a value that stands beside it.
_ENTRY = (
    r"\b(?:key|name|type|id|variable)(?:\\{0,7}[\"'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\{0,7}[\"'])?[\w.-]{0,60}?"
    rf"(?:{_WORD}|{_KEY}|_key|_pass|_pw)(?:\\{{0,7}}[\"'])?(?:[,;]\s{{0,40}}|\s{{1,40}})(?:\\{{0,7}}[\"'])?value(?:\\{{0,7}}[\"'])?"
    r"[ \t]{0,4}[:=][ \t]{0,4}"
)
_SENTENCES = (
    rf"(<[\w.:-]{{0,60}}?(?:{_WORD}|{_KEY}){_SPACE}value=[\"'])[^\"'\n]{{1,500}}([\"'])",
    rf"(\b(?:{_WORD}|{_KEY}){_OWNER}{_SPACE}(?:is|was){_SPACE}){_STATE}{_VALUE}",
    rf"(\b(?:api|access|secret|private|auth) key(?: provided|{_SPACE}\[[^\]\n]{{0,40}}\])?:{_SPACE}){_STATE}{_VALUE}",
    rf"(\b(?:{_WORD}){_OWNER}{_SPACE})(?:\\{{0,7}}\"[^\"\\\n]{{1,200}}\\{{0,7}}\"|'[^'\n]{{1,200}}')",
    # in the middle of it, and no word of a parser
    (
        rf"((?<!unexpected )(?<!syntax )\b(?:{_KEY}){_SPACE})(?:`(?=[^`]{{0,60}}\d)[^`\s]{{10,500}}`|'(?=[^']{{0,60}}\d)[^'\s./]{{10,500}}'"
        r"|\"(?=[^\"]{0,60}\d)[^\"\s./]{10,500}\")"
    ),
    # what is no word of a language
    rf"(\b(?:{_WORD}){_OWNER}{_SPACE})(?=\S{{0,60}}[A-Za-z])(?=\S{{0,60}}\d)(?![/.~])[^\s\"'`]{{6,}}",
    rf"(\b(?:{_KEY}){_OWNER}{_SPACE})(?=\S{{0,60}}[A-Za-z])(?=\S{{0,60}}\d)[^\s\"'`./]{{10,}}(?![^\s\"'`,;.])",
    # alone on the next line
    (
        rf"(\b(?:{_WORD}|{_KEY}){_OWNER}(?:{_SPACE}(?:is|was))?:?[ \t]{{0,4}}\r?\n[ \t]{{0,40}})(?=\S{{0,60}}[A-Za-z])"
        r"(?=\S{0,60}\d)[^\s\"'`./=][^\s\"'`/=]{5,200}(?=[ \t]{0,40}(?:\r?\n|\Z))"
    ),
    # what is typed behind a prompt
    rf"(\b(?:{_WORD}){_SPACE}for{_SPACE}(?:key{_SPACE})?\S{{1,100}}(?:{_SPACE}in{_SPACE}\S{{1,100}})?:{_SPACE}){_STATE}{_VALUE}",
    rf"(\b(?:mot de passe|contrase[ñn]a|kennwort|wachtwoord|senha)[ \t]{{0,4}}:{_SPACE}){_STATE}{_VALUE}",
    # SQL, a Dockerfile, and what Windows keeps
    (
        rf"(\bidentified{_SPACE}(?:with{_SPACE}[\w'\"]{{1,40}}{_SPACE})?(?:by|as){_SPACE}(?:password{_SPACE})?)"
        r"(?:'[^'\n]{1,300}'|\"[^\"\n]{1,300}\")"
    ),
    rf"(\b(?:env|setx|setenv){_SPACE}\w{{0,60}}(?:{_WORD}|pwd|secret|token|_key|_pass|_pw){_SPACE}){_STATE}{_VALUE}",
    (
        r"(\b(?:SetEnvironmentVariable|setenv|putenv|setdefault|set_key|setProperty|add_?header|setRequestHeader)\(b?[\"'][\w.-]{0,60}?"
        rf"(?:{_WORD}|{_KEY}|authorization|cookie)[\"'],[ ]{{0,4}}b?[\"'])[^\"'\n]{{1,500}}([\"'])"
    ),
    # <add key="password" value="x" />, {"name": "API_KEY", "value": "x"}, and the same in YAML
    rf"({_ENTRY}\")(?:[^\"\\\n]|\\.){{1,500}}(\"?)",
    rf"({_ENTRY}\\{{1,7}}\")(?:[^\"\\\n]|\\{{1,7}}[^\"\\\n]){{1,500}}((?:\\{{1,7}}\")?)",
    rf"({_ENTRY}')[^'\n]{{1,500}}('?)",
    rf"({_ENTRY})(?![\"'\\])[^\s\"'\\>}}]{{1,500}}",
    rf"(<\w{{1,40}}[ \t]{{1,4}}(?:key|name|type|id)=[\"'][\w.-]{{0,60}}?(?:{_WORD}|{_KEY})[\"'][^<>\n]{{0,100}}>)[^<\n]{{1,500}}(</)",
    # XML, as Maven's settings
    rf"(<[\w.:-]{{0,60}}?(?:{_WORD}|secret|token|(?:api|access|private)-?key)>)[^<\n]{{1,500}}(</)",
)


class Rules:
    """The patterns; ``tokens`` and ``plain_tokens`` are prefixes of tokens."""

    _shared: Rules | None = None

    def __init__(self, tokens: tuple[str, ...], plain_tokens: tuple[str, ...]) -> None:
        import re

        escape = r"%(?:25){0,3}"
        end = rf"(@|{escape}40)"
        letter = r"[^\s/?#\"'<>`%\\]|%(?!(?:25){0,3}(?:2F|3F|23|40))"
        self._plain = (
            re.compile(
                r"(-{4,5} ?BEGIN[A-Z0-9 +%]{1,44}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)? ?-{4,5})[\s\S]*?"
                r"(-{4,5} ?END[A-Z0-9 +%]{1,44}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)? ?-{4,5}|\Z)"
            ),
            re.compile(r"(\bPrivate-Lines: \d{1,4}\r?\n)[\s\S]*?(\nPrivate-MAC: |\Z)"),
            re.compile(r"(\bPrivate-MAC: )[\w+/=]{8,}"),
            # a line of .netrc, or several
            re.compile(
                r"(\b(?:machine|login|account)[ \t\r\n]{1,40}[^ \t\r\n]{1,200}[ \t\r\n]{1,40}password[ \t\r\n]{1,40})[^ \t\r\n]+"
            ),
            # https://user:password@host, and with a / in the password, which is no port then
            re.compile(r"(:\\{0,4}/\\{0,4}/)[^\s/?#\"'<>`]{1,2000}(@)"),
            re.compile(
                r"(:\\{0,4}/\\{0,4}/)[^\s/?#\"'<>`\[@:]{1,200}:(?!\d{1,5}(?:[/?#]|$))[^\s\"'<>`@:]{1,500}(@)"
            ),
            # and with a quote in it
            re.compile(
                r"(:\\{0,4}/\\{0,4}/)[^\s/?#\"'<>`\[@:]{1,200}:[^\s\"'<>`@:]{0,200}'[^\s\"'<>`@:]{1,200}(@)(?=[\w\[])"
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
                r"(\b(?:[Bb]asic|BASIC|[Bb]earer|BEARER|[Dd]igest|[Nn]egotiate),?[ \t]{1,4})"
                r"(?=[\w.~+/=-]{0,80}[A-Z0-9=])[\w.~+/=-]{8,}"
            ),
            re.compile(
                rf"\b(?:{'|'.join(map(re.escape, tokens))})(?=[\w.-]{{0,80}}?[A-Z0-9])[\w-]{{12,}}(?:\.[\w-]{{4,}})?"
                r"|\bpypi-(?=[\w-]{0,80}?[A-Z])[\w-]{16,}"
                rf"|\b(?:{'|'.join(plain_tokens)})[A-Za-z0-9]{{20,}}",
                re.ASCII,
            ),
            re.compile(r"\bAIza[\w-]{30,}", re.ASCII),
            re.compile(r"\bkey-[0-9a-f]{32}\b", re.ASCII),
            re.compile(
                r"\bdp\.(?:st|ct|sa|scim|audit)\.(?:[\w-]{1,40}\.)?[A-Za-z0-9]{12,}", re.ASCII
            ),
            re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b", re.ASCII),
            re.compile(
                r"(\bAUTH[ \t](?:(?:PLAIN|LOGIN|XOAUTH2)[ \t])?)(?=[^\s\"']{0,60}[A-Za-z])(?=[^\s\"']{0,60}\d)[^\s\"']{6,}",
                re.ASCII,
            ),
            re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", re.ASCII),
        )
        self._options = {
            name: options.split() for names, options in _OPTIONS.items() for name in names.split()
        }
        programs = sorted({part for name in self._options for part in name.split("/")})
        #: A word that may precede a secret. Each is checked once, since none begins within another.
        self._word = re.compile(
            rf"(?<![\w.-])(?=-[abEkNpPtuUw]|(?:{'|'.join(programs)})(?:\.exe)?[ \t\"']|[\w.-]*?(?:pass|pwd|pw|token|secret"
            r"|key|credential|auth|cookie|sess|sid|sig|jwt|hmac|otp|pat|psk|bearer|jfrog))[\w.-]+",
            re.ASCII | re.IGNORECASE,
        )
        #: Names of secrets, also as a part of a longer name.
        self._name = re.compile(
            r"(?:api|access|account|private|secret|signing|encryption|subscription)[-_.]?key|_key$|secret|token(?!iz)"
            r"|passw(?:or)?d(?!-stdin)|passwort|passphrase|passcode|pwd"
            r"|(?:^|[-_.]|key|store|db|user|admin|root|sudo|ss[hl]|smtp|mail|proxy|cert)pass$|credential|authori[sz]ation"
            r"|(?:^|[-_.])o?auth$|cookie(?!cutter)|session[-_.]?id|sess?id$|signature|(?:^|[-_.])(?:s?sig|sid|jwt|hmac|otp|pw)$"
            r"|[-_.]pat$|bearer|preshared[-_]?key|(?:^|[-_.])psk$|^_[\w-]{1,60}_sess(?:ion)?$|^laravel_session$",
            re.IGNORECASE,
        )
        self._header = re.compile(
            r"(?:proxy-|x-)?(?:authori[sz]ation|auth-(?:token|key)|api-(?:key|token))|x-jfrog-art-api|(?:set-)?cookie2?",
            re.IGNORECASE,
        )
        #: What a sentence may say of, with a colon behind it, is a secret's name as a whole.
        self._spoken = re.compile(
            r"(?:[\w.-]{0,60}[-_.])?(?:(?:api|access|secret|private|auth|subscription|signing|encryption)[-_]?key"
            r"|secret(?:[-_]?key[-_]base|[-_]?string)?|token|passw(?:or)?d|passwort|passphrase|passcode|pwd|pw|pass"
            r"|credentials?)|[\w-]{1,60}[-_](?:pat|pw)|x-[\w-]{1,40}-signature(?:-\d{1,3})?",
            re.IGNORECASE,
        )
        #: The same in camel case.
        self._humped = re.compile(
            r"[a-z][A-Za-z0-9]{0,60}?(?:(?:[aA]pi|[aA]ccess|[sS]ecret|[pP]rivate|[aA]uth|[sS]igning|[eE]ncryption)Key"
            r"|Secret|Token|Passw(?:or)?d|Passphrase|AuthIdent)",
            re.ASCII,
        )
        self._joint = re.compile(
            rf"(\\{{0,7}}[\"']\]?|(?:\[?\]|{escape}5B{escape}5D|{escape}5D)(?==|{escape}3D))?[ \t]{{0,4}}"
            rf"([+?]?=(?![=>])|:=|=>|:(?![/:=]|\\(?!\\{{0,7}}\"))|{escape}3[AD])[ \t]{{0,4}}(?:![\w/:.-]{{0,40}}[ \t]{{1,4}})?",
            re.IGNORECASE,
        )
        #: A value below its name: a block of YAML, or a word alone on the next line.
        self._block = re.compile(r"[|>][+-]?\d?[ \t]{0,4}\r?\n([ \t]{1,40})([^\n]+(?:\n\1[^\n]*)*)")
        self._below = re.compile(
            r"\r?\n[ \t]{0,40}(?:- )?(?![\w.-]{1,200}(?:=[^=\s]|\()|-)"
            r"(\"(?:[^\"\\\n]|\\.)+\"|'[^'\n]+'|[^\s\"'\[{(][^\s\"']{0,2000}(?<![:{\[(,]))(?=[,;]?[ \t]{0,40}(?:\r?\n|\Z))"
        )
        self._programs = {name.split("/")[0] for name in self._options}
        #: Between two words, what ends a command: a line's end, unless it goes on behind ``\`` or in a list.
        self._end = re.compile(r"[|;&]|(?<![,\\\r])\r?\n")
        self._argument = re.compile(_VALUE)
        self._heads = {
            ":": re.compile(r"[\"']?[^\s:\"']{0,200}:(?![/\\])"),
            "%": re.compile(r"[\"']?[^\s%\"']{1,200}%"),
            ",": re.compile(r"[\"']?[^\s,\"']{1,200},"),
        }
        self._gap = re.compile(_GAP)
        self._state = re.compile(_STATE)
        #: ("name", "value")
        self._opened = re.compile(r"[(\[]\s{0,40}b?\\{0,7}[\"']\Z")
        self._pair = re.compile(r"\\{0,7}[\"'],(?:\s|\\{1,4}n){0,40}")
        self._closed = re.compile(r"(?:\s|\\{1,4}n){0,40}[)\]]")
        self._quoted = re.compile(
            r"[bfru$]{0,2}(?:\"{3}(?:[\s\S]{0,2000}?\"{3}|[^\n]{0,2000})|'{3}(?:[\s\S]{0,2000}?'{3}|[^\n]{0,2000})"
            r"|\"(?:[^\"\\\n]|\\.|\"\")*\"?|'(?:[^'\\\n]|\\.|'')*'?|\\+\"(?:[^\"\\\n]|\\+[^\"\\\n])*(?:\\+\")?)",
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
    def shared(cls, tokens: tuple[str, ...], plain_tokens: tuple[str, ...]) -> Rules:
        """Return the rules of this process."""
        if cls._shared is None:
            cls._shared = cls(tokens, plain_tokens)
        return cls._shared

    def masked(self, text: str) -> str:
        """Return ``text`` without secrets."""
        for pattern in self._plain:
            text = pattern.sub(_hide, text)
        text = "".join(self._words(text))
        for pattern in self._marked:
            text = pattern.sub(_hide, text)
        return text

    def _words(self, text: str) -> Iterator[str]:
        """Yield the text in pieces, with the value after the name of a secret hidden."""
        done = end = 0
        program = ""
        options: list[str] = []
        at = self._word.search(text)
        while at is not None:
            if program and self._end.search(text, end, at.start()):
                program, options = "", []
            end = at.end()
            span = (self._option(text, at, options) if options else None) or self._behind(text, at)
            if span is not None:
                yield text[done : span[0]] + HIDDEN
                done = end = span[1]
            elif text[end : end + 1] in (" ", "\t", '"', "'"):
                name = at[0].removesuffix(".exe")
                if name in self._programs:
                    program, options = name, self._options.get(name, [])
                elif program:
                    options = self._options.get(f"{program}/{name}", options)
            at = self._word.search(text, end)
        yield text[done:]

    def _option(self, text: str, word: Match[str], options: list[str]) -> tuple[int, int] | None:
        """Return the span of the value of a one-letter option of the current program."""
        start, end = word.span()
        if text[start] != "-":
            return None
        for option in options:
            letter, head = option.strip(":%+,"), option[-1]
            if text[start + 1 : start + 2] != letter:
                continue
            at = start + 2
            if at == end and not option.startswith("+"):
                gap = self._gap.match(text, at)
                at = gap.end() if gap else at + (text[at : at + 1] == "=")
            if at == end and text[at : at + 1] == text[start - 1 : start]:
                return None  # quoted by itself
            if head in self._heads:
                value = self._heads[head].match(text, at)
                at = value.end() if value else len(text)
            return _span(self._argument.match(text, at))
        return None

    def _behind(self, text: str, word: Match[str]) -> tuple[int, int] | None:
        """Return the span of the secret that ``word`` names."""
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
        is_assignment = joint[1] is not None or joint[2] != ":"
        if is_assignment and (self._name.search(name) or (before in ("?", "&") and name == "key")):
            return self._assigned(text, joint, is_query=before in ("?", "&"))
        if not is_assignment and before not in ("/", "\\"):
            bare = name.lstrip("-")
            if self._spoken.fullmatch(bare) or self._humped.fullmatch(bare):
                return self._assigned(text, joint)
        return None

    def _beside(self, text: str, word: Match[str], name: str) -> tuple[int, int] | None:
        """Return the span of the value of an option, or of the second of a pair."""
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
            self._quotedly(text, start)
            or self._underneath(text, start)
            or self._called(text, start)
            or self._plainly(text, start)
        )

    def _underneath(self, text: str, start: int) -> tuple[int, int] | None:
        """Return the span of a block, or of a single word on the next line."""
        if text[start : start + 1] in ("|", ">") and (block := self._block.match(text, start)):
            return block.span(2)
        below = self._below.match(text, start)
        return below.span(1) if below else None

    def _called(self, text: str, start: int) -> tuple[int, int] | None:
        """Return the span of a call, tuple, list or table; to the line's end if it is incomplete."""
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
        """Return the span up to a space or a quote, without closing brackets of its surroundings."""
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
