"""Where pipenv keeps a project's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools.pipenv import environment_name

if TYPE_CHECKING:
    from pathlib import Path

    from support.ground import Ground

pytestmark = pytest.mark.needs("POSIX")

PIPFILE = {"Pipfile": "[packages]\n"}
HOME = ".local/share/virtualenvs"


def outside(ground: Ground, root: Path, top: str = HOME) -> Path:
    """The place of a project's environment outside it."""
    real = root.resolve()
    return ground.home / top / environment_name(real.name, f"{real}/Pipfile")


def test_place_that_is_yet_to_be_made(ground: Ground) -> None:
    """Told nothing, pipenv makes its environment outside the project, under a name computed from the path."""
    root = ground.files("My (demo) $x", PIPFILE)
    assert ground.default("pipenv", root) == str(outside(ground, root))
    assert outside(ground, root).name.startswith("My__demo___x-")


def test_dot_venv_that_somebody_made(ground: Ground) -> None:
    """A ``.venv`` counts while pipenv has none of its own outside."""
    root = ground.files("root", PIPFILE)
    inside = ground.environment(root / ".venv")
    assert ground.default("pipenv", root) == str(inside)
    own = ground.environment(outside(ground, root))
    assert ground.default("pipenv", root) == str(own)


@pytest.mark.parametrize(
    ("environ", "pipfile", "inside"),
    [
        ({"PIPENV_VENV_IN_PROJECT": "1"}, "", True),
        ({"PIPENV_VENV_IN_PROJECT": "Yes"}, "", True),
        ({"PIPENV_VENV_IN_PROJECT": "off"}, "true", False),
        ({"PIPENV_NO_VENV_IN_PROJECT": "1"}, "true", False),
        ({}, "true", True),
        ({}, "false", False),
    ],
)
def test_switch(ground: Ground, environ: dict[str, str], pipfile: str, *, inside: bool) -> None:
    """The environment's switch goes before the Pipfile's, and both before what exists."""
    text = f"[pipenv]\nvenv_in_project = {pipfile}\n" if pipfile else ""
    root = ground.files("root", {"Pipfile": text})
    own = ground.environment(outside(ground, root))
    expected = root / ".venv" if inside else own
    assert ground.default("pipenv", root, **environ) == str(expected)


def test_variables_name_it(ground: Ground) -> None:
    """WORKON_HOME, with variables in it, a custom name, and the Python asked for each move it."""
    root = ground.files("root", PIPFILE)
    own = outside(ground, root, "work")
    environ = {"WORKON_HOME": "$PLACE/work", "PLACE": str(ground.home)}
    assert ground.default("pipenv", root, **environ) == str(own)
    custom = ground.default("pipenv", root, PIPENV_CUSTOM_VENV_NAME="mine", **environ)
    assert custom == f"{own.parent}/mine"
    python = ground.default("pipenv", root, PIPENV_PYTHON="/usr/bin/python3.11", **environ)
    assert python == f"{own}-python3.11"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("named\n", "{home}/.local/share/virtualenvs/named"),
        ("sub/env\n", "{root}/sub/env"),
        ("/abs/env\n", "/abs/env"),
    ],
)
def test_dot_venv_file(ground: Ground, text: str, expected: str) -> None:
    """A ``.venv`` file holds a path, or the name of one outside."""
    root = ground.files("root", {**PIPFILE, ".venv": text})
    assert ground.default("pipenv", root) == expected.format(home=ground.home, root=root)


def test_others_that_name_the_project_are_listed(ground: Ground) -> None:
    """An environment outside counts as the project's by what its ``.project`` says, not by its name."""
    root = ground.files("root", PIPFILE)
    ours = ground.environment(ground.home / HOME / "root-11111111-python3.9")
    (ours / ".project").write_text(f"{root}\n")
    theirs = ground.environment(ground.home / HOME / "root-22222222")
    (theirs / ".project").write_text("/another/root")
    assert [p.name for p in ground.places("pipenv", root) if not p.default] == [ours.name]
