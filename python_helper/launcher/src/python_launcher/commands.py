"""The table of the commands of ``py`` other than starting a Python."""

from __future__ import annotations

from workflow_helper.errors import UsageError
from workflow_helper.terminal.argv import Grammar, Option, take_all

from python_launcher.actions import BuiltIn, Help

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from python_launcher.actions import Action
else:
    from workflow_server.namedtuple import NamedTuple


class LauncherCommand(NamedTuple):
    """One command: its words, what it does, and what it takes."""

    name: str
    help: str
    #: The operand's name in help, in brackets when it can be left out; ``None`` when it takes none.
    operand: str | None = None
    options: tuple[Option, ...] = ()
    #: An operand with this name in help is followed by arguments of another program, which are not parsed.
    rest: str | None = None

    @property
    def synopsis(self) -> str:
        """``"tool run TOOL [ARG...]"``."""
        return " ".join(word for word in (self.name, self.operand, self.rest) if word)


_HELP = Option("--help", "show this help", short="-h")
_JSON = Option("--json", "print one JSON document")
_NO_INPUT = Option("--no-input", "never prompt")
_PYTHON = Option("--python", "the Python to run it with: a version, a constraint or a path", "SPEC")
_FROM = Option("--from", "the package that provides the program, if it has another name", "PKG")
#: The options that describe a tool and its environment.
_OF_TOOL = (
    _FROM,
    Option(
        "--with", "install this in its environment too, such as a plug-in (may be repeated)", "REQ"
    ),
    _PYTHON,
    _NO_INPUT,
)
_RUN_TOOL = "run a tool without installing it, from a cache: black, black@24.1, 'black[d]==24.*'"
_RUN_FILE = "run a script with the dependencies in its inline metadata, installed once (FILE may be a URL, or -)"
_OF_FILE = (
    Option("--yes", "run a script from a URL or standard input without a prompt"),
    _NO_INPUT,
)

COMMANDS = (
    LauncherCommand("run", _RUN_FILE, "FILE", _OF_FILE, "[ARG...]"),
    LauncherCommand("script", "the same", "FILE", _OF_FILE, "[ARG...]"),
    LauncherCommand("x", f"{_RUN_TOOL} (the same as pyx)", "TOOL", _OF_TOOL, "[ARG...]"),
    LauncherCommand(
        "tool install",
        "install a tool in an environment of its own, and link its programs",
        "TOOL",
        (*_OF_TOOL, _JSON),
    ),
    LauncherCommand("tool run", "the same as x", "TOOL", _OF_TOOL, "[ARG...]"),
    LauncherCommand(
        "tool list", "list the installed tools, those of uv and pipx too", options=(_JSON,)
    ),
    LauncherCommand(
        "tool upgrade",
        "upgrade a tool, or all, to the newest version that fits its requirement",
        "[TOOL]",
        (
            Option("--python", "run it with this Python from now on", "SPEC"),
            _NO_INPUT,
            _JSON,
        ),
    ),
    LauncherCommand(
        "tool uninstall",
        "remove a tool, its environment and its programs",
        "TOOL",
        (_JSON,),
    ),
    LauncherCommand(
        "extension install",
        "install the tool py-NAME, so that 'py NAME' calls it",
        "NAME",
        (_FROM, _PYTHON, _NO_INPUT, _JSON),
    ),
    LauncherCommand("extension list", "list what 'py NAME' can call", options=(_JSON,)),
    LauncherCommand("extension uninstall", "remove the tool that has py-NAME", "NAME", (_JSON,)),
    LauncherCommand("help", "show all of this, or what one command takes", "[COMMAND...]"),
)


def parse_command(argv: Sequence[str]) -> Action:
    """Parse ``argv``, whose first word is a command of ``py``.

    Raises:
        UsageError: the other words are invalid for the command.
    """
    if argv[0] == "help":
        return _help(argv[1:])
    command, words = _command(argv)
    if command is None:
        return Help(argv[0])
    options: dict[str, tuple[str, ...]] = {}
    grammar = Grammar(
        (*command.options, _HELP),
        f"py {command.name}",
        _help_hint(command),
        verbatim=command.rest is not None,
    )
    operands = take_all(words, grammar, options)
    if _HELP.name in options:
        return Help(command.name)
    more: tuple[str, ...] = ()
    if grammar.verbatim:
        operands, more = operands[:1], operands[1:]
    most = 0 if command.operand is None else 1
    if len(operands) > most:
        raise UsageError(
            f"'py {command.name}' does not take {operands[most]!r}", _help_hint(command)
        )
    if not operands and command.operand is not None and not command.operand.startswith("["):
        raise UsageError(f"'py {command.name}' needs {command.operand}", _help_hint(command))
    return BuiltIn(command.name, operands[0] if operands else "", options, more)


def find(name: str) -> LauncherCommand | None:
    """Return the command of this name."""
    return next((command for command in COMMANDS if command.name == name), None)


def _help(words: Sequence[str]) -> Help:
    name = " ".join(words)
    if name and not any(f"{command.name} ".startswith(f"{name} ") for command in COMMANDS):
        raise UsageError(f"there is no command {name!r}", "'py help' lists the commands.")
    return Help(name or None)


def _command(argv: Sequence[str]) -> tuple[LauncherCommand | None, list[str]]:
    """Return the command, and the words after it; ``None`` if help on its group is requested."""
    for count in (1, 2):
        command = find(" ".join(argv[:count]))
        if command is not None:
            return command, list(argv[count:])
    kinds = ", ".join(
        command.name.partition(" ")[2]
        for command in COMMANDS
        if command.name.startswith(f"{argv[0]} ")
    )
    if len(argv) < 2:
        raise UsageError(f"'py {argv[0]}' needs another argument", f"One of: {kinds}.")
    if argv[1] in ("-h", "--help"):
        return None, []
    raise UsageError(f"'py {argv[0]}' has no {argv[1]!r}", f"One of: {kinds}.")


def _help_hint(command: LauncherCommand) -> str:
    return f"See 'py help {command.name}'."
