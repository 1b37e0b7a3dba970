"""What ``wsp`` tells while it works, on a terminal and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.command import WSP
from support.forked_command import wsp
from support.terminal import Terminal

if TYPE_CHECKING:
    from support.machine import Machine


def test_progress_is_a_sentence_a_line_without_a_terminal(machine: Machine) -> None:
    """On standard error alone, without anything that drives a terminal."""
    made = wsp(machine, "env", "create")
    assert made.exit_code == 0
    assert made.stderr.startswith(b"Creating .venv with Python ")
    assert not {b"\r", b"\x1b"} & {made.stderr[at : at + 1] for at in range(len(made.stderr))}
    assert b"Creating" not in made.stdout


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_progress_is_one_line_that_is_gone_at_the_end_on_a_terminal(
    machine: Machine, term: str
) -> None:
    """Cut to the terminal's width and renewed in its place; a terminal that cannot do that gets lines."""
    environ = {**machine.environ, "TERM": term}
    argv = [*WSP, "env", "create"]
    with Terminal(argv, cwd=machine.workspace, environ=environ, columns=40) as terminal:
        output, status = terminal.ended()
    assert status == 0, output
    if term == "dumb":
        assert b"\x1b" not in output
        assert output.startswith(b"Creating .venv with Python ")
        return
    parts = output.split(b"\r\x1b[K")
    assert parts[0] == b""
    assert parts[1].startswith(b"Creating .venv with Python ")
    assert all(len(part) < 40 for part in parts[1:-1])
    # What is left on the screen is the answer.
    assert parts[-1].startswith(b".venv ")
    assert b"Creating" not in parts[-1]
