"""What runs though no word of a declaration names it: each change of it asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.declaring import declaration
from support.files import site_packages, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.trust import fingerprint

if TYPE_CHECKING:
    from support.machine import Machine


def digest(machine: Machine, launch: dict[str, Any], *, bundled: bool = False) -> str:
    """What consent would be given to."""
    where = None if bundled else str(machine.workspace / "pyworkflow.toml")
    read = declaration(launch.get("bundled", launch), where)
    return fingerprint.digest(read, str(machine.workspace), machine.host, Disk())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["python3", "serve.py"], "socketserver/__init__.py"),
        (["python3", "serve.py"], "yaml/__init__.pyc"),
        (["python3", "serve.py"], "yaml/__init__.cpython-313-x86_64-linux-gnu.so"),
        (["python3", "serve.py"], "shadow/loader.py"),
        (["python3", "serve.py"], "shadow/deep/data.bin"),
        (["python3", "serve.py"], "behind/__init__.py"),
        (["./start"], "interpreter"),
        (["./start"], "loaded.py"),
        (["uv", "run", "serve"], "pyproject.toml"),
        (["poetry", "run", "serve"], "pyproject.toml"),
        (["pipenv", "run", "serve"], ".env"),
        (["uv", "run", "serve"], "mine/python"),
        (["pdm", "run", "serve"], "mine/python"),
        (["yarn", "serve"], ".yarnrc.yml"),
        ([".venv/bin/python", "serve.py"], "SITE/evil.pth"),
        ([".venv/bin/serve"], "SITE/sitecustomize.py"),
        (["./from-venv"], "SITE/usercustomize/__init__.py"),
        (["uv", "run", "--find-links", "../links", "serve"], "../links/a-1-py3-none-any.whl"),
        (["pipx", "run", "--find-links=../links", "serve"], "../links/a-1-py3-none-any.whl"),
        (["sh", "-c", "pip install -f ../links serve"], "../links/a-1-py3-none-any.whl"),
    ],
)
def test_a_command_is_asked_about_again(machine: Machine, words: list[str], name: str) -> None:
    """A package that shadows one, what a first line names, what a Python runs as it starts, and the files that tell a tool what to run."""
    write(machine.workspace / "serve.py", "import http.server")
    write(machine.workspace / "start", "#!./interpreter loaded.py\n")
    write(machine.workspace / "shadow" / "__init__.py", "import behind")
    write(machine.workspace / ".python-version", "mine/python\n")
    write(machine.workspace / "from-venv", "#!.venv/bin/python\n")
    write(machine.workspace / ".venv" / "pyvenv.cfg", "home = /usr/bin\n")
    write(machine.workspace / ".venv" / "bin" / "python", executable=True)
    write(machine.workspace / ".venv" / "bin" / "serve", executable=True)
    site = site_packages(machine.workspace / ".venv")
    site.mkdir(parents=True)
    path = machine.workspace / name.replace("SITE", str(site))
    write(machine.workspace.parent / "links" / "README")
    before = digest(machine, {"cmd": words})
    write(path, "1")
    made = digest(machine, {"cmd": words})
    write(path, "2")
    assert len({before, made, digest(machine, {"cmd": words})}) == 3


@pytest.mark.parametrize("path", ["hooks.py", "../hooks.py", "../beside/hooks.py"])
def test_a_hook_of_hatchs_counts_wherever_it_lies(machine: Machine, path: str) -> None:
    """A build hook beside the project is executed as one in it is."""
    text = f'[tool.hatch.build.hooks.custom]\npath = "{path}"\n'
    write(machine.workspace / "pyproject.toml", text)
    hook = write(machine.workspace / path, "1")
    before = digest(machine, {"bundled": "hatch"}, bundled=True)
    hook.write_text("2")
    assert digest(machine, {"bundled": "hatch"}, bundled=True) != before


UNCHECKED = b"\xf3\r\r\n\1\0\0\0"
CHECKED_BY_TIME = b"\xf3\r\r\n\0\0\0\0"


@pytest.mark.parametrize("folder", ["", "beside"])
@pytest.mark.parametrize("head", [UNCHECKED, CHECKED_BY_TIME])
def test_compiled_code_counts_unless_python_checks_it(
    machine: Machine, folder: str, head: bytes
) -> None:
    """Code that Python runs in place of a source that it does not look at, for a script and for what it imports."""
    write(machine.workspace / "serve.py", "import helper")
    write(machine.workspace / folder / "helper.py")
    launch = {"cmd": ["env", f"PYTHONPATH={folder}", "python3", "serve.py"]}
    compiled = machine.workspace / folder / "__pycache__" / "helper.cpython-313.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(head + b"1")
    before = digest(machine, launch)
    compiled.write_bytes(head + b"2")
    assert (digest(machine, launch) != before) is (head == UNCHECKED)


@pytest.mark.parametrize(
    ("tool", "name", "text"),
    [
        ("pdm", ".pdm-python", "{root}/mine/bin/python"),
        ("pdm", ".pdm-python", "mine/bin/python"),
        ("uv", ".python-version", "./mine/bin/python\n"),
        ("uv", ".python-version", "mine\n"),
        ("uv", ".python-versions", "3.12\n{root}/mine\n"),
    ],
)
def test_an_interpreter_of_the_project_counts(
    machine: Machine, tool: str, name: str, text: str
) -> None:
    """What a tool would run because a file of the project names it, and the file that does."""
    names = write(machine.workspace / name, "3.12\n")
    program = write(machine.workspace / "mine" / "bin" / "python", "1")
    digests = [digest(machine, {"bundled": tool}, bundled=True)]
    write(names, text.replace("{root}", str(machine.workspace)))
    digests.append(digest(machine, {"bundled": tool}, bundled=True))
    program.write_text("2")
    digests.append(digest(machine, {"bundled": tool}, bundled=True))
    assert len({*digests}) == 3


@pytest.mark.parametrize(
    "text", ["3.12", "{root}/.venv/bin/python", ".venv", "/usr/bin/python3", "~", "\0", ""]
)
def test_an_interpreter_that_is_none_of_the_projects_asks_nobody_again(
    machine: Machine, text: str
) -> None:
    """A version, a Python of the machine, and the environment that the tool uses in any case."""
    write(machine.workspace / ".venv" / "bin" / "python")
    before = digest(machine, {"bundled": "pdm"}, bundled=True)
    write(machine.workspace / ".pdm-python", text.replace("{root}", str(machine.workspace)))
    assert digest(machine, {"bundled": "pdm"}, bundled=True) == before


HATCH = "[tool.hatch.envs.default]\n"


@pytest.mark.parametrize(
    ("tool", "file", "text"),
    [
        ("hatch", "pyproject.toml", HATCH + 'dependencies = ["lib @ file://{above}/lib"]'),
        ("hatch", "pyproject.toml", HATCH + 'dependencies = ["lib @ {root:parent:uri}/lib"]'),
        ("hatch", "hatch.toml", '[envs.x]\nextra-dependencies = ["l @ {root:uri}/../lib"]'),
        ("hatch", "pyproject.toml", HATCH + 'workspace.members = ["../l*"]'),
        ("hatch", "pyproject.toml", HATCH + 'workspace.members = [{path = "../lib"}]'),
        ("uv", "pyproject.toml", '[tool.uv.sources]\nlib = {path = "../lib", editable = true}'),
        ("uv", "pyproject.toml", '[project]\ndependencies = ["lib@file:///{above}/lib"]'),
        ("uv", "pyproject.toml", '[dependency-groups]\ndev = ["lib @ file://{above}/lib#egg=x"]'),
        ("poetry", "pyproject.toml", '[tool.poetry.dependencies]\nlib = {path = "../lib"}'),
        ("pdm", "pyproject.toml", '[project]\ndependencies = ["l @ file:///${PROJECT_ROOT}/../lib"]'),
        ("pipenv", "Pipfile", '[packages]\nlib = {path = "../lib", editable = true}'),
        ("pipenv", "Pipfile", '[own]\nlib = {file = "../lib"}'),
        ("poetry", "pyproject.toml", '[tool.poetry.requires-plugins]\nlib = {path = "../lib"}'),
        ("nox", "noxfile.py", '# /// script\n# dependencies = ["l @ file://{above}/lib"]\n# ///'),
        ("pixi", "pixi.toml", '[pypi-dependencies]\nlib = {path = "../lib"}'),
        ("tox", "tox.ini", "[testenv]\ndeps = -e ../lib\n"),
        ("tox", "tox.ini", "[testenv]\ndeps =\n    pytest\n    {toxinidir}/../lib\n"),
        ("conda", "environment.yml", "dependencies:\n- pip:\n  - -e ../lib\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "changed", ["lib/setup.py", "lib/pyproject.toml", "lib/own/bk.py", "lib/helper.py"]
)
def test_what_building_a_local_dependency_runs_counts(
    machine: Machine, tool: str, file: str, text: str, changed: str
) -> None:
    """Wherever it lies and however the tool spells it."""
    above = machine.workspace.parent
    build = '[build-system]\nrequires = []\nbuild-backend = "bk"\nbackend-path = ["own"]\n'
    write(above / "lib" / "pyproject.toml", build)
    write(above / "lib" / "setup.py", "import helper")
    write(above / "lib" / "helper.py")
    write(above / "lib" / "own" / "bk.py")
    in_url = above.as_uri().removeprefix("file://")
    write(machine.workspace / file, text.replace("{above}", in_url) + "\n")
    before = digest(machine, {"bundled": tool}, bundled=True)
    write(
        above / changed,
        build + "# another\n" if changed.endswith(".toml") else "import helper, sys",
    )
    assert digest(machine, {"bundled": tool}, bundled=True) != before


@pytest.mark.parametrize(
    ("tool", "url"),
    [
        ("hatch", "{root:parent:uri}/lib"),
        ("hatch", "{root:uri}/../lib"),
        ("pdm", "file:///${PROJECT_ROOT}/../lib"),
    ],
)
def test_a_local_dependency_counts_below_a_folder_that_a_url_escapes(
    machine: Machine, tool: str, url: str
) -> None:
    """The tools escape a space in the path of the project, and open what is meant."""
    here = machine._replace(workspace=machine.workspace / "a b" / "project")
    table = HATCH if tool == "hatch" else "[project]\n"
    write(here.workspace / "pyproject.toml", f'{table}dependencies = ["lib @ {url}"]\n')
    script = write(here.workspace.parent / "lib" / "setup.py", "import one")
    before = digest(here, {"bundled": tool}, bundled=True)
    script.write_text("import two")
    assert digest(here, {"bundled": tool}, bundled=True) != before


def test_a_place_where_a_tool_keeps_its_environments_is_no_dependency(machine: Machine) -> None:
    """What is made there by the tool itself asks nobody again."""
    write(machine.workspace / "pyproject.toml", HATCH + 'path = "../envs"\n')
    before = digest(machine, {"bundled": "hatch"}, bundled=True)
    write(machine.workspace.parent / "envs" / "setup.py")
    assert digest(machine, {"bundled": "hatch"}, bundled=True) == before


@pytest.mark.parametrize(
    ("words", "file", "text"),
    [
        (["uv", "run", "serve"], "pyproject.toml", '[project.scripts]\nserve = "own.main:run"'),
        (["poetry", "run", "serve"], "pyproject.toml", '[tool.poetry.scripts]\nserve = "own:run"'),
        (["pdm", "run", "serve"], "pyproject.toml", '[tool.pdm.scripts]\nserve = "python src/own/main.py"'),
        (["pdm", "serve"], "pyproject.toml", '[tool.pdm.scripts]\nserve = {composite = ["x"]}\nx = "src/own/main.py"'),
        (["hatch", "run", "x:serve"], "hatch.toml", '[envs.x.scripts]\nserve = ["python -m own.main"]'),
        (["pipenv", "run", "serve"], "Pipfile", '[scripts]\nserve = "sh -c \'python src/own/main.py\'"'),
        (["pixi", "run", "serve"], "pixi.toml", '[tasks]\nserve = "python src/own/main.py"'),
        (["npm", "run", "serve"], "package.json", '{"scripts": {"serve": "python src/own/main.py"}}'),
    ],
)  # fmt: skip
def test_what_a_task_runs_counts(machine: Machine, words: list[str], file: str, text: str) -> None:
    """A command that names a task of a tool's runs what the task names, and so on."""
    write(machine.workspace / file, text + "\n")
    write(machine.workspace / "src" / "own" / "__init__.py", "from .main import run")
    source = write(machine.workspace / "src" / "own" / "main.py", "1")
    before = digest(machine, {"cmd": words})
    source.write_text("2")
    assert digest(machine, {"cmd": words}) != before


@pytest.mark.parametrize("words", [["uv", "run", "serve"], ["hatch", "run", "serve"]])
def test_what_a_tool_builds_before_it_runs_a_command_counts(
    machine: Machine, words: list[str]
) -> None:
    """As where the tool itself is the workflow."""
    write(machine.workspace / "pyproject.toml", '[project]\ndependencies = ["x @ file:../x"]\n')
    for path in (machine.workspace / "setup.py", machine.workspace.parent / "x" / "setup.py"):
        before = digest(machine, {"cmd": words})
        write(path)
        assert digest(machine, {"cmd": words}) != before
