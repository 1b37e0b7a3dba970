"""``py help``: the help on one page."""

from __future__ import annotations

from workflow_helper.terminal.process import out

from python_launcher import __version__, extensions
from python_launcher.commands import COMMANDS
from python_launcher.errors import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_helper.model import Host
    from workflow_helper.terminal.argv import Option

    from python_launcher.actions import Help
    from python_launcher.commands import LauncherCommand

_STARTING = (
    ("py [ARG...]", "start Python, with these arguments: a script, -m MODULE, -c CODE, ..."),
    ("py -3, -3.12, -3.14t [ARG...]", "the best Python of that version, and no environment"),
    ("py -V:3.12, -V:pypy3.10 [ARG...]", "the same, and other implementations"),
    ("py -3.12-64, -3-32 [ARG...]", "the same, for a kind of processor: 64, 32, arm64"),
    ("py --list, -0 [--json]", "list the Pythons, and which one is started here (*)"),
    ("py --list-paths, -0p", "list them with their paths alone"),
)
_ORDER = (
    "the environment that is activated",
    "the nearest .venv in this folder and those above it: a folder, or a file that redirects",
    "the Python in the script's first line: #!/usr/bin/env python3.12",
    "the version in PY_PYTHON",
    "the newest Python on PATH; where it has none, the best of the machine",
)
_VARIABLES = (
    ("PY_PYTHON", "the version to start where nothing else names one: 3, 3.12, pypy3.10"),
    ("PY_PYTHON3", "the version that 3 stands for"),
    ("PYLAUNCH_DEBUG", "any value: explain on stderr how the Python was chosen"),
)


def show_help(action: Help, host: Host) -> int:
    """Write the help, and return the exit status."""
    out(text(action.command, host))
    return 0


def text(name: str | None, host: Host) -> str:
    """Return the help on one command or a group of them, or all of it."""
    commands = [one for one in COMMANDS if name and f"{one.name} ".startswith(f"{name} ")]
    if len(commands) == 1:
        return _of(commands[0])
    if commands:
        return "\n".join(_table(_synopses(commands)))
    others = [
        (f"py {one.name}", f"the extension {one.path}")
        for one in extensions.found(host)
        if not one.is_shadowed
    ]
    return "\n".join(
        (
            f"py {__version__}: starts the right Python here, and runs scripts and tools.",
            "",
            *_table(_STARTING),
            "",
            *_table([*_synopses(COMMANDS), ("pyx TOOL [ARG...]", "the same as py x"), *others]),
            "",
            "Which Python is started if no version is given:",
            *(f"  {number}. {rule}" for number, rule in enumerate(_ORDER, 1)),
            "",
            "Variables:",
            *_table(_VARIABLES),
            "",
            "Exit statuses, if py starts nothing:",
            *_table([(str(status), meaning) for status, meaning in STATUSES]),
            "",
            "'py help COMMAND' describes one of them, 'py -3 --help' the options of Python itself.",
        )
    )


def _of(command: LauncherCommand) -> str:
    lines = [f"usage: py {_spelled(command)}", "", f"{_upper(command.help)}."]
    if command.options:
        lines += ["", "Options:", *_table([(_option(one), one.help) for one in command.options])]
    return "\n".join(lines)


def _spelled(command: LauncherCommand) -> str:
    """Return the synopsis with the options, which come before the arguments of another program."""
    options = "[OPTION]..." if command.options else None
    words = (command.name, options, command.operand, command.rest)
    return " ".join(word for word in words if word)


def _synopses(commands: Sequence[LauncherCommand]) -> list[tuple[str, str]]:
    return [(f"py {one.synopsis}", one.help) for one in commands]


def _option(option: Option) -> str:
    return f"{option.name} {option.value}" if option.value else option.name


def _upper(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(left) for left, _ in rows)
    return [f"  {left:{width}}  {right}" for left, right in rows]
