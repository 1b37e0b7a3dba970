from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from python_launcher import arguments, commands
from python_launcher.actions import BUILT_IN, BuiltIn, ExtensionOrFile, Help, Listing, Start
from python_launcher.errors import STATUSES
from python_launcher.versions import ANY
from python_launcher.versions import parse as version
from workflow_helper.errors import UsageError

if TYPE_CHECKING:
    from python_launcher.actions import Action


@pytest.mark.parametrize(
    ("argv", "action"),
    [
        ([], Start(())),
        (["a.py", "-3"], Start(("a.py", "-3"))),
        (["-m", "mod", "--list"], Start(("-m", "mod", "--list"))),
        (["-c", "pass"], Start(("-c", "pass"))),
        (["-V"], Start(("-V",))),
        (["--version"], Start(("--version",))),
        (["-"], Start(("-",))),
        ([""], Start(("",))),
        (["./tool", "x"], Start(("./tool", "x"))),
        (["-3"], Start((), version("3", "-3"))),
        (["-3.12", "-c", "x"], Start(("-c", "x"), version("3.12", "-3.12"))),
        (["-3.14t"], Start((), version("3.14t", "-3.14t"))),
        (["-V:pypy3.10", "a"], Start(("a",), version("pypy3.10", "-V:pypy3.10"))),
        (["--list"], Listing()),
        (["-0"], Listing()),
        (["-0p"], Listing(paths=True)),
        (["--list-paths", "--json"], Listing(paths=True, json=True)),
        (["--list", "--json"], Listing(json=True)),
        (["-h"], Help()),
        (["help"], Help()),
        (["help", "tool", "install"], Help("tool install")),
        (["tool", "-h"], Help("tool")),
        (["x", "-h"], Help("x")),
        (["greet", "-h"], ExtensionOrFile("greet", ("-h",))),
        (["run", "a.py", "--json", "-h"], BuiltIn("run", "a.py", {}, ("--json", "-h"))),
        (["x", "--from", "b", "a", "--from"], BuiltIn("x", "a", {"--from": ("b",)}, ("--from",))),
        (["x", "--with=b", "--with", "c", "a"], BuiltIn("x", "a", {"--with": ("b", "c")})),
        (["run", "--", "-a.py", "--"], BuiltIn("run", "-a.py", {}, ("--",))),
        (["run", "-"], BuiltIn("run", "-", {})),
        (["tool", "install", "a", "--json"], BuiltIn("tool install", "a", {"--json": ()})),
        (["tool", "upgrade"], BuiltIn("tool upgrade", "", {})),
    ],
    ids=str,
)
def test_words_become_an_action(argv: list[str], action: Action) -> None:
    """Ours are understood, and all others are handed on as they are."""
    parsed = arguments.parse(argv)
    assert type(parsed) is type(action)
    assert parsed == action


@pytest.mark.parametrize("text", ["", "x", "3.", "3.x", "3.1.2.3", "3.12-", "3.12-16", "-", "a/b"])
def test_what_is_no_version_is_a_usage_error(text: str) -> None:
    """The sentence tells where it was said."""
    with pytest.raises(UsageError, match="THERE names no Python"):
        version(text, "THERE")


@pytest.mark.parametrize(
    ("text", "major", "is_any"),
    [("3", "3", False), ("3.12", None, False), ("pypy3", None, False), ("3-64", None, False)],
)
def test_a_major_version_alone_is_what_a_variable_may_say(
    text: str,
    major: str | None,
    is_any: bool,  # noqa: FBT001 - a parameter
) -> None:
    """For PY_PYTHON3: only where nothing else is asked for."""
    expected = version(text, text)
    assert (expected.major, expected.is_any) == (major, is_any)
    assert ANY.is_any


def test_the_words_that_are_built_in_are_those_of_the_table() -> None:
    """What is understood, and what is told in the help."""
    assert {command.name.partition(" ")[0] for command in commands.COMMANDS} == BUILT_IN


def test_no_two_statuses_are_one() -> None:
    """Each exit status says one thing, and the table is in order."""
    numbers = [status for status, _ in STATUSES]
    assert numbers == sorted(set(numbers))
