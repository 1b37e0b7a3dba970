"""The table that declares a workflow, ``wsp = ...``, in any file.

It is read strictly: anything unknown is an error that names the file, the line, the key and what was expected.
"""

from __future__ import annotations

from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.errors import UnusableFile
from workflow_helper.model import (
    AdapterLaunch,
    BundledLaunch,
    Declaration,
    ModuleLaunch,
    ProgramLaunch,
    ScriptLaunch,
    SshLaunch,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from workflow_helper.filesystem.reader import Disk

#: The keys of which a table has exactly one.
FORMS = ("cmd", "script", "module", "config", "ssh")
#: The keys that may stand beside it.
MORE = ("requires", "files")
#: Those that go with ``ssh``: where, and what runs there.
_OF_SSH = ("folder", "wsp")
#: The placeholder for the name of the project's folder in the path of the one on the other machine.
PROJECT_NAME = "{name}"
#: The characters of a host, its user and its port.
_OF_HOSTS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@:/[]%+=~,")
#: Programs that run a script or a module, which is what people know a server by.
_INTERPRETERS = frozenset(
    ("python", "pypy", "py", "node", "deno", "bun", "ruby", "perl", "sh", "bash")
)


def of_bundled(name: str) -> Declaration:
    """Return the declaration of a bundled workflow that no file declares."""
    return Declaration(name, BundledLaunch(name))


def read_wsp(
    value: object, path: str, disk: Disk | None, key: str, *, declared_in: str | None
) -> Declaration:
    """Read the declaration that is the value of ``key`` in the file ``path``.

    Raises:
        UnusableFile: the value is not a valid declaration; the error names the file, the line, the key and what was expected.
    """
    if isinstance(value, str):
        if value not in BUNDLED:
            expected = f"names no bundled workflow: {value!r} is not one of {bundled_names()}"
            raise wrong(path, disk, key, expected)
        return Declaration(value, BundledLaunch(value), declared_in)
    if not isinstance(value, dict):
        expected = f"should be a table or a bundled workflow's name, not {kind_of(value)}"
        raise wrong(path, disk, key, expected)
    form = _form(value, path, disk, key)
    if form == "ssh":
        return _elsewhere(value, path, disk, key, declared_in)
    files = _strings_or_none(value, "files", path, disk, key)
    requires = _requires(value, path, disk, key)
    if form == "cmd":
        argv = _strings(value["cmd"], path, disk, f"{key}.cmd")
        return Declaration(server_name(argv), ProgramLaunch(argv, requires, files), declared_in)
    word = value[form]
    if problem := _no_text(word):
        raise wrong(path, disk, f"{key}.{form}", problem)
    if form == "module":
        if not all(part.isidentifier() for part in word.split(".")):
            expected = f"should be a module's dotted name, not {word!r}"
            raise wrong(path, disk, f"{key}.module", expected)
        return Declaration(word, ModuleLaunch(word, requires), declared_in)
    launch = ScriptLaunch(word, files) if form == "script" else AdapterLaunch(word, files)
    return Declaration(_last_name(word), launch, declared_in)


def _requires(
    table: dict[str, Any], path: str, disk: Disk | None, key: str
) -> str | tuple[str, ...]:
    requires = table.get("requires")
    if isinstance(requires, str):
        return _strings([requires], path, disk, f"{key}.requires")[0]
    return _strings_or_none(table, "requires", path, disk, key)


def _elsewhere(
    table: dict[str, Any], path: str, disk: Disk | None, key: str, declared_in: str | None
) -> Declaration:
    """Read a declaration that runs on another machine, in a folder there."""
    host, folder = table["ssh"], table.get("folder")
    if reason := _no_host(host):
        raise wrong(path, disk, f"{key}.ssh", reason)
    # Not `os.path`: it is a path of the other machine, which has a POSIX shell.
    if not isinstance(folder, str) or not folder.startswith("/") or not folder.isprintable():
        expected = f"should be the absolute path of a folder on {host}"
        raise wrong(path, disk, f"{key}.folder", expected)
    if "wsp" not in table:
        expected = f"has no key 'wsp', which says what to start on {host}"
        raise wrong(path, disk, key, expected)
    if isinstance(table["wsp"], dict) and "files" in table["wsp"]:
        expected = f"is only for workflows on this machine, not on {host}"
        raise wrong(path, disk, f"{key}.wsp.files", expected)
    inner = read_wsp(table["wsp"], path, disk, f"{key}.wsp", declared_in=None)
    if inner.host is not None:
        expected = "cannot name a second machine: name that one, and set a ProxyJump in ssh's own configuration"
        raise wrong(path, disk, f"{key}.wsp.ssh", expected)
    return Declaration(
        f"{inner.name} on {host}", SshLaunch(host, folder, inner.launch), declared_in
    )


def _no_host(word: object) -> str | None:
    """Return why ``word`` cannot be a host for ssh, as the end of a sentence; ``None`` if it can."""
    if not isinstance(word, str) or not word.strip():
        return f'should be a host as ssh takes it, such as "user@host", not {kind_of(word)}'
    # ssh would take it for an option.
    if any(part.startswith("-") for part in word.replace("/", "@").split("@")):
        return f"should not begin with a hyphen: {word!r}"
    # A ProxyCommand of the user's gets it within a line for a shell.
    if not set(word) <= _OF_HOSTS:
        return f"contains a character that no host has: {word!r}"
    return None


def _form(table: dict[str, Any], path: str, disk: Disk | None, key: str) -> str:
    """Return the key of ``table`` that says what to start."""
    further = _OF_SSH if "ssh" in table else MORE
    for name in table:
        if name not in FORMS and name not in further:
            expected = "is not a key of a workflow, expected 'cmd', 'script', 'module', 'config', 'ssh', 'requires' or 'files'"
            if "ssh" in table:
                expected = "cannot be combined with 'ssh', expected 'folder' and 'wsp'"
            elif name in _OF_SSH:
                expected = "needs 'ssh', which names the machine"
            raise wrong(path, disk, f"{key}.{name}", expected)
    forms = [name for name in FORMS if name in table]
    if "ssh" in forms and len(forms) > 1:
        expected = (
            f"belongs inside 'wsp' where 'ssh' is set: it is for the server on {table['ssh']}"
        )
        raise wrong(path, disk, f"{key}.{forms[0]}", expected)
    if len(forms) != 1:
        found = " and ".join(f"'{name}'" for name in forms) or "none"
        expected = f"should have exactly one of 'cmd', 'script', 'module', 'config' and 'ssh', it has {found}"
        raise wrong(path, disk, key, expected)
    if "requires" in table and forms[0] not in ("cmd", "module"):
        expected = f"can be used with 'cmd' or 'module', not with '{forms[0]}'"
        raise wrong(path, disk, f"{key}.requires", expected)
    if "files" in table and forms[0] == "module":
        expected = (
            "can be used with 'script', 'cmd' or 'config', not with 'module', which is installed"
        )
        raise wrong(path, disk, f"{key}.files", expected)
    return forms[0]


def _strings_or_none(
    table: dict[str, Any], name: str, path: str, disk: Disk | None, key: str
) -> tuple[str, ...]:
    """Return the strings in the value of ``name``; none without it."""
    return _strings(table[name], path, disk, f"{key}.{name}") if name in table else ()


def _strings(value: object, path: str, disk: Disk | None, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise wrong(path, disk, key, f"should be a non-empty list of strings, not {kind_of(value)}")
    for index, item in enumerate(value):
        if problem := _no_text(item):
            raise wrong(path, disk, f"{key}[{index}]", problem)
    return tuple(value)


def _no_text(value: object) -> str | None:
    """Return why ``value`` cannot be an argument of a program, as the end of a sentence; ``None`` if it can."""
    if not isinstance(value, str) or not value.strip():
        return f"should be a non-empty string, not {kind_of(value)}"
    return "must not contain a NUL character" if "\0" in value else None


def server_name(command: Sequence[str]) -> str:
    """Return the display name of a server: its script or module if an interpreter runs one, else its program."""
    program = _program_name(command[0])
    if program.lower().rstrip("0123456789.") in _INTERPRETERS:
        behind = [word for word in command[1:] if not word.startswith("-")]
        if behind and not {"-c", "-e"} & set(command):
            return _last_name(behind[0])
    return program


def _program_name(word: str) -> str:
    name = _last_name(word)
    return name[:-4] if name.lower().endswith(".exe") else name


def _last_name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def bundled_names() -> str:
    """Return the names of the bundled workflows, for a message."""
    return ", ".join(sorted(BUNDLED))


def kind_of(value: object) -> str:
    """Return the kind of a TOML value, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "an empty string" if not value.strip() else "a string"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if isinstance(value, dict):
        return "a table"
    return f"a {type(value).__name__}"


def wrong(path: str, disk: Disk | None, key: str, expected: str) -> UnusableFile:
    """Return the error that ``key`` of the file ``path`` is not as ``expected``, with the line if it is known."""
    line = None if disk is None else _line_of(path, disk, key)
    where = f"line {line}, " if line else ""
    return UnusableFile(path, f"{where}'{key}' {expected}", line=line, key=key)


def _line_of(path: str, disk: Disk, key: str) -> int | None:
    """Return the line of ``key``, else of the nearest table or key around it: TOML parsers do not report lines."""
    try:
        lines = (disk.text(path) or "").split("\n")
    except UnusableFile:
        return None
    parts = [part.partition("[") for part in key.split(".")]
    names = [part[0] for part in parts]
    # The first that is one of several, and how many [[...]] of it there were.
    counted = next((place for place, part in enumerate(parts) if part[1]), len(parts))
    index = parts[counted][2].rstrip("]") if counted < len(parts) else ""
    table: list[str] = []
    repeated = 0
    best, depth = None, 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("["):
            here = table = _names(text.lstrip("[").partition("]")[0])
            repeated += text.startswith("[[") and table == names[: counted + 1]
        else:
            name, equals, _ = text.partition("=")
            if not equals:
                continue
            here = [*table, *_names(name)]
        other = index.isdecimal() and repeated > 0 and repeated != int(index) + 1
        if not other and len(here) > depth and here == names[: len(here)]:
            best, depth = number, len(here)
    return best


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]
