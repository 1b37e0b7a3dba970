"""Which tool a folder's files show (W6)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import python_workflow
from python_workflow.discovery.disk import Disk
from python_workflow.discovery.tools import (
    BUNDLED,
    GOVERNING,
    MARKERS,
    is_marked,
    present,
    recognise,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.ground import Ground

LOCKS = ("uv.lock", "pdm.lock", "poetry.lock", "Pipfile.lock", "pixi.lock")
TABLES = "[tool.uv]\n[tool.pdm]\n[tool.poetry]\n[tool.pixi]\n[tool.hatch.envs.default]\n"


def recognised(ground: Ground, files: Mapping[str, str]) -> tuple[str, str] | None:
    """The name of the tool that the files show, and the evidence."""
    found = recognise(ground.seen(ground.files("root", files)))
    return None if found is None else (found[0].name, found[1])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"uv.lock": ""}, ("uv", "uv.lock")),
        ({"uv.toml": ""}, ("uv", "uv.toml")),
        ({"pyproject.toml": "[tool.uv]\n"}, ("uv", "[tool.uv] in pyproject.toml")),
        ({"pdm.lock": ""}, ("pdm", "pdm.lock")),
        ({"pyproject.toml": "[tool.pdm.build]\n"}, ("pdm", "[tool.pdm] in pyproject.toml")),
        ({"poetry.toml": ""}, ("poetry", "poetry.toml")),
        ({"Pipfile": ""}, ("pipenv", "Pipfile")),
        ({"pixi.toml": ""}, ("pixi", "pixi.toml")),
        ({"hatch.toml": ""}, ("hatch", "hatch.toml")),
        (
            {"pyproject.toml": "[tool.hatch.envs.default]\n"},
            ("hatch", "[tool.hatch.envs] in pyproject.toml"),
        ),
        ({"environment.yml": "name: x\n"}, ("conda", "environment.yml")),
    ],
)
def test_marker_shows_its_tool(
    ground: Ground, files: dict[str, str], expected: tuple[str, str]
) -> None:
    """Each tool's own file or table shows it, and the evidence is told in words."""
    assert recognised(ground, files) == expected


@pytest.mark.parametrize("first", range(len(LOCKS)))
def test_lock_files_go_before_tables(ground: Ground, first: int) -> None:
    """The first lock file in the fixed order wins over every later one and over any table."""
    files = {"pyproject.toml": TABLES, **dict.fromkeys(LOCKS[first:], "")}
    found = recognised(ground, files)
    assert found is not None
    assert found[1] == LOCKS[first]


def test_tables_follow_the_same_order(ground: Ground) -> None:
    """Without a lock file the tables count in the order of the tools, hatch after pixi and conda last."""
    tables = TABLES.splitlines(keepends=True)
    order = []
    while tables:
        files = {"pyproject.toml": "".join(tables), "environment.yml": ""}
        found = recognised(ground, files)
        assert found is not None
        order.append(found[0])
        tables.pop(0)
    assert order == ["uv", "pdm", "poetry", "pixi", "hatch"]
    assert recognised(ground, {"pyproject.toml": "", "environment.yml": ""}) == (
        "conda",
        "environment.yml",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n",
        "[tool.hatch.build]\n",
        "[tool.black]\n",
        "[tool.tox]\n",
        "[tool]\nuv = 3\n",
        "[tool.uv\n",
        "tool = []\n",
    ],
)
def test_other_tables_show_nothing(ground: Ground, text: str) -> None:
    """A build backend, another tool's table, tox, a wrong type and a syntax error show no governing tool."""
    assert recognised(ground, {"pyproject.toml": text}) is None


def test_nox_and_tox_are_listed_only(ground: Ground) -> None:
    """Tox and nox are present in a folder, but do not govern it."""
    root = ground.files("root", {"noxfile.py": "", "tox.ini": "", "uv.toml": ""})
    assert [tool.name for tool in present(ground.seen(root))] == ["uv", "tox", "nox"]
    (root / "uv.toml").unlink()
    assert recognise(ground.seen(root)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[metadata]\nname = x\n[tox:tox]\n", "setup.cfg"),
        ("# [tox:tox]\n[metadata]\n", None),
        ("  [tox:tox]\n", None),
    ],
)
def test_section_of_setup_cfg_marks_a_root(ground: Ground, text: str, expected: str | None) -> None:
    """A setup.cfg marks a root by tox's section alone, not by its name."""
    root = ground.files("root", {"setup.cfg": text})
    assert is_marked(str(root), ground.host(), Disk()) == expected
    assert ("tox" in [tool.name for tool in present(ground.seen(root))]) is (expected is not None)


def test_markers_are_the_names_that_the_tools_tell() -> None:
    """Every lock file and every own file of a tool makes a folder a root; shared names do not."""
    assert {*LOCKS, "Pipfile", "tox.ini", "noxfile.py", "environment.yml"} <= set(MARKERS)
    assert not {"pyproject.toml", "setup.cfg", ".venv"} & set(MARKERS)


def test_every_bundled_workflow_has_its_name() -> None:
    """The registry knows each tool by its name, and the fallback, which never governs by recognition."""
    assert all(BUNDLED[tool.name] is tool for tool in GOVERNING)
    assert not BUNDLED["venv"].governs
    assert [tool.name for tool in BUNDLED.values() if not tool.governs] == ["tox", "nox", "venv"]


def test_folder_or_fifo_with_a_markers_name_is_no_marker(ground: Ground) -> None:
    """Only a regular file is evidence, and a FIFO is never opened."""
    root = ground.folder("root")
    (root / "uv.lock").mkdir()
    os.mkfifo(root / "poetry.lock")
    os.mkfifo(root / "pyproject.toml")
    os.mkfifo(root / "setup.cfg")
    assert recognise(ground.seen(root)) is None
    assert present(ground.seen(root)) == ()


def test_looking_is_light() -> None:
    """What a folder's tools are is told without the modules that cost more than the rest of an answer."""
    source = str(Path(python_workflow.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {source!r}); import python_workflow.discovery.tools; print(*sys.modules)"
    argv = [sys.executable, "-I", "-S", "-c", code]
    loaded = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    heavy = {"re", "typing", "json", "pathlib", "hashlib", "base64", "platformdirs", "packaging"}
    assert not heavy & set(loaded)
