"""Where pdm keeps a project's environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools.naming import md5_mark

if TYPE_CHECKING:
    from pathlib import Path

    from support.ground import Ground


def central(ground: Ground, root: Path, name: str, *, top: str = ".local/share/pdm/venvs") -> Path:
    """A named environment of a project, outside it."""
    mark = f"{root.name}-{md5_mark(str(root.resolve()))}-{name}"
    return ground.environment(ground.home / top / mark)


def test_nothing_made_yet_means_dot_venv(ground: Ground) -> None:
    """Before anything is made the place is where pdm would make it, or none where that is not told."""
    root = ground.files("root", {"pdm.lock": ""})
    assert ground.default("pdm", root) == f"{root}/.venv"
    assert ground.places("pdm", root, PDM_VENV_IN_PROJECT="0") == ()


@pytest.mark.needs("POSIX")
def test_remembered_interpreter_chooses(ground: Ground) -> None:
    """The environment of the interpreter in .pdm-python is the default, wherever it is."""
    root = ground.files("root", {"pdm.lock": ""})
    inside = ground.environment(root / ".venv")
    named = central(ground, root, "dev")
    assert ground.default("pdm", root) == str(inside)
    (root / ".pdm-python").write_text(f"{named}/bin/python\n")
    assert ground.default("pdm", root) == str(named)
    assert {p.name for p in ground.places("pdm", root)} == {".venv", "dev"}
    assert ground.default("pdm", root, PDM_IGNORE_SAVED_PYTHON="1") == str(inside)
    assert ground.default("pdm", root, PDM_PYTHON=f"{inside}/bin/python") == str(inside)


@pytest.mark.needs("POSIX")
def test_remembered_interpreter_outside_environments(ground: Ground) -> None:
    """A remembered Python of the machine is pdm's mode without environments: none is the default."""
    root = ground.files("root", {".pdm-python": "/usr/bin/env\n"})
    ground.environment(root / ".venv")
    assert ground.default("pdm", root) is None


@pytest.mark.needs("POSIX")
def test_remembered_interpreter_that_is_gone(ground: Ground) -> None:
    """A remembered interpreter that does not exist is as good as none."""
    root = ground.files("root", {".pdm-python": "/nowhere/bin/python\n"})
    inside = ground.environment(root / "venv")
    assert ground.default("pdm", root) == str(inside)


def test_first_of_three_names_in_the_project(ground: Ground) -> None:
    """Of ``.venv``, ``venv`` and ``env`` the first that is there is pdm's."""
    root = ground.folder("root")
    ground.environment(root / "env")
    ground.environment(root / "venv")
    assert [p.name for p in ground.places("pdm", root)] == ["venv"]


@pytest.mark.needs("POSIX")
def test_location_is_the_projects_then_the_users(ground: Ground) -> None:
    """``venv.location`` moves the named ones: the project's word goes before the user's."""
    root = ground.folder("root")
    user = central(ground, root, "u", top="user")
    project = central(ground, root, "p", top="project")
    config = ground.home / ".config/pdm/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[venv]\nlocation = "{user.parent}"\n')
    assert ground.default("pdm", root) == str(user)
    (root / "pdm.toml").write_text('[venv]\nlocation = "~/project"\n')
    assert ground.default("pdm", root) == str(project)


@pytest.mark.needs("POSIX")
def test_other_projects_named_ones_are_not_listed(ground: Ground) -> None:
    """A named environment of a folder of the same name elsewhere is not this one's."""
    root = ground.folder("a/root")
    central(ground, ground.folder("b/root"), "x")
    own = central(ground, root, "x")
    assert [p.prefix for p in ground.places("pdm", root)] == [str(own)]


def test_environments_can_be_turned_off(ground: Ground) -> None:
    """With ``python.use_venv = false`` no environment is the default."""
    root = ground.files("root", {"pdm.toml": "[python]\nuse_venv = false\n"})
    ground.environment(root / ".venv")
    assert ground.default("pdm", root) is None


@pytest.mark.needs("POSIX")
def test_workspace_members_share_the_top_folders(ground: Ground) -> None:
    """A member of a pdm workspace uses the environment of its top folder, past projects between."""
    table = "[tool.pdm.workspace]\nmembers = ['a/*']\n"
    top = ground.files("ws", {"pyproject.toml": table})
    between = ground.files("ws/a", {"pyproject.toml": ""})
    member = ground.files("ws/a/m", {"pyproject.toml": ""})
    environment = ground.environment(top / ".venv")
    assert ground.default("pdm", member, between, top) == str(environment)
