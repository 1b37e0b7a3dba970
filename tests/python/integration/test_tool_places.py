"""The computed places, against the real tools: each makes environments in a project of its own, then is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.bench import PYTHON, PYTHONS, Bench
from support.machine import make_venv
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = '[project]\nname = "My_Demo.Pkg"\nversion = "1"\nrequires-python = ">=3.10"\n'


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which virtualenv remembers Pythons."""
    return tmp_path_factory.mktemp("known")


@pytest.fixture
def bench(tmp_path: Path, known: Path) -> Bench:
    """A machine with the real tools."""
    return Bench(tmp_path, known)


MEMBER = '[project]\nname = "m"\nversion = "1"\nrequires-python = ">=3.10"\n'


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ("['packages/*']", "packages/m"),
        ("['packages/*']", "packages/deep/m"),
        ("['./gone/../packages/*']", "packages/m"),
        ("['lib/x[ab]', 'z?']", "lib/xa"),
        ("['lib/x[ab]', 'z?']", "lib/xc"),
        ("['lib/x[ab]', 'z?']", "zz"),
        ("['m/']", "m"),
        ("['m/**']", "m"),
        ("[]", "m"),
    ],
)
def test_uv_workspace(bench: Bench, members: str, member: str) -> None:
    """Uv uses the environment of the workspace for what the members cover, and its own for the rest."""
    table = f"[tool.uv.workspace]\nmembers = {members}\n"
    top = bench.files("ws", {"pyproject.toml": PROJECT + table})
    root = bench.files(f"ws/{member}", {"pyproject.toml": MEMBER})
    bench.run("uv", "run", "--no-sync", "python", "-c", "", at=root)
    assert bench.default("uv", root, top) == uv_prefix(bench, root)


def uv_prefix(bench: Bench, root: Path, **environ: str) -> str:
    """The environment in which uv runs, made when it is not there."""
    words = ("run", "--no-sync", "python", "-c", "import sys; print(sys.prefix)")
    return bench.run("uv", *words, at=root, **environ)


def test_uv_variable(bench: Bench) -> None:
    """UV_PROJECT_ENVIRONMENT is relative to the top of the workspace, and empty it has no effect."""
    table = "[tool.uv.workspace]\nmembers = ['m']\n"
    top = bench.files("ws", {"pyproject.toml": PROJECT + table})
    root = bench.files("ws/m", {"pyproject.toml": MEMBER})
    for value in ("env", "", f"{bench.top}/absolute"):
        expected = uv_prefix(bench, root, UV_PROJECT_ENVIRONMENT=value)
        assert bench.default("uv", root, top, UV_PROJECT_ENVIRONMENT=value) == expected


def test_uv_project_between(bench: Bench) -> None:
    """A pyproject.toml between a member and its workspace ends uv's search."""
    table = "[tool.uv.workspace]\nmembers = ['a/*']\n"
    top = bench.files("ws", {"pyproject.toml": PROJECT + table})
    between = bench.files("ws/a", {"pyproject.toml": "[tool.black]\n"})
    root = bench.files("ws/a/m", {"pyproject.toml": MEMBER})
    assert bench.default("uv", root, between, top) == uv_prefix(bench, root)


#: What hatch inherits from a template, and what not.
TEMPLATES = """
[envs.default]
path = "here"
[envs.a]
detached = true
matrix-name-format = "{variable}_{value}"
[envs.b]
template = "a"
[[envs.b.matrix]]
python = ["3.11"]
v = ["1"]
"""
HATCH = """
[tool.hatch.envs.docs]
[tool.hatch.envs.test]
matrix-name-format = "{variable}_{value}"
[[tool.hatch.envs.test.matrix]]
version = ["1", "2"]
python = ["3.11", "pypy3"]
[[tool.hatch.envs.test.matrix]]
x = ["q"]
[tool.hatch.envs.moved]
path = ".my/env"
[tool.hatch.envs.kid]
template = "moved"
"""


@pytest.mark.parametrize(
    ("files", "config", "environ"),
    [
        ({"pyproject.toml": PROJECT + HATCH}, "", {}),
        ({"pyproject.toml": PROJECT + HATCH}, "", {"HATCH_DATA_DIR": "/nowhere/data"}),
        ({"hatch.toml": "[envs.a]\n[[envs.default.matrix]]\npy = ['3.11']\n"}, "", {}),
        ({"pyproject.toml": HATCH, "hatch.toml": "[envs.a]\n"}, "", {}),
        ({"hatch.toml": TEMPLATES}, "", {}),
        ({"hatch.toml": "[envs.a]\n"}, "[dirs.env]\nvirtual = '.hatch'\n", {}),
        ({"hatch.toml": "[envs.a]\n"}, "[dirs.env]\nvirtual = '~/.virtualenvs'\n", {}),
        ({"hatch.toml": "[envs.a]\n"}, "[dirs.env]\nvirtual = '$HOME/e/${NO}y'\n", {}),
        ({"hatch.toml": "[envs.a]\n"}, "[dirs]\ndata = '~/d'\n", {}),
    ],
)
def test_hatch(
    bench: Bench, files: Mapping[str, str], config: str, environ: dict[str, str]
) -> None:
    """Every environment that hatch shows is where ``hatch env find`` says."""
    root = bench.files("Some_Folder x", files)
    if config:
        environ = {**environ, "HATCH_CONFIG": bench.settings("hatch.toml", config)}
    shown = json.loads(bench.run("hatch", "env", "show", "--json", at=root, **environ))
    expected = {
        name: bench.run("hatch", "env", "find", name, at=root, **environ)
        for name in shown
        if not name.startswith("hatch-")
    }
    assert {p.name: p.prefix for p in bench.places("hatch", root, **environ)} == expected


def test_hatch_inside_a_project(bench: Bench) -> None:
    """In a folder with a hatch.toml alone hatch uses the project above it."""
    top = bench.files("top", {"pyproject.toml": PROJECT})
    root = bench.files("top/inner", {"hatch.toml": "[envs.b]\n"})
    found = bench.run("hatch", "env", "find", "default", at=root)
    assert bench.default("hatch", root, top) == found


@pytest.mark.parametrize(
    ("files", "config", "environ"),
    [
        ({"pyproject.toml": PROJECT}, "", {}),
        ({"pyproject.toml": PROJECT + '[tool.poetry]\nname = "other"\n'}, "", {}),
        ({"pyproject.toml": "[tool.poetry]\npackage-mode = false\n"}, "", {}),
        ({"pyproject.toml": PROJECT, "poetry.toml": "virtualenvs = {in-project = true}\n"}, "", {}),
        ({"pyproject.toml": PROJECT, "poetry.toml": "virtualenvs = {path = '~/p'}\n"}, "", {}),
        ({"pyproject.toml": PROJECT}, "cache-dir = '/{home}/c'\n", {}),
        ({"pyproject.toml": PROJECT}, "", {"POETRY_VIRTUALENVS_PATH": "~/v"}),
    ],
)
def test_poetry(
    bench: Bench, files: Mapping[str, str], config: str, environ: dict[str, str]
) -> None:
    """The selected environment, and the list of all, are those that Poetry tells."""
    root = bench.files("Po etry", files)
    bench.settings(".config/pypoetry/config.toml", config.replace("{home}", str(bench.home)))
    output = bench.run("poetry", "env", "use", "-n", PYTHON, at=root, **environ)
    place = output.rpartition("Using virtualenv: ")[2]
    assert bench.default("poetry", root, **environ) == place


@pytest.mark.slow
@pytest.mark.parametrize("in_project", ["poetry.toml", "POETRY_VIRTUALENVS_IN_PROJECT", None])
def test_poetry_beside_a_venv_that_is_left_over(bench: Bench, in_project: str | None) -> None:
    """Poetry's own environment goes before a .venv folder where Poetry was told to keep it elsewhere, and only there."""
    root = bench.files("root", {"pyproject.toml": PROJECT, "poetry.lock": ""})
    bench.run("poetry", "env", "use", "-n", PYTHON, at=root)
    make_venv(root / ".venv")
    environ = {}
    if in_project == "poetry.toml":
        (root / in_project).write_text("[virtualenvs]\nin-project = false\n")
    elif in_project is not None:
        environ = {in_project: "false"}
    result = bench.run("poetry", "env", "info", "-p", at=root, **environ)
    assert (result == str(root / ".venv")) == (in_project is None)
    answer = resolve(Question(str(root)), bench.host(**environ), Disk()).environment
    assert answer is not None
    assert answer.prefix == result


def test_poetry_selection(bench: Bench) -> None:
    """Of two environments the selected one is the default, and both are listed."""
    root = bench.files("root", {"pyproject.toml": PROJECT})
    for python in PYTHONS[:2]:
        bench.run("poetry", "env", "use", "-n", python, at=root)
    result = bench.run("poetry", "env", "list", "--full-path", at=root).splitlines()
    selected = [
        line.removesuffix(" (Activated)") for line in result if line.endswith("(Activated)")
    ]
    assert bench.default("poetry", root) == selected[0]
    listed = {line.removesuffix(" (Activated)") for line in result}
    assert {p.prefix for p in bench.places("poetry", root)} == listed


@pytest.mark.parametrize(
    ("files", "environ"),
    [
        ({}, {}),
        ({}, {"PIPENV_CUSTOM_VENV_NAME": "mine"}),
        ({}, {"PIPENV_VENV_IN_PROJECT": "1"}),
        ({"Pipfile": "[pipenv]\nvenv_in_project = true\n"}, {}),
        ({".venv": "named\n"}, {}),
        ({".venv": "sub/env\n"}, {}),
        ({}, {"XDG_DATA_HOME": "{top}/xdg"}),
        ({}, {"WORKON_HOME": "~/work"}),
    ],
)
def test_pipenv(bench: Bench, files: Mapping[str, str], environ: dict[str, str]) -> None:
    """The environment that pipenv makes is where it was expected."""
    root = bench.files("Pip (env) $x", {"Pipfile": "[packages]\n", **files})
    variables = {name: value.replace("{top}", str(bench.top)) for name, value in environ.items()}
    bench.run("pipenv", "--python", PYTHON, at=root, **variables)
    assert bench.default("pipenv", root, **variables) == bench.run(
        "pipenv", "--venv", at=root, **variables
    )


def test_pdm(bench: Bench) -> None:
    """Pdm's environments, and the one it uses as the selection changes, are where they were expected."""
    root = bench.files("pd_m", {"pyproject.toml": PROJECT})
    bench.run("pdm", "venv", "create", "-n", "first", PYTHON, at=root)
    bench.run("pdm", "venv", "create", PYTHON, at=root)
    for name in ("in-project", "first"):
        bench.run("pdm", "use", "-f", "--venv", name, "--no-version-file", at=root)
        python = bench.run("pdm", "info", "--python", at=root)
        assert bench.default("pdm", root) == os.path.dirname(os.path.dirname(python))
    result = bench.run("pdm", "venv", "list", at=root).splitlines()
    listed = {line.partition(": ")[2] for line in result if line[:1] in ("*", "-")}
    assert {p.prefix for p in bench.places("pdm", root)} == listed


def test_pdm_location(bench: Bench) -> None:
    """The project's ``venv.location`` goes before the user's, and both before pdm's own choice."""
    root = bench.files("root", {"pyproject.toml": PROJECT})
    config = bench.settings("pdm.toml", "[venv]\nlocation = '~/users'\nin_project = false\n")
    for project in ("", "[venv]\nlocation = '~/projects'\n"):
        (root / "pdm.toml").write_text(project)
        bench.run("pdm", "venv", "create", "-n", "x", PYTHON, at=root, PDM_CONFIG_FILE=config)
        result = bench.run("pdm", "venv", "list", at=root, PDM_CONFIG_FILE=config)
        found = bench.default("pdm", root, PDM_CONFIG_FILE=config)
        assert result.endswith(f"x: {found}")


@pytest.mark.parametrize(
    ("files", "environ"),
    [
        ({"tox.ini": "[tox]\nenvlist = a\n[testenv]\nskip_install = true\n"}, {}),
        (
            {"tox.ini": "[tox]\nenvlist = a\n[testenv]\nskip_install = true\n"},
            {"TOX_WORK_DIR": "w"},
        ),
        (
            {
                "setup.cfg": "[tox:tox]\nenvlist = a\ntoxworkdir = {toxinidir}/w\n[testenv]\nskip_install = true\n"
            },
            {},
        ),
        (
            {
                "pyproject.toml": "[tool.tox]\nwork_dir = 'w'\nenv_list = ['a']\nenv_run_base = {skip_install = true}\n"
            },
            {},
        ),
        (
            {
                "tox.toml": "work_dir = '{tox_root}/w'\nenv_list = ['a']\nenv_run_base = {skip_install = true}\n"
            },
            {},
        ),
    ],
)
def test_tox(bench: Bench, files: Mapping[str, str], environ: dict[str, str]) -> None:
    """The environment that tox makes is listed from where tox put it."""
    root = bench.files("root", files)
    bench.run("tox", "run", "-e", "a", "--notest", at=root, **environ)
    result = bench.run(
        "tox", "config", "-e", "a", "-k", "env_dir", "--format", "json", at=root, **environ
    )
    expected = json.loads(result)["env"]["a"]["env_dir"]
    assert [p.prefix for p in bench.places("tox", root, **environ)] == [expected]


def test_nox(bench: Bench) -> None:
    """The environments that nox makes are listed."""
    text = (
        "import nox\n@nox.session(venv_backend='venv', venv_params=['--without-pip'])\n"
        "def a_B(session):\n    print(session.virtualenv.location)\n"
    )
    root = bench.files("root", {"noxfile.py": text})
    result = bench.run("nox", at=root)
    assert [p.prefix for p in bench.places("nox", root)] == [os.path.realpath(root / result)]


def test_fallback(bench: Bench) -> None:
    """An environment that the standard library makes in the root is listed under its folder's name."""
    root = bench.folder("root")
    argv = [sys.executable, "-I", "-m", "venv", "--without-pip", str(root / "mine")]
    subprocess.run(argv, check=True)
    assert [p.name for p in bench.places("venv", root)] == [".venv", "mine"]
