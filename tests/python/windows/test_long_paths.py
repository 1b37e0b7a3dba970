r"""Long paths, and folders that are spelled with their prefix, ``\\?\``, as some programs give their current folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from support.machine import make_venv
from workflow_helper.filesystem.real_path import real_path

if TYPE_CHECKING:
    from support.machine import Machine


def test_folder_with_the_prefix_has_the_answer_of_the_one_without_it(machine: Machine) -> None:
    """Its environments are this machine's."""
    make_venv(machine.workspace / ".venv")
    plain = machine.wsp("env", "default")
    assert "interpreter_path" in str(plain)
    prefixed = machine._replace(workspace=Path(f"\\\\?\\{machine.workspace}"))
    assert prefixed.wsp("env", "default") == plain


def test_path_that_the_system_cannot_follow_is_given_as_it_is_spelled(machine: Machine) -> None:
    """As one that is longer than 260 characters, on some systems."""
    folder = os.path.join(machine.workspace, *("a" * 50 for _ in range(6)))
    os.makedirs(f"\\\\?\\{folder}")
    assert real_path(folder) == folder
