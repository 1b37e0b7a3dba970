r"""Build the command line that ssh runs on the other machine: one string, for any login shell there.

ssh passes a single string to the login shell. It is ``exec sh -c`` and one word that every shell reads alike: sh and
similar shells, csh (which interprets ``!`` inside quotes, and accepts no line break there) and fish (which interprets
``\`` there). The rest is run by a POSIX ``sh``.
"""

from __future__ import annotations

from workflow_helper.errors import ExecutionFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Bytes of the string, of which a system takes 128 KiB as one argument of a program.
LIMIT = 120_000
#: What the other side says on its standard error where it cannot begin, and what is missing behind it.
NO_FOLDER = "python-workflow: no folder "
NO_PROGRAM = "python-workflow: no program "
#: Its exit status then.
CANNOT_BEGIN = 97

#: The characters that sh takes as they are, behind the first word.
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
#: Characters that each need a spelling of their own outside of single quotes, which all of the shells understand.
_SPELLED = {"'": '"\'"', "\\": "\\\\", "!": "\\!"}

#: Without a terminal nothing tells a program that our side is gone, unless it reads. So somebody looks, who is none of its
#: children: while the connection's own process is there (the parent of sh), and the program. Then its whole group is ended.
_WATCH = (
    '[ -t 0 ] || ( ( trap "" INT QUIT TERM HUP; '
    "while kill -0 $PPID && kill -0 $$; do sleep 1; done; "
    "kill -0 $$ && { kill -TERM -$$ || kill -TERM $$; sleep 2; kill -KILL -$$ || kill -KILL $$; } "
    ") </dev/null >/dev/null 2>&1 & )"
)


def serving(argv: Sequence[str], folder: str) -> str:
    """Return the line that starts the server ``argv`` in ``folder``, with the user's own programs on PATH."""
    program = argv[0]
    words = _Words()
    script = [
        _change_to(words.quoted(folder)),
        # A login shell that is not interactive often lacks it, and pip, pipx and uv put programs there.
        'PATH=$PATH:"$HOME"/.local/bin; export PATH',
        f"command -v {words.quoted(program)} >/dev/null || {_refusal(NO_PROGRAM, words.quoted(program))}",
        _WATCH,
        f"exec {words.joined(argv)}",
    ]
    return _handed_to_sh([*words.prepared, *script])


def running(
    argv: Sequence[str],
    folder: str,
    *,
    unset: Sequence[str] = (),
    put: Mapping[str, str] | None = None,
    prepend_path: Sequence[str] = (),
) -> str:
    """Return the line that runs ``argv`` in ``folder`` with its variables changed, and ends as it does.

    ``unset``, ``put`` and ``prepend_path`` are those of ``environment/command``. A program that a signal ends has the
    exit status 128 plus the signal's number, as in a shell; ssh itself would return 255.

    Raises:
        ExecutionFailed: part of it cannot be expressed in such a line.
    """
    words = _Words()
    script = [_change_to(words.quoted(folder))]
    script += [f"unset {_name(name)}" for name in unset]
    for name, value in (put or {}).items():
        script.append(f"{_name(name)}={words.quoted(value)}; export {name}")
    if prepend_path:
        paths = words.quoted(":".join(prepend_path))
        script.append(f"PATH={paths}${{PATH:+:$PATH}}; export PATH")
    # With handlers of its own sh waits for the program, which starts with the usual ones.
    script += [_WATCH, "trap : INT QUIT TERM HUP", f"{words.joined(argv)}", "exit $?"]
    return _handed_to_sh([*words.prepared, *script])


def login_quoted(text: str) -> str:
    """Return ``text``, which is printable ASCII, as one word of any login shell."""
    parts, at = [], 0
    while at < len(text):
        if text[at] in _SPELLED:
            parts.append(_SPELLED[text[at]])
            at += 1
            continue
        end = at
        while end < len(text) and text[end] not in _SPELLED:
            end += 1
        parts.append(f"'{text[at:end]}'")
        at = end
    return "".join(parts) or "''"


class _Words:
    """The words of a script for ``sh``; the script is printable ASCII without line breaks."""

    def __init__(self) -> None:
        #: What has to come before: a word that holds anything else is made by the script.
        self.prepared: list[str] = []

    def joined(self, words: Sequence[str]) -> str:
        # The first is quoted in any case: `if` and `a=b` mean something to sh.
        program, *arguments = words
        plain = (one if one and not one.strip(_PLAIN) else self.quoted(one) for one in arguments)
        return " ".join((self.quoted(program), *plain))

    def quoted(self, word: str) -> str:
        if "\0" in word:
            raise ExecutionFailed("a word with a NUL character cannot be handed to a program")
        if word.isascii() and word.isprintable():  # no login shell acts on it between single quotes
            return "'" + word.replace("'", "'\\''") + "'"
        name = f"_wsp_{len(self.prepared)}"
        data = word.encode("utf-8", "surrogateescape")
        octal = "".join(f"\\{byte:03o}" for byte in data)
        # The point keeps line breaks at the end, which a substitution drops.
        self.prepared.append(f"{name}=$(printf '{octal}.'); {name}=${{{name}%.}}")
        return f'"${name}"'


def _change_to(folder: str) -> str:
    return f"cd {folder} 2>/dev/null || {_refusal(NO_FOLDER, folder)}"


def _refusal(words: str, what: str) -> str:
    return f"{{ printf '%s%s\\n' '{words}' {what} >&2; exit {CANNOT_BEGIN}; }}"


def _name(name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        raise ExecutionFailed(f"the variable {name!r} cannot be set over ssh")
    return name


def _handed_to_sh(script: Sequence[str]) -> str:
    text = f"exec sh -c {login_quoted('; '.join(script))}"
    if len(text) > LIMIT:
        raise ExecutionFailed(
            f"the command is too long for ssh: {len(text)} bytes, at most {LIMIT} are possible"
        )
    return text
