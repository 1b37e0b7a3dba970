"""Which tool a folder's files show (W6)."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.imports import SYS_PATH
from workflow_helper.discovery.tools import (
    BUNDLED,
    GOVERNING,
    MARKERS,
    is_marked,
    present,
    recognize,
)
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.ground import Ground

LOCKS = ("uv.lock", "pdm.lock", "poetry.lock", "Pipfile.lock", "pixi.lock")
TABLES = "[tool.uv]\n[tool.pdm]\n[tool.poetry]\n[tool.pixi]\n[tool.hatch.envs.default]\n"


def recognized(ground: Ground, files: Mapping[str, str]) -> tuple[str, str] | None:
    """The name of the tool that the files show, and the evidence."""
    found = recognize(ground.seen(ground.files("root", files)))
    return None if found is None else (found[0].name, found[1])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"uv.lock": ""}, ("uv", "uv.lock")),
        ({"uv.toml": ""}, ("uv", "uv.toml")),
        ({"pyproject.toml": "[tool.uv]\n"}, ("uv", "[tool.uv] in pyproject.toml")),
        ({"pdm.lock": ""}, ("pdm", "pdm.lock")),
        ({"pyproject.toml": "[tool.pdm]\n"}, ("pdm", "[tool.pdm] in pyproject.toml")),
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
    assert recognized(ground, files) == expected


@pytest.mark.parametrize("first", range(len(LOCKS)))
def test_lock_files_go_before_tables(ground: Ground, first: int) -> None:
    """The first lock file in the fixed order wins over every later one and over any table."""
    files = {"pyproject.toml": TABLES, **dict.fromkeys(LOCKS[first:], "")}
    found = recognized(ground, files)
    assert found is not None
    assert found[1] == LOCKS[first]


def test_tables_follow_the_same_order(ground: Ground) -> None:
    """Without a lock file the tables count in the order of the tools, hatch after pixi and conda last."""
    tables = TABLES.splitlines(keepends=True)
    order = []
    while tables:
        files = {"pyproject.toml": "".join(tables), "environment.yml": ""}
        found = recognized(ground, files)
        assert found is not None
        order.append(found[0])
        tables.pop(0)
    assert order == ["uv", "pdm", "poetry", "pixi", "hatch"]
    assert recognized(ground, {"pyproject.toml": "", "environment.yml": ""}) == (
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
    assert recognized(ground, {"pyproject.toml": text}) is None


PDM, POETRY, HATCHLING = (
    f"[build-system]\nrequires = ['{package}']\nbuild-backend = '{backend}'\n"
    for package, backend in (
        ("pdm-backend", "pdm.backend"),
        ("poetry-core>=2", "poetry.core.masonry.api"),
        ("hatchling", "hatchling.build"),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        PDM + "[tool.pdm.build]\nincludes = ['demo']\n",
        PDM + "[tool.pdm.version]\nsource = 'scm'\n",
        "[tool.pdm]\nversion = { source = 'file', path = 'demo.py' }\npackage-dir = 'src'\n",
        "[tool.uv.build-backend]\nmodule-name = 'demo'\n",
        "[tool.uv]\nmanaged = false\n",
        "[tool.uv]\nmanaged = false\ndev-dependencies = ['pytest']\n",
        HATCHLING + "[tool.hatch.version]\npath = 'demo.py'\n",
        HATCHLING + "[tool.hatch.build.targets.wheel]\npackages = ['demo']\n",
        HATCHLING + "[tool.poetry]\nname = 'demo'\n",
        HATCHLING + "[tool.poetry.dependencies]\npython = '^3.10'\n",
        POETRY + "[project]\nname = 'demo'\n[tool.poetry]\npackages = [{ include = 'demo' }]\n",
    ],
)
def test_table_of_a_build_backend_makes_no_tool_govern(ground: Ground, text: str) -> None:
    """What only a build reads, a left-over table and a tool that is told to keep away make no tool govern."""
    assert recognized(ground, {"pyproject.toml": text}) is None


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        (PDM + "[tool.pdm.build]\n[tool.pdm.scripts]\n", "pdm"),
        (PDM + "[tool.pdm]\ndistribution = true\n", "pdm"),
        ("[tool.uv.build-backend]\n[tool.uv.sources]\n", "uv"),
        ("[tool.uv]\nmanaged = true\n", "uv"),
        (POETRY + "[tool.poetry]\nname = 'demo'\n", "poetry"),
        (POETRY + "[tool.poetry]\npackages = []\n[tool.poetry.group.dev]\n", "poetry"),
        ("[build-system]\nrequires = ['poetry-core']\n[tool.poetry]\nname = 'demo'\n", "poetry"),
        (
            POETRY.replace("poetry.core.masonry.api", "build") + "[tool.poetry]\nname = 'x'\n",
            "poetry",
        ),
    ],
)
def test_table_that_the_tool_itself_reads_makes_it_govern(
    ground: Ground, text: str, tool: str
) -> None:
    """One key that people who work on the project need is enough, beside any that builds need."""
    found = recognized(ground, {"pyproject.toml": text})
    assert found is not None
    assert found[0] == tool


def test_other_evidence_counts_beside_a_table_that_does_not(ground: Ground) -> None:
    """A lock or a file of the tool's makes it govern whatever its table says, except that it is to keep away."""
    builds = {"pyproject.toml": PDM + "[tool.pdm.build]\n"}
    assert recognized(ground, {**builds, "pdm.lock": ""}) == ("pdm", "pdm.lock")
    (ground.top / "root" / "pdm.lock").unlink()
    other = {"pyproject.toml": HATCHLING + "[tool.poetry]\nname = 'demo'\n"}
    assert recognized(ground, {**other, "poetry.toml": ""}) == ("poetry", "poetry.toml")
    (ground.top / "root" / "poetry.toml").unlink()
    away = {"pyproject.toml": "[tool.uv]\nmanaged = false\n", "uv.lock": "", "uv.toml": ""}
    assert recognized(ground, away) is None


def test_hatch_toml_with_settings_of_a_build_makes_nothing_govern(ground: Ground) -> None:
    """A hatch.toml that only hatchling reads is no sign that people work with hatch."""
    assert recognized(ground, {"hatch.toml": "[version]\npath = 'demo.py'\n[build]\n"}) is None
    files = {"hatch.toml": "[build]\n[envs.default]\n"}
    assert recognized(ground, files) == ("hatch", "hatch.toml")


def test_tools_that_do_not_govern_are_still_listed(ground: Ground) -> None:
    """What a tool keeps for the project can be selected, though the tool does not govern."""
    root = ground.files("root", {"pyproject.toml": HATCHLING + "[tool.poetry]\nname = 'demo'\n"})
    assert [tool.name for tool in present(ground.seen(root))] == ["poetry"]


def test_nox_and_tox_are_listed_only(ground: Ground) -> None:
    """Tox and nox are present in a folder, but do not govern it."""
    root = ground.files("root", {"noxfile.py": "", "tox.ini": "", "uv.toml": ""})
    assert [tool.name for tool in present(ground.seen(root))] == ["uv", "tox", "nox"]
    (root / "uv.toml").unlink()
    assert recognize(ground.seen(root)) is None


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


@pytest.mark.needs("POSIX")
def test_folder_or_fifo_with_a_markers_name_is_no_marker(ground: Ground) -> None:
    """Only a regular file is evidence, and a FIFO is never opened."""
    root = ground.folder("root")
    (root / "uv.lock").mkdir()
    os.mkfifo(root / "poetry.lock")
    os.mkfifo(root / "pyproject.toml")
    os.mkfifo(root / "setup.cfg")
    assert recognize(ground.seen(root)) is None
    assert present(ground.seen(root)) == ()


def test_looking_is_light() -> None:
    """What a folder's tools are is told without the modules that cost more than the rest of an answer."""
    code = f"import sys; sys.path[:0] = {SYS_PATH!r}; import workflow_helper.discovery.tools; print(*sys.modules)"
    argv = [sys.executable, "-I", "-S", "-c", code]
    loaded = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    heavy = {"re", "typing", "json", "pathlib", "hashlib", "base64", "platformdirs", "packaging"}
    assert not heavy & set(loaded)
