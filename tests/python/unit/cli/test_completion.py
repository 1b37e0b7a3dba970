from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP
from support.files import base_python, drawn_venv, write
from workflow_helper.cli.completion import candidates, script
from workflow_helper.errors import UsageError

if TYPE_CHECKING:
    from support.machine import Machine

#: Sources the script, completes a line as bash does on Tab, and prints the words that the offers stand for on a line.
IN_BASH = """
set -u
eval "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_wsp
for offer in "${COMPREPLY[@]}"; do
    eval "set -- $offer"
    printf '%s|' "$@"
    echo
done
"""


def in_bash(machine: Machine, *words: str) -> list[str]:
    """What bash offers for the last of ``words``, the program's name being the first."""
    tools = machine.home / "tools"
    program = " ".join(f"'{word}'" for word in WSP)
    write(tools / "wsp", f'#!/bin/sh\nexec {program} "$@"\n', executable=True)
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", IN_BASH, "bash", script("bash"), *words],
        cwd=machine.workspace,
        env={**machine.environ, "PATH": f"{tools}:{machine.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=True,
    )
    assert done.stderr == ""
    # One word each: what is offered is quoted where the shell would take it for more.
    return [line.removesuffix("|") for line in done.stdout.splitlines()]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("wsp", "e"), ["env", "explain"]),
        (("wsp", "env", "d"), ["default", "delete"]),
        (("wsp", "env", "default", "--or"), ["--or-system"]),
        (("wsp", "--st"), ["--static"]),
        (("wsp", "--json", "--folder", "env", "env", "d"), ["default", "delete"]),
        (("wsp", "--folder=x", "env", "default", "--or"), ["--or-system"]),
        (("wsp", "completion", ""), ["bash", "zsh", "fish"]),
        (("wsp", "env", "create", "--redirect", ""), ["file", "python-envs", "none"]),
        (("wsp", "env", "sync", "--re"), ["--recreate"]),
        (("wsp", "task", ""), ["list", "run"]),
        (("wsp", "env", "run", "--", ""), []),
        (("wsp", "env", "run", "--", "tool", "--j"), []),
    ],
    ids=" ".join,
)
def test_bash_offers_what_fits(
    machine: Machine, words: tuple[str, ...], offered: list[str]
) -> None:
    """Commands, options, and values of options, in a real bash; files where only the shell knows."""
    assert sorted(in_bash(machine, *words)) == sorted(offered)


@pytest.mark.needs("POSIX")
def test_bash_offers_the_folder_s_environments(machine: Machine) -> None:
    """Ids are offered whole, those with blanks and other letters too, and ``none`` beside them."""
    for name in ("envs/a", "envs/my env", "envs/ü$x"):
        drawn_venv(machine.workspace / name, base_python(machine.home))
    write(machine.workspace / ".python-envs", "envs/a\nenvs/my env\nenvs/ü$x\n")
    assert in_bash(machine, "wsp", "env", "select", "n") == ["none"]
    offered = in_bash(machine, "wsp", "env", "select", "envs/")
    assert sorted(offered) == ["envs/a", "envs/my env", "envs/ü$x"]


@pytest.mark.needs("POSIX")
def test_a_folder_cannot_make_the_shell_run_anything(machine: Machine) -> None:
    """An id that would be a command in a shell is an id."""
    for name in ("$(touch pwned)", "`touch pwned`", "a;touch pwned"):
        drawn_venv(machine.workspace / name, base_python(machine.home))
    write(machine.workspace / ".python-envs", "$(touch pwned)\n`touch pwned`\na;touch pwned\n")
    offered = in_bash(machine, "wsp", "env", "select", "")
    assert {"$(touch pwned)", "`touch pwned`", "a;touch pwned", "none"} <= set(offered)
    assert not list(machine.workspace.rglob("pwned*"))


@pytest.mark.needs("POSIX")
def test_bash_completes_files_where_only_the_shell_knows(machine: Machine) -> None:
    """Nothing is offered for a folder's path, and the script leaves that to the shell."""
    assert in_bash(machine, "wsp", "env", "default", "--folder", "") == []
    assert in_bash(machine, "wsp", "--folder", "e") == []


@pytest.mark.needs("POSIX")
def test_bash_registers_the_function_by_itself(machine: Machine) -> None:
    """Sourcing the script is all that is needed."""
    done = subprocess.run(
        ["bash", "--norc", "-c", 'eval "$1"; complete -p wsp', "bash", script("bash")],
        env=machine.environ,
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=True,
    )
    assert done.stdout == "complete -o default -F _wsp wsp\n"


def test_zsh_and_fish_ask_the_same_question() -> None:
    """Each asks ``wsp --complete`` with the words before the cursor, and is silent about failures."""
    zsh, fish = script("zsh"), script("fish")
    assert zsh.startswith("#compdef wsp\n")
    assert 'wsp --complete "${(@)words[2,CURRENT]}" 2>/dev/null' in zsh
    assert "compdef _wsp wsp" in zsh
    assert fish.startswith("complete -c wsp ")
    assert "wsp --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null" in fish
    for text in (zsh, fish):
        for pair in ("()", "{}", "[]", '""'):
            assert text.count(pair[0]) % (1 if pair[0] != '"' else 2) == 0
            assert pair[0] == '"' or text.count(pair[0]) == text.count(pair[1])


def test_another_shell_is_a_usage_error() -> None:
    """The three there are stand in the hint."""
    with pytest.raises(UsageError) as caught:
        script("tcsh")
    assert caught.value.hint == "One of: bash, zsh, fish."


def test_options_before_the_command_s_words_do_not_confuse(machine: Machine) -> None:
    """Candidates depend on the command, wherever its options stand."""
    found = candidates(["env", "default", "--json", "--or"], machine.host, str(machine.workspace))
    assert found == ["--or-system"]
    assert candidates([], machine.host, str(machine.workspace))
