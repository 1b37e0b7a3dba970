"""Files that are not what they should be, in every place where a tool's module reads one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools import BUNDLED, present, recognize

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.ground import Ground

#: What the tools' modules read in a project and in the home folder.
PROJECT = (
    "pyproject.toml",
    "uv.toml",
    "pdm.toml",
    ".pdm-python",
    "poetry.toml",
    "Pipfile",
    "hatch.toml",
    "pixi.toml",
    "environment.yml",
    "tox.ini",
    "tox.toml",
    "setup.cfg",
    ".venv",
    ".tox",
    ".nox",
)
HOME = (
    ".config/pdm/config.toml",
    ".config/pypoetry/config.toml",
    ".config/hatch/config.toml",
    ".cache/pypoetry/virtualenvs/envs.toml",
    ".conda/environments.txt",
)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)


def _looping(path: Path) -> None:
    path.symlink_to(path.name)


def _waiting(path: Path) -> None:
    os.mkfifo(path)


BAD: dict[str, Callable[[Path], object]] = {
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe[tool.uv]\n\x80"),
    "NUL": lambda path: path.write_bytes(b"[tool.uv]\0\n"),
    "a syntax error": lambda path: path.write_text("[tool.uv\n= ] ["),
    "nested deeply": lambda path: path.write_text("x = " + "[" * 100_000),
    "a FIFO": _waiting,
    "a folder": lambda path: path.mkdir(),
    "huge": _huge,
    "a loop of links": _looping,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
}
OF_POSIX = ("a FIFO", "a loop of links", "a link to a device")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(how, marks=pytest.mark.needs("POSIX")) if how in OF_POSIX else how
        for how in BAD
    ],
)
@pytest.mark.timeout(60)
def test_bad_file_is_as_good_as_none(ground: Ground, how: str) -> None:
    """No tool raises or hangs over a bad file, wherever it lies, and each still answers."""
    root = ground.folder("root")
    for top, names in ((root, PROJECT), (ground.home, HOME)):
        for name in names:
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            BAD[how](top / name)
    recognize(ground.seen(root))
    present(ground.seen(root))
    for name, tool in BUNDLED.items():
        places = tool.places(ground.seen(root))
        assert all(os.path.isabs(place.prefix) for place in places), name


WRONG_TYPES = """
project = {name = 3}
[tool]
uv = {workspace = {members = [3, ["x"]], exclude = "x"}}
pdm = {workspace = [1]}
poetry = {name = {}}
pixi = {environments = ["a"]}
tox = {work_dir = 3}
[tool.hatch]
envs = {a = 3, b = {path = 3, type = [], template = {}}, c = {matrix = [3, {x = 3}, {y = [3]}]}}
"""


def test_wrong_types_are_passed_over(ground: Ground) -> None:
    """Values of another type than the tool expects count as not said."""
    root = ground.files(
        "root",
        {
            "pyproject.toml": WRONG_TYPES,
            "poetry.toml": "cache-dir = 3\nvirtualenvs = {path = [], in-project = 'x'}\n",
            "pdm.toml": "venv = 3\npython = {use_venv = []}\n",
            "Pipfile": "pipenv = []\n",
        },
    )
    inner = ground.files("root/inner", {"pyproject.toml": ""})
    for tool in BUNDLED.values():
        tool.places(ground.seen(root))
        tool.places(ground.seen(inner, root))


ELSEWHERE = ("//host/share", "\\\\\\\\host\\\\share", "/\\\\host/share", "\\\\\\\\?\\\\C:\\\\x")


@pytest.mark.parametrize("path", ELSEWHERE)
def test_other_machines_are_never_looked_at(ground: Ground, path: str) -> None:
    """A path to another machine that a file of the folder names is neither a place nor touched."""
    plain = path.replace("\\\\", "\\")
    root = ground.files(
        "root",
        {
            "pyproject.toml": f'[project]\nname="x"\n[tool.hatch.envs.default]\npath = "{path}"\n',
            "poetry.toml": f'[virtualenvs]\npath = "{path}"\n',
            "pdm.toml": f'[venv]\nlocation = "{path}"\n',
            ".pdm-python": f"{plain}/bin/python\n",
            "environment.yml": f"prefix: {plain}\n",
            "tox.toml": f'work_dir = "{path}"\n',
            ".venv": f"{plain}/env\n",
        },
    )
    for name, tool in BUNDLED.items():
        seen = ground.seen(root)
        places = tool.places(seen)
        assert not [place for place in places if "host" in place.prefix], name
        assert not [path for path in seen.disk.seen if path[:2] in ("//", "\\\\", "/\\")], name


def test_names_never_lead_out_of_their_folder(ground: Ground) -> None:
    """Names of environments and projects that hold separators or ``..`` are no places."""
    root = ground.files(
        "root",
        {
            "pyproject.toml": (
                '[project]\nname="../../x"\n[tool.hatch.envs."../../y"]\n'
                '[tool.pixi.environments]\n"../../z" = []\n'
            ),
            "environment.yml": "name: ../../w\n",
        },
    )
    for name, tool in BUNDLED.items():
        assert not [p for p in tool.places(ground.seen(root)) if ".." in p.prefix.split("/")], name


def hatch_project(ground: Ground, environments: str) -> Path:
    """A project that declares ``environments`` in its ``hatch.toml``."""
    return ground.files(
        "root", {"pyproject.toml": '[project]\nname = "x"\n', "hatch.toml": environments}
    )


def test_endless_matrix_is_cut_short(ground: Ground) -> None:
    """A matrix with billions of combinations is answered at once, with the first of them."""
    values = ", ".join(f'"{number}"' for number in range(100))
    matrix = "".join(f"v{number} = [{values}]\n" for number in range(10))
    root = hatch_project(ground, f"[[envs.test.matrix]]\n{matrix}")
    assert 1 < len(ground.places("hatch", root)) < 1000


def test_format_of_matrix_names_is_no_template_language(ground: Ground) -> None:
    """Only the two placeholders are filled in: other braces are text."""
    text = '[envs.t]\nmatrix-name-format = "{value}{value!r}{variable.__class__}"\n'
    root = hatch_project(ground, text + "[[envs.t.matrix]]\nx = ['1']\n")
    names = [place.name for place in ground.places("hatch", root)]
    assert names == ["default", "t.1{value!r}{variable.__class__}"]


def test_looping_templates_end(ground: Ground) -> None:
    """Hatch environments that are each other's template are listed all the same."""
    text = "[envs.a]\ntemplate = 'b'\n[envs.b]\ntemplate = 'a'\n[envs.c]\ntemplate = 'c'\n"
    root = hatch_project(ground, text)
    assert [place.name for place in ground.places("hatch", root)] == ["default", "a", "b", "c"]
