"""Read ``.env`` files as the library python-dotenv does; pipenv reads its own settings from them."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(
    r"""^[^\S\n]*(?:export[^\S\n]+)?
    (?:'(?P<quoted_key>[^'\n]+)'|(?P<key>[^=\#\s]+))[^\S\n]*=(?P<blank>[^\S\n]*)
    (?:
        (?:'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)")[^\S\n]*(?:\#[^\n]*)?$
        |(?!['"])(?P<plain>[^\n]*)
    )""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_ESCAPES = re.compile(r"\\([\\'\"abfnrtv])")
_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")
_CONTROLS = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


def variables(text: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in the file's ``text``; ``${NAME}`` stands for a variable of an earlier line, else of ``environ``."""
    found: dict[str, str] = {}

    def value_of(reference: re.Match[str]) -> str:
        default = reference["default"] or ""
        return found.get(reference["name"], environ.get(reference["name"], default))

    for line in _LINE.finditer(text.replace("\r\n", "\n").replace("\r", "\n")):
        if line["single"] is not None:
            value = re.sub(r"\\([\\'])", r"\1", line["single"])
        elif line["double"] is not None:
            value = _ESCAPES.sub(lambda mark: _CONTROLS.get(mark[1], mark[1]), line["double"])
        else:
            value = re.sub(r"\s+#.*", "", line["blank"] + line["plain"]).strip()
        found[line["quoted_key"] or line["key"]] = _REFERENCE.sub(value_of, value)
    return found
