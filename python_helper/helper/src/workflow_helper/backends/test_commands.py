"""Parse a command line that runs tests: the framework, its options, and where the tests are.

Tools have commands, not tests: a line of tox's ``commands``, a script of hatch or pdm. Commands that start pytest or
unittest, directly or under coverage, are parsed here, so that the same tests can be run with one result for each.
"""

from __future__ import annotations

import re
import shlex

from workflow_helper.filesystem.paths import program_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import NamedTuple, TypeAlias

    #: Tells whether a path, from where a command is run, is there.
    Exists: TypeAlias = Callable[[str], bool]
else:
    from workflow_server.namedtuple import NamedTuple

#: Options of pytest, and of its most used plug-ins, that take the next word as their value.
_VALUED = frozenset(
    [
        "-c",
        "-k",
        "-m",
        "-n",
        "-o",
        "-p",
        "-r",
        "-W",
        "--basetemp",
        "--capture",
        "--color",
        "--confcutdir",
        "--config-file",
        "--cov",
        "--cov-config",
        "--cov-context",
        "--cov-fail-under",
        "--cov-report",
        "--deselect",
        "--dist",
        "--doctest-glob",
        "--doctest-report",
        "--ds",
        "--durations",
        "--durations-min",
        "--ignore",
        "--ignore-glob",
        "--import-mode",
        "--junit-prefix",
        "--junit-xml",
        "--junitxml",
        "--log-cli-level",
        "--log-file",
        "--log-file-level",
        "--log-level",
        "--maxfail",
        "--maxprocesses",
        "--maxworkerrestart",
        "--numprocesses",
        "--override-ini",
        "--pdbcls",
        "--pythonwarnings",
        "--rootdir",
        "--show-capture",
        "--tb",
        "--timeout",
        "--tx",
    ]
)
#: Options of unittest that do.
_UNITTEST_VALUED = frozenset(
    [
        "-k",
        "-p",
        "-s",
        "-t",
        "--durations",
        "--pattern",
        "--start-directory",
        "--top-level-directory",
    ]
)
#: Programs that run what follows ``run``.
_RUNNERS = frozenset(("hatch", "pdm", "pipenv", "poetry", "uv"))
_PYTHON = re.compile(r"(python|pypy)[0-9.]*(t|w)?")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
#: The place of further arguments in a script: what stands there where none are given.
_PLACE = re.compile(r"\{args(?::((?:[^{}]|\{[^{}]*\})*))?\}")
#: What separates the commands of a shell.
_SEPARATORS = frozenset(("&&", "||", ";", "&", "|"))


class TestCommand(NamedTuple):
    """The way in which a command line runs tests."""

    #: ``pytest`` or ``unittest``.
    framework: str
    #: Options of the framework.
    argv: tuple[str, ...] = ()
    #: Files, folders and names of tests.
    paths: tuple[str, ...] = ()
    #: Variables that the command line itself sets.
    env: Mapping[str, str] = {}


def of_commands(commands: Iterable[Sequence[str]], exists: Exists) -> TestCommand | None:
    """Parse the first of ``commands`` that runs tests; return ``None`` if none does.

    ``exists`` checks a path relative to the folder in which the command runs. A word after an unknown option counts as
    the option's value, unless it is an existing path.
    """
    found = (of_words(words, exists) for words in commands)
    return next((one for one in found if one is not None), None)


def of_script(text: str, exists: Exists) -> TestCommand | None:
    """Parse a script, one line for a shell; return ``None`` if it runs no tests."""
    return of_commands(_commands(_PLACE.sub(lambda place: place[1] or "", text)), exists)


def of_words(words: Sequence[str], exists: Exists) -> TestCommand | None:
    """Parse one command; return ``None`` if it runs no tests."""
    env: dict[str, str] = {}
    rest = list(words)
    while rest and (setting := _VARIABLE.fullmatch(rest[0])):
        env[setting[1]] = setting[2]
        rest.pop(0)
    while rest:
        program = program_name(rest[0])
        if program in ("pytest", "py.test"):
            argv, paths = _options_and_paths(rest[1:], _VALUED, exists)
            return TestCommand("pytest", argv, paths, env)
        if program == "unittest":
            return _unittest(rest[1:], env)
        rest = _inner_command(program, rest)
    return None


def _inner_command(program: str, words: list[str]) -> list[str]:
    """Return the command that ``program``, the first of ``words``, starts in turn, or an empty one; modules count as programs."""
    if _PYTHON.fullmatch(program) or (program == "coverage" and words[1:2] == ["run"]):
        return words[words.index("-m") + 1 :] if "-m" in words else []
    if program in _RUNNERS and words[1:2] == ["run"]:
        indexes = (
            index
            for index, word in enumerate(words[2:], 2)
            if program_name(word) in ("pytest", "py.test", "coverage")
            or _PYTHON.fullmatch(program_name(word))
        )
        index = next(indexes, None)
        return [] if index is None else words[index:]
    return []


def _options_and_paths(
    words: Sequence[str], valued: frozenset[str], exists: Exists
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    options: list[str] = []
    paths: list[str] = []
    before = ""
    for word in words:
        is_value = before in valued or (
            before.startswith("--") and "=" not in before and not exists(word.partition("::")[0])
        )
        if word.startswith("-") or is_value:
            options.append(word)
        else:
            paths.append(word)
        before = word if word.startswith("-") and before not in valued else ""
    if before in valued or (options and words and words[-1] in valued):
        options.pop()  # its value was not known where the command was read
    return tuple(options), tuple(paths)


def _unittest(words: list[str], env: Mapping[str, str]) -> TestCommand:
    discovers = words[:1] == ["discover"]
    # Its flags take no value, so that what follows one is a name.
    argv, paths = _options_and_paths(words[discovers:], _UNITTEST_VALUED, lambda _: True)
    if discovers:
        # Folder, pattern and top may be given without their options.
        options = zip(("-s", "-p", "-t"), paths, strict=False)
        argv, paths = (*argv, *(word for pair in options for word in pair)), ()
    return TestCommand("unittest", argv, paths, env)


def _commands(text: str) -> list[list[str]]:
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # an open quotation: no shell would run it either
        return []
    commands: list[list[str]] = [[]]
    for word in words:
        if word in _SEPARATORS:
            commands.append([])
        else:
            commands[-1].append(word)
    return commands
