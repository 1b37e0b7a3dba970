"""From argv to an :class:`Action`: the table of commands, and nothing that runs them.

``argparse`` is not used: importing it costs more than an answer. The table also feeds ``--help`` and the shells'
completion, so that the three cannot disagree.
"""

from __future__ import annotations

from workflow_helper.errors import UsageError
from workflow_helper.terminal import argv as argv_parser
from workflow_helper.terminal.argv import COMMAND, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple


class CommandSpec(NamedTuple):
    """One command: its words, what it does, and what it takes."""

    words: tuple[str, ...]
    help: str
    #: The operand's name in help, in brackets when it can be left out; ``None`` when it takes none.
    operand: str | None = None
    options: tuple[Option, ...] = ()
    #: Values to complete the operand with; ``*environments`` and ``*tasks`` stand for the folder's, ``*workflows`` for
    #: the bundled, ``*tools`` for those that are installed.
    completions: tuple[str, ...] = ()
    #: The name in help of the words after ``--``, in brackets when they can be left out; ``None`` when it takes none.
    rest: str | None = None
    #: The name in help of further operands, in brackets when they can be left out; ``None`` when there are none.
    more: str | None = None
    #: Whether these are another program's: taken as they are, whatever they look like.
    verbatim: bool = False

    @property
    def name(self) -> str:
        """The words of the command: ``"env default"``."""
        return " ".join(self.words)


class Action(NamedTuple):
    """A command line, checked against the table."""

    command: str
    operand: str | None
    #: Every value that an option was given, in order; none for a flag.
    options: Mapping[str, tuple[str, ...]]
    #: The words after ``--``, or the further operands.
    rest: tuple[str, ...] = ()

    def flag(self, name: str) -> bool:
        """Return whether a flag was given."""
        return name in self.options

    def get(self, name: str) -> str | None:
        """Return the value of an option, the last if it was given several times."""
        values = self.options.get(name)
        return values[-1] if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value that an option was given."""
        return self.options.get(name, ())


COMMON = (
    Option("--folder", "use DIR instead of the current folder", "DIR"),
    Option(
        "--workflow", "use this workflow, whatever is declared: a bundled name or a path", "NAME"
    ),
    Option("--no-fallback", "do not use the built-in fallback workflow"),
    Option("--static", "only read files, start no program"),
    Option("--preference", 'an editor\'s own setting, as {"workflow": ..., "policy": ...}', "JSON"),
    Option(
        "--default-interpreter",
        "with --editor and --trusted: the workspace's setting python.defaultInterpreterPath",
        "PATH",
    ),
    Option(
        "--editor",
        "answer as for an editor: environments activated outside the folder do not count",
    ),
    Option("--trusted", "with --editor: the folder is trusted there (its workspace trust)"),
    Option("--json", "print one JSON document"),
    Option("--no-input", "never prompt"),
    Option(
        "--verbose",
        "explain the answer on stderr, and show the commands that are run",
        short="-v",
    ),
    Option("--help", "show this help", short="-h"),
)

_ENVIRONMENTS = ("*environments",)
#: What of a project an environment is to hold beside what it always holds; each may be repeated.
_TEST_CREATE = Option("--create", "create an environment that does not exist yet, without asking")
_TEST_OPTION = Option("--option", "pass this to pytest or unittest (may be repeated)", "OPTION")
_WISHES = (
    Option("--group", "include this dependency group (may be repeated)", "GROUP"),
    Option("--extra", "include this extra of the project (may be repeated)", "EXTRA"),
)

#: The options that describe a tool and its environment.
_OF_TOOL = (
    Option("--from", "the package that provides TOOL, if it has another name", "PKG"),
    Option(
        "--with", "install this in its environment too, such as a plug-in (may be repeated)", "REQ"
    ),
    Option("--python", "the Python to run it with: a version, a constraint or a path", "SPEC"),
)

COMMANDS = (
    CommandSpec(
        ("env", "list"),
        "list the folder's environments, the default first",
        options=(
            Option("--all", "also those elsewhere on this machine, which can be selected by name"),
        ),
    ),
    CommandSpec(
        ("env", "default"),
        "show the folder's default environment",
        options=(
            Option(
                "--or-system", "where there is none, show the Python that a terminal would start"
            ),
        ),
    ),
    CommandSpec(
        ("env", "show"),
        "show all details of an environment",
        "[ID]",
        completions=_ENVIRONMENTS,
    ),
    CommandSpec(
        ("env", "check"),
        "check whether an environment is up to date with its project",
        "[ID]",
        (*_WISHES, Option("--plan", "show what a sync would install and remove")),
        _ENVIRONMENTS,
    ),
    CommandSpec(
        ("env", "select"),
        "remember an environment as this folder's: an id, a name, a path, or 'none'",
        "ID",
        completions=(*_ENVIRONMENTS, "none"),
    ),
    CommandSpec(("env", "forget"), "forget what was selected for this folder"),
    CommandSpec(
        ("env", "create"),
        "create an environment, .venv if no name is given",
        "[NAME]",
        (
            Option(
                "--python",
                "the Python to create it with: a version, a constraint or a path",
                "SPEC",
            ),
            Option(
                "--redirect",
                "how to record an environment that is not .venv",
                "HOW",
                choices=("file", "python-envs", "none"),
            ),
            *_WISHES,
        ),
    ),
    CommandSpec(
        ("env", "ensure"),
        "find or create an environment that meets these requirements, and print its interpreter",
        "[NAME]",
        (
            Option("--python", "the Python it has: a version, a constraint or a path", "SPEC"),
            Option("--with", "a requirement to install as well (may be repeated)", "REQ"),
            Option("--package", "the workspace member that it is for", "NAME"),
            *_WISHES,
        ),
        _ENVIRONMENTS,
    ),
    CommandSpec(
        ("env", "sync"),
        "make an environment match its lock file, or else its project",
        "[ID]",
        (
            *_WISHES,
            Option("--frozen", "never update the lock file, and fail if it is out of date"),
            Option(
                "--recreate",
                "recreate it without a prompt if it is broken, or has a Python that the project does not allow",
            ),
        ),
        _ENVIRONMENTS,
    ),
    CommandSpec(
        ("env", "delete"),
        "delete an environment",
        "ID",
        (
            Option(
                "--outside",
                "also one that is neither in the project nor where its workflow keeps environments",
            ),
        ),
        _ENVIRONMENTS,
    ),
    CommandSpec(
        ("env", "run"),
        "run a command in an environment, as if it had been started directly",
        "[ID]",
        completions=_ENVIRONMENTS,
        rest="CMD...",
    ),
    CommandSpec(("task", "list"), "list the project's tasks, the commands that it names"),
    CommandSpec(
        ("task", "run"),
        "run a task, as if its command had been started directly",
        "NAME",
        completions=("*tasks",),
        rest="[ARGS...]",
    ),
    CommandSpec(
        ("test", "configurations"),
        "list the ways of running the project's tests, such as the environments of a matrix",
    ),
    CommandSpec(
        ("test", "list"),
        "list the project's tests, or those in a file, a folder or a class",
        options=(
            Option("--in", "as this configuration or environment finds them", "CONFIGURATION"),
            _TEST_CREATE,
            _TEST_OPTION,
        ),
        more="[NAME...]",
    ),
    CommandSpec(
        ("test", "run"),
        "run the project's tests, or those that are named, in the default configuration",
        options=(
            Option(
                "--in", "in this configuration or environment (may be repeated)", "CONFIGURATION"
            ),
            Option("--all", "in each configuration that can run them"),
            _TEST_CREATE,
            _TEST_OPTION,
            Option("--last-failed", "only those that failed the last time, or all if none did"),
            Option("--timeout", "stop the run after this time", "SECONDS"),
            Option("--junit", "also write the results to FILE, as JUnit XML", "FILE"),
        ),
        more="[NAME...]",
    ),
    CommandSpec(("workflow", "show"), "show which workflow governs the folder"),
    CommandSpec(
        ("workflow", "list"),
        "list your preference, your rules, what you allowed, and which tools are installed",
    ),
    CommandSpec(
        ("workflow", "set"),
        "prefer a workflow everywhere, or in one folder: a name, a script, or a command",
        "[WORKFLOW]",
        (
            Option(
                "--for", "only in FOLDER and all in it ('project' follows the project)", "FOLDER"
            ),
            Option(
                "--policy",
                "before what a project declares (override), or only where it declares none (default)",
                "POLICY",
                choices=("override", "default"),
            ),
            Option(
                "--requires", "a requirement to install for the command (may be repeated)", "REQ"
            ),
            Option("--ssh", "on another machine, which ssh reaches as HOST", "HOST"),
            Option(
                "--at",
                "with --ssh: the project's folder there, where {name} stands for its name here",
                "FOLDER",
            ),
        ),
        ("*workflows", "project"),
        "CMD...",
    ),
    CommandSpec(
        ("workflow", "unset"),
        "remove your preferred workflow",
        options=(
            Option("--for", "drop the rule for FOLDER", "FOLDER"),
            Option("--choice", "drop the workflow that was chosen for this folder in an editor"),
        ),
    ),
    CommandSpec(
        ("workflow", "new"),
        "create a minimal server, its test and its declaration in FOLDER",
        "[FOLDER]",
    ),
    CommandSpec(
        ("workflow", "trust"),
        "allow what this project declares, or its tool, to run as it is now",
    ),
    CommandSpec(("workflow", "untrust"), "revoke what 'wsp workflow trust' allowed"),
    CommandSpec(
        ("new",),
        "create a project in FOLDER, with the tool of the workflow that governs it",
        "FOLDER",
    ),
    CommandSpec(
        ("explain",), "show every rule that was tried, what it found, and which one decided"
    ),
    CommandSpec(("python", "list"), "list the Pythons of this machine, the best first"),
    CommandSpec(
        ("python", "find"),
        "show the best Python that fits: 3.12, '>=3.11', pypy3.10, a path",
        "[SPEC]",
    ),
    CommandSpec(
        ("python", "install"),
        "install a Python where it is missing, with uv, the install manager of Windows, or pyenv: 3.13, 3.14t, pypy3.10",
        "SPEC",
    ),
    CommandSpec(
        ("script", "run"),
        "run a script in the environment that its inline metadata describes, as if directly (FILE may be a URL, or -)",
        "FILE",
        (Option("--yes", "run a script from a URL or standard input without a prompt"),),
        more="[ARG...]",
        verbatim=True,
    ),
    CommandSpec(
        ("script", "env"),
        "show a script's own environment",
        "FILE",
        (Option("--make", "create it if it does not exist yet"),),
    ),
    CommandSpec(("script", "new"), "create a minimal script with inline metadata", "FILE"),
    CommandSpec(
        ("script", "add"),
        "add packages to a script's dependencies, in its inline metadata",
        "FILE",
        more="REQ...",
    ),
    CommandSpec(
        ("script", "remove"),
        "remove packages from a script's dependencies",
        "FILE",
        more="NAME...",
    ),
    CommandSpec(("script", "lock"), "write the lock of a script, FILE.lock", "FILE"),
    CommandSpec(
        ("script", "clean"),
        "remove the environments of one script, or of all scripts that were removed or changed",
        "[FILE]",
    ),
    CommandSpec(
        ("tool", "install"),
        "install a tool in an environment of its own, and link its programs: black, 'black[d]==24.*', black@24.1",
        "TOOL",
        _OF_TOOL,
    ),
    CommandSpec(
        ("tool", "run"),
        "run a tool without installing it, from a cache, as if it had been started directly",
        "TOOL",
        _OF_TOOL,
        more="[ARG...]",
        verbatim=True,
    ),
    CommandSpec(("tool", "list"), "list the installed tools, those of uv and pipx too"),
    CommandSpec(
        ("tool", "upgrade"),
        "upgrade a tool, or all, to the newest version that fits its requirement",
        "[TOOL]",
        (Option("--python", "run it with this Python from now on", "SPEC"),),
        ("*tools",),
    ),
    CommandSpec(
        ("tool", "uninstall"),
        "remove a tool, its environment and its programs",
        "TOOL",
        completions=("*tools",),
    ),
    CommandSpec(
        ("cache", "prune"),
        "remove cached environments that were not used for a while",
        options=(Option("--days", "how many days that is (30 if not given)", "DAYS"),),
    ),
    CommandSpec(("cache", "dir"), "show where cached environments are"),
    CommandSpec(
        ("call",),
        "send one request to the governing workflow's server, and print its result",
        "METHOD",
        (
            Option("--params", "its parameters as JSON, or - to read them from stdin", "JSON"),
            Option("--trace", "show each message to and from the server on stderr"),
            Option("--server", "use this server instead (takes the rest of the line)", COMMAND),
        ),
    ),
    CommandSpec(
        ("serve",),
        "run a workflow server on stdin and stdout: the fallback, or a bundled workflow",
        "[WORKFLOW]",
        (
            Option("--config", "run the server that a declarative adapter describes", "FILE"),
            Option(
                "--declaration",
                "start the server that this declaration's table describes, on this machine",
                "JSON",
            ),
        ),
        ("*workflows",),
    ),
    CommandSpec(
        ("check",),
        "check clause by clause whether a server follows the protocol: the folder's own, or another",
        options=(Option("--watch", "check again whenever a file of the server changes"),),
        rest="[CMD...]",
    ),
    CommandSpec(
        ("completion",), "print a completion script", "SHELL", completions=("bash", "zsh", "fish")
    ),
    CommandSpec(("lsp",), "run the language server on stdin and stdout"),
    CommandSpec(
        ("mcp",),
        "run a server for agents (MCP) on stdin and stdout, within the client's roots or --folder",
    ),
)


#: What stands for the command before it is known: options of every command may come first.
_ANY = CommandSpec((), "")


def parse(argv: list[str]) -> Action:
    """Parse ``argv`` (without the program's name).

    Raises:
        UsageError: they are no command with its arguments.
    """
    if not argv or argv[0] in ("help", "--help", "-h"):
        return Action("help", " ".join(argv[1:]) or None, {})
    if argv[0] in ("--version", "-V"):
        return Action("version", None, {})
    options: dict[str, tuple[str, ...]] = {}
    rest = list(argv)
    argv_parser.take_leading(rest, _grammar(_ANY), options)
    if not rest and "--help" in options:
        return Action("help", None, {})
    if rest and _group(rest[0]) and ("--help" in options or rest[1:2] in (["--help"], ["-h"])):
        return Action("help", rest[0], {})
    command, rest = _command(rest)
    after: tuple[str, ...] = ()
    if "--" in rest and command.rest is not None:
        split = rest.index("--")
        rest, after = rest[:split], tuple(rest[split + 1 :])
    operands = argv_parser.take_all(rest, _grammar(command), options)
    if "--help" in options:
        return Action("help", command.name, {})
    first, more = _operands(command, operands)
    return Action(command.name, first, options, (*after, *more))


def own_words(argv: list[str]) -> list[str]:
    """Return ``argv`` without what belongs to another program."""
    found = argv[: argv.index("--")] if "--" in argv else argv
    rest = list(argv)
    try:
        argv_parser.take_leading(rest, _grammar(_ANY), {})
        command, rest = _command(rest)
        if not command.verbatim:
            return found
        argv_parser.take_leading(rest, _grammar(command), {})
    except UsageError:
        return found
    return argv[: len(argv) - len(rest)]


def _operands(command: CommandSpec, found: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Return the operand, and the further ones.

    Raises:
        UsageError: one is missing, or there are too many.
    """
    names = [name for name in (command.operand, command.more) if name is not None]
    if len(found) > len(names) and command.more is None:
        raise UsageError(f"'wsp {command.name}' does not take {found[-1]!r}", _see(command))
    missing = next((name for name in names[len(found) :] if not name.startswith("[")), None)
    if missing is not None:
        raise UsageError(f"'wsp {command.name}' needs {missing}", _see(command))
    return (found[0] if found else None), found[1:]


def usage(name: str | None) -> str:
    """Return the help text of one command, or of all."""
    command = next((command for command in COMMANDS if command.name == name), None)
    if command is None:
        group = _group(name or "")
        commands = group or COMMANDS
        width = max(len(_synopsis(command)) for command in commands)
        lines = [f"  wsp {_synopsis(command):{width}}  {command.help}" for command in commands]
        about = "Show which Python environment a folder uses, and which tool manages it."
        return "\n".join(
            (
                f"usage: wsp {name} COMMAND [OPTION]..." if group else about,
                "",
                *lines,
                "",
                "Options of every command, before or after it:",
                *_described(COMMON),
            )
        )
    lines = [
        f"usage: wsp {_synopsis(command)} [OPTION]...",
        "",
        command.help[0].upper() + command.help[1:] + ".",
    ]
    if command.options:
        lines += ["", "Options:", *_described(command.options)]
    return "\n".join((*lines, "", "Options of every command:", *_described(COMMON)))


def _group(word: str) -> tuple[CommandSpec, ...]:
    """Return the commands of a group; none where ``word`` is no group's."""
    return tuple(one for one in COMMANDS if len(one.words) > 1 and one.words[0] == word)


def _grammar(command: CommandSpec) -> argv_parser.Grammar:
    options = (*command.options, *COMMON)
    return argv_parser.Grammar(options, _called(command), _see(command), command.verbatim)


def _command(argv: list[str]) -> tuple[CommandSpec, list[str]]:
    if not argv:
        raise UsageError("there is no command", _see(_ANY))
    for command in COMMANDS:
        if tuple(argv[: len(command.words)]) == command.words:
            return command, argv[len(command.words) :]
    groups = {command.words[0] for command in COMMANDS}
    if argv[0] in groups:
        kinds = [command.words[1] for command in COMMANDS if command.words[0] == argv[0]]
        given = (
            f"'wsp {argv[0]}' has no {argv[1]!r}"
            if len(argv) > 1
            else f"'wsp {argv[0]}' needs another argument"
        )
        raise UsageError(given, f"One of: {', '.join(kinds)}.")
    raise UsageError(f"there is no command {argv[0]!r}", "'wsp --help' lists the commands.")


def _synopsis(command: CommandSpec) -> str:
    rest = command.rest and f"-- {command.rest}"
    if command.rest is not None and command.rest.startswith("["):
        rest = f"[-- {command.rest[1:]}"
    words = (command.name, command.operand, command.more, rest)
    return " ".join(word for word in words if word)


def _described(options: tuple[Option, ...]) -> list[str]:
    names = [f"{one.short}, {one.name}" if one.short else one.name for one in options]
    spelled = [
        f"{name} {one.value}" if one.value else name
        for name, one in zip(names, options, strict=True)
    ]
    width = max(len(text) for text in spelled)
    return [f"  {text:{width}}  {one.help}" for text, one in zip(spelled, options, strict=True)]


def _see(command: CommandSpec) -> str:
    return f"See '{_called(command)} --help'."


def _called(command: CommandSpec) -> str:
    return " ".join(("wsp", *command.words))
