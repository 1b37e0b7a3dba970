from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, link, write
from workflow_helper.discovery.environments.activated import activated
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.machine import Machine


def activated_for(
    machine: Machine, *own: str, editor: bool = False, **environ: str
) -> list[tuple[str, str, str | None]]:
    """What is activated for the workspace."""
    host = machine.host._replace(environ={**machine.environ, **environ})
    root = str(machine.workspace)
    found = activated(root, own, host, Disk(), editor=editor)
    return [(one.variable, one.prefix, one.passed_over) for one in found]


@pytest.mark.needs("POSIX")
def test_both_variables_are_told_in_their_order(machine: Machine) -> None:
    """``VIRTUAL_ENV``, then ``CONDA_PREFIX``; empty and relative ones are left out."""
    root = str(machine.workspace)
    found = activated_for(machine, CONDA_PREFIX=f"{root}/c/", VIRTUAL_ENV=f"{root}/v")
    assert found == [("VIRTUAL_ENV", f"{root}/v", None), ("CONDA_PREFIX", f"{root}/c", None)]
    assert activated_for(machine, VIRTUAL_ENV="", CONDA_PREFIX="c") == []
    assert activated_for(machine) == []


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("editor", [False, True])
def test_an_environment_of_the_folder_s_own_counts_wherever_it_is(
    machine: Machine, *, editor: bool
) -> None:
    """One in another project counts too where the folder itself names it, by any name of its place."""
    write(machine.home / "other" / "pyproject.toml")
    prefix = drawn_venv(machine.home / "other" / ".venv", base_python(machine.home))
    alias = link(machine.workspace / "alias", prefix)
    own = (str(alias),)
    assert activated_for(machine, *own, editor=editor, VIRTUAL_ENV=str(prefix))[0][2] is None
    assert activated_for(machine, editor=editor, VIRTUAL_ENV=str(prefix))[0][2] is not None


def test_another_root_s_activation_does_not_count_even_for_an_own_environment(
    machine: Machine,
) -> None:
    """A terminal that was opened for another project works on that one."""
    own = f"{machine.workspace}/.venv"
    why = activated_for(machine, own, VIRTUAL_ENV=own, PYTHON_WORKFLOW_ROOT=str(machine.home))[0][2]
    assert why is not None
    assert str(machine.home) in why
    assert (
        activated_for(machine, own, VIRTUAL_ENV=own, PYTHON_WORKFLOW_ROOT=str(machine.workspace))[
            0
        ][2]
        is None
    )


def test_conda_s_base_is_known_by_name_and_by_its_folder(machine: Machine) -> None:
    """A conda environment that is not the base counts."""
    conda = machine.home / "conda"
    (conda / "condabin").mkdir(parents=True)
    named = activated_for(machine, CONDA_PREFIX=f"{machine.workspace}/c", CONDA_DEFAULT_ENV="base")[
        0
    ][2]
    by_folder = activated_for(machine, CONDA_PREFIX=str(conda))[0][2]
    for why in (named, by_folder):
        assert why is not None
        assert "base" in why
    assert (
        activated_for(machine, CONDA_PREFIX=f"{machine.workspace}/c", CONDA_DEFAULT_ENV="c")[0][2]
        is None
    )
