r"""Folders that are spelled with the prefix of long paths, ``\\?\``, as some programs give their current folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine


def test_folder_with_the_prefix_has_the_answer_of_the_one_without_it(machine: Machine) -> None:
    """Its environments are this machine's."""
    make_venv(machine.workspace / ".venv")
    plain = machine.wsp("env", "default")
    assert "interpreter_path" in str(plain)
    prefixed = machine._replace(workspace=Path(f"\\\\?\\{machine.workspace}"))
    assert prefixed.wsp("env", "default") == plain
