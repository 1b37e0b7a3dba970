"""Where Poetry keeps a project's environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools.poetry import base_name

if TYPE_CHECKING:
    from pathlib import Path

    from support.ground import Ground

NAMED = {"pyproject.toml": '[project]\nname = "Demo.pkg"\n'}
CENTRAL = ".cache/pypoetry/virtualenvs"


def central(
    ground: Ground, root: Path, minor: str, *, name: str = "demo-pkg", top: str = CENTRAL
) -> Path:
    """An environment of a project, outside it."""
    base = base_name(name, str(root.resolve()))
    return ground.environment(ground.home / top / f"{base}-py{minor}")


def test_name_is_made_safe() -> None:
    """A project's name is normalized, made safe for a path, and cut to 42 characters."""
    assert base_name("A__b c", "/srv/demo").startswith("a-b_c-")
    assert base_name("x" * 60, "/srv/demo")[:43] == "x" * 42 + "-"


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[project]\nname = "My.Demo"\n[tool.poetry]\nname = "other"\n', "my-demo"),
        ('[tool.poetry]\nname = "Other__one"\n', "other-one"),
        ("[tool.poetry]\npackage-mode = false\n", "non-package-mode"),
        ("", "non-package-mode"),
    ],
)
def test_name_of_the_project(ground: Ground, text: str, name: str) -> None:
    """The project's standard name counts, then Poetry's own, and a project that is no package needs none."""
    root = ground.files("root", {"pyproject.toml": text})
    made = central(ground, root, "3.12", name=name)
    assert ground.default("poetry", root) == str(made)


@pytest.mark.needs("POSIX")
def test_dot_venv_goes_first(ground: Ground) -> None:
    """``.venv`` in the project wins while it is a folder, unless Poetry is told to keep out of it."""
    root = ground.files("root", NAMED)
    outside = central(ground, root, "3.12")
    inside = ground.environment(root / ".venv")
    assert ground.default("poetry", root) == str(inside)
    assert ground.default("poetry", root, POETRY_VIRTUALENVS_IN_PROJECT="false") == str(outside)
    (root / "poetry.toml").write_text("[virtualenvs]\nin-project = false\n")
    assert ground.default("poetry", root) == str(outside)
    assert ground.default("poetry", root, POETRY_VIRTUALENVS_IN_PROJECT="1") == str(inside)


def test_place_that_is_yet_to_be_made(ground: Ground) -> None:
    """With ``in-project`` on, the place is ``.venv`` before it exists; else it depends on the Python chosen."""
    root = ground.files("root", {**NAMED, "poetry.toml": "[virtualenvs]\nin-project = true\n"})
    assert ground.default("poetry", root) == f"{root}/.venv"
    (root / "poetry.toml").unlink()
    assert ground.places("poetry", root) == ()


@pytest.mark.needs("POSIX")
def test_selected_one_stands_in_its_record(ground: Ground) -> None:
    """``envs.toml`` names the selected one; without it the newest stands in, and 3.9 is older than 3.12."""
    root = ground.files("root", NAMED)
    older, newer = central(ground, root, "3.9"), central(ground, root, "3.12")
    assert ground.default("poetry", root) == str(newer)
    base = base_name("demo-pkg", str(root.resolve()))
    record = newer.parent / "envs.toml"
    record.write_text(f'[{base}]\nminor = "3.9"\npatch = "3.9.18"\n')
    assert ground.default("poetry", root) == str(older)
    record.write_text(f'[{base}]\nminor = "3.8"\npatch = "3.8.1"\n')
    assert ground.default("poetry", root) == str(newer)


@pytest.mark.needs("POSIX")
def test_python_on_path_stands_for_the_selection(ground: Ground) -> None:
    """With several and no record, the one for the ``python`` on PATH is the default, as in Poetry."""
    root = ground.files("root", NAMED)
    older = central(ground, root, "3.9")
    central(ground, root, "3.12")
    (ground.folder("py/bin") / "python3.9").write_bytes(b"\x7fELF")
    (ground.top / "py/bin/python3.9").chmod(0o755)
    (ground.top / "py/bin/python").symlink_to("python3.9")
    assert ground.default("poetry", root, PATH=f"{ground.top}/py/bin") == str(older)


@pytest.mark.needs("POSIX")
def test_python_behind_pyenvs_shim_stands_for_the_selection(ground: Ground) -> None:
    """Where pyenv's shim leads PATH, the version that it would start says which one Poetry uses."""
    root = ground.files("root", NAMED)
    made = {minor: central(ground, root, minor) for minor in ("3.9", "3.11", "3.12")}
    for version in ("3.9.18", "3.11.7", "3.12.1"):
        folder = ground.folder(f"pyenv/versions/{version}/bin")
        program = folder / f"python{version.rpartition('.')[0]}"
        program.write_bytes(b"\x7fELF")
        program.chmod(0o755)
        (folder / "python").symlink_to(program.name)
    shim = ground.files("pyenv/shims", {"python": "#!/bin/sh\n"}) / "python"
    shim.chmod(0o755)
    path = str(shim.parent)
    ground.files("pyenv", {"version": "3.9.18\n"})
    assert ground.default("poetry", root, PATH=path) == str(made["3.9"])
    ground.files("root", {".python-version": "3.11.7\n"})
    assert ground.default("poetry", root, PATH=path) == str(made["3.11"])
    default = ground.default("poetry", root, PATH=path, PYENV_VERSION="3.12.1")
    assert default == str(made["3.12"])


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("project", "user", "environ", "top"),
    [
        ("path = '~/mine'", "", {}, "mine"),
        ("", "[virtualenvs]\npath = '~/users'", {}, "users"),
        ("path = '{cache-dir}/v'", "cache-dir = '{home}/c'", {}, "c/v"),
        ("", "cache-dir = '{home}/c'", {}, "c/virtualenvs"),
        ("path = '~/mine'", "", {"POETRY_VIRTUALENVS_PATH": "~/told"}, "told"),
        ("", "cache-dir = '{home}/c'", {"POETRY_CACHE_DIR": "~/told"}, "told/virtualenvs"),
        ("", "", {"XDG_CACHE_HOME": "{home}/xdg"}, "xdg/pypoetry/virtualenvs"),
    ],
)
def test_settings_move_the_others(
    ground: Ground, project: str, user: str, environ: dict[str, str], top: str
) -> None:
    """The environment's word goes before the project's, and that before the user's."""
    home = str(ground.home)
    root = ground.files("root", NAMED)
    if project:
        (root / "poetry.toml").write_text(f"[virtualenvs]\n{project}\n")
    config = ground.home / ".config/pypoetry/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(user.replace("{home}", home))
    made = central(ground, root, "3.12", top=top)
    variables = {name: value.replace("{home}", home) for name, value in environ.items()}
    assert ground.default("poetry", root, **variables) == str(made)


@pytest.mark.needs("POSIX")
def test_turned_off(ground: Ground) -> None:
    """With ``virtualenvs.create = false`` those outside the project are listed, none is the default."""
    root = ground.files("root", NAMED)
    central(ground, root, "3.12")
    found = ground.places("poetry", root, POETRY_VIRTUALENVS_CREATE="false")
    assert [place.default for place in found] == [False]
