"""Whatever ``py`` is given, it ends in an action or in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_launcher import arguments, shebang, versions
from python_launcher import help as python_launcher_help
from python_launcher.actions import Help, Start
from python_launcher.commands import COMMANDS
from python_launcher.select_python import Chooser, SelectedPython
from support.files import base_python, write
from support.folders import fresh_machine
from workflow_helper.errors import UsageError, WorkflowError
from workflow_helper.filesystem.reader import Disk

WORDS = sorted(
    {word for command in COMMANDS for word in command.name.split()}
    | {option.name for command in COMMANDS for option in command.options}
    | {
        "-3",
        "-3.12",
        "-3.",
        "-3-64",
        "-V:",
        "-V:3",
        "--list",
        "-0p",
        "--",
        "-",
        "-h",
        "-c",
        "-m",
        "-X",
    }
    | {"script.py", "--json=1", "", "\0", "\udcff", "-٣", "-3.٣", "-" + "9" * 5000}
)
words = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), max_size=7)
versions_like = st.one_of(st.text(max_size=8), st.from_regex(r"[a-z]{0,6}[0-9.]{0,6}t?(-[0-9]+)?"))


@given(words)
def test_any_words_are_an_action_or_a_usage_error(argv: list[str]) -> None:
    """Parsing ends in one of two ways, and leaves the list as it was."""
    before = list(argv)
    try:
        action = arguments.parse(argv)
    except UsageError as error:
        assert error.message  # noqa: PT017 - it is one of two right ends
    else:
        if isinstance(action, Start):
            # What is handed on are the last of the words, untouched.
            assert list(action.arguments) == argv[len(argv) - len(action.arguments) :]
    assert argv == before


@given(words, versions_like, versions_like, st.binary(max_size=60))
def test_any_words_variables_and_scripts_choose_a_python_or_fail_in_a_sentence(
    argv: list[str], default: str, default_of_3: str, script: bytes
) -> None:
    """Nothing else is raised, whatever is said where."""
    with fresh_machine() as machine:
        write(machine.workspace / "script.py", b"#!" + script)
        environ = {"PATH": str(base_python(machine.home).parent), "PY_PYTHON": default}
        host = machine.host._replace(
            environ={**machine.environ, **environ, "PY_PYTHON3": default_of_3}
        )
        try:
            action = arguments.parse(argv)
            if isinstance(action, Help):
                assert python_launcher_help.text(action.command, host)
            elif isinstance(action, Start):
                chooser = Chooser(
                    str(machine.workspace), host, Disk(), lambda _: None, lambda _: None
                )
                assert isinstance(chooser.choose(action.version, action.arguments), SelectedPython)
        except WorkflowError as error:
            assert error.message  # noqa: PT017 - it is one of two right ends


@given(versions_like)
def test_any_text_is_a_version_or_none(text: str) -> None:
    """Which can then be looked for."""
    try:
        expected = versions.parse(text, "here")
    except UsageError:
        return
    assert expected.spelling == "here"


@given(st.text())
def test_any_first_line_is_understood_or_not(line: str) -> None:
    """No line of a script is an accident."""
    found = shebang.parse(f"#!{line}", Disk())
    assert found is None or found.program is None or found.program in line


@pytest.mark.parametrize("name", [None, *(command.name for command in COMMANDS)])
def test_every_command_has_a_help(name: str | None) -> None:
    """Which names it, and all of its options."""
    with fresh_machine() as machine:
        text = python_launcher_help.text(name, machine.host)
    command = next((one for one in COMMANDS if one.name == name), None)
    assert name is None or f"py {name}" in text
    assert [one.name for one in (command.options if command else ()) if one.name not in text] == []
