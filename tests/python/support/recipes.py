"""A small project for each workflow tool, with a dependency, a group, a script and a lock; and machines that have the tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from python_workflow.discovery.disk import Disk
from python_workflow.system.child import Child
from python_workflow.workflows.project import Project
from python_workflow.wsp.client import Session

from support.launching import reach_the_index
from support.machine import Machine
from support.servers import PATIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

TREE = Path(__file__).parents[3]
PATHS = json.loads((TREE / ".cache" / "paths.json").read_text())

PROJECT = """\
[project]
name = "demo-project"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["iniconfig"]

[project.optional-dependencies]
more = ["pluggy"]

[dependency-groups]
test = ["packaging"]
"""


class Recipe(NamedTuple):
    """How a tool's project is made, and what is true of it."""

    name: str
    files: dict[str, str]
    #: The tool's words that write its lock; empty where it has none.
    lock: tuple[str, ...] = ()
    #: What makes the lock stale: a file, and what is put in the place of what.
    stale: tuple[str, str, str] = ("pyproject.toml", '["iniconfig"]', '["iniconfig", "colorama"]')
    #: The name of the environment to make; ``None`` for the tool's default.
    environment: str | None = None
    #: A dependency that the environment then holds.
    package: str = "iniconfig"


RECIPES: dict[str, Recipe] = {
    one.name: one
    for one in (
        Recipe("uv", {"pyproject.toml": PROJECT + "[tool.uv]\n"}, ("lock",)),
        Recipe(
            "pdm",
            {"pyproject.toml": PROJECT + '[tool.pdm.scripts]\nhello = "python -V"\n'},
            ("lock",),
        ),
        Recipe(
            "poetry",
            {
                "pyproject.toml": PROJECT + "[tool.poetry]\npackage-mode = false\n\n"
                '[[tool.poetry.source]]\nname = "index"\nurl = "{index}"\npriority = "primary"\n'
            },
            ("lock", "-n"),
        ),
        Recipe(
            "pipenv",
            {
                "Pipfile": '[packages]\niniconfig = "*"\n\n[dev-packages]\npackaging = "*"\n\n[scripts]\nhello = "python -V"\n'
            },
            ("lock",),
            ("Pipfile", 'iniconfig = "*"', 'iniconfig = "*"\ncolorama = "*"'),
        ),
        Recipe(
            "hatch",
            {
                "pyproject.toml": PROJECT
                + '[tool.hatch.envs.default]\nskip-install = true\ndependencies = ["iniconfig"]\n'
                + '[tool.hatch.envs.default.scripts]\nhello = "python -V"\n'
            },
        ),
        Recipe(
            "tox",
            {
                "tox.ini": "[tox]\nenv_list = dev\nno_package = true\n\n[testenv:dev]\ndescription = to develop\n"
                "deps = iniconfig\ncommands = python -V\n"
            },
            environment="dev",
        ),
        Recipe(
            "nox",
            {
                "noxfile.py": "import nox\n\n\n@nox.session\ndef dev(session):\n"
                '    """To develop."""\n    session.install("iniconfig")\n    session.run("python", "-V")\n'
            },
            environment="dev",
        ),
        Recipe("venv", {"pyproject.toml": PROJECT}),
    )
}

#: Those whose lock can be stale.
LOCKING = tuple(one.name for one in RECIPES.values() if one.lock)


class Site(NamedTuple):
    """A project of a tool, on a machine that has the tool."""

    machine: Machine
    recipe: Recipe

    @classmethod
    def at(
        cls,
        base: Path,
        tool: str,
        *,
        folder: str = "project",
        pythons: Sequence[str] = (),
        lock: bool = True,
    ) -> Site:
        """A new one in ``base``; the machine has uv beside the tool, and the Pythons ``pythons``."""
        base.mkdir(parents=True, exist_ok=True)
        machine = Machine.at(base)
        machine = machine._replace(workspace=machine.workspace / folder)
        machine.workspace.mkdir()
        (machine.workspace / ".git").mkdir()
        programs = machine.home / "programs"
        programs.mkdir()
        machine.environ["PATH"] = f"{programs}:/usr/bin:/bin"
        reach_the_index(machine)
        site = cls(machine, RECIPES[tool])
        site.give("uv", *((tool,) if tool in PATHS["tools"] else ()))
        for python in pythons or (os.path.realpath(sys.executable),):
            name = os.path.basename(python)
            (programs / name).symlink_to(python)
        for file, text in site.recipe.files.items():
            told = text.replace("{index}", index()) if "{index}" in text else text
            (machine.workspace / file).write_text(told)
        if lock and site.recipe.lock:
            site.run(*site.recipe.lock)
            site.forget_environments()
        return site

    @property
    def name(self) -> str:
        """What the environment to make is called."""
        return self.recipe.environment or "default"

    def serving(self, *, read_only: bool = False, trusted: bool = True) -> Session:
        """A session with the tool's server; ``read_only``: for which the project's folder cannot be written."""
        return self.session(self.server(read_only=read_only), trusted=trusted)

    def session(self, server: Child, *, trusted: bool = True) -> Session:
        """A session with a server of :meth:`server`."""
        name = self.recipe.name
        return Session(server, name, root=str(self.root), trusted=trusted, bounds=PATIENT)

    def server(self, *, read_only: bool = False) -> Child:
        """The process of the tool's server."""
        argv = [sys.executable, "-I", "-m", "python_workflow", "serve", self.recipe.name]
        if read_only:
            self.root.chmod(0o555)
            if os.getuid() == 0:  # whom modes do not hinder
                argv = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *argv]
                argv[0] = shutil.which("setpriv") or argv[0]
        return Child(argv, cwd=str(self.root), environ=self.machine.environ)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.machine.workspace

    def give(self, *tools: str) -> None:
        """Put tools on PATH."""
        for tool in tools:
            link = self.machine.home / "programs" / tool
            if not link.is_symlink():
                link.symlink_to(PATHS["tools"][tool])

    def take(self, *tools: str) -> None:
        """Take tools off PATH."""
        for tool in tools:
            (self.machine.home / "programs" / tool).unlink()

    def run(self, *words: str) -> str:
        """What the tool itself prints; it must succeed."""
        done = subprocess.run(
            [PATHS["tools"][self.recipe.name], *words],
            cwd=self.root,
            env={
                **self.machine.environ,
                "NO_COLOR": "1",
                "PIPENV_VERBOSITY": "-1",
                "PDM_CHECK_UPDATE": "false",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def forget_environments(self) -> None:
        """Take away what the tool made besides: some make an environment to lock."""
        host = self.machine.host
        for one in Project(self.recipe.name, str(self.root), host, Disk()).environments():
            shutil.rmtree(one.prefix)
        (self.root / ".pdm-python").unlink(missing_ok=True)

    def make_stale(self) -> None:
        """Change what the project asks for, and not its lock."""
        file, before, after = self.recipe.stale
        path = self.root / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))

    def lose_the_index(self) -> None:
        """Leave no way to the package index, and nothing in any cache."""
        cache, closed = self.machine.home / "empty-cache", "http://127.0.0.1:9"
        self.machine.environ.update(
            dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), closed),
            PIP_CACHE_DIR=str(cache / "pip"),
            PIP_RETRIES="1",  # without any, pip does not say what was wrong
            UV_CACHE_DIR=str(cache / "uv"),
            UV_HTTP_RETRIES="0",
        )
        for name in ("PIP_FIND_LINKS", "NO_PROXY", "no_proxy"):
            self.machine.environ.pop(name, None)


@cache
def index() -> str:
    """The package index that this machine uses, as pip finds it: Poetry's own default needs more of it than others do."""
    told = os.environ.get("PIP_INDEX_URL")
    if told:
        return told
    ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    base = PATHS["pythons"][0]
    done = subprocess.run([base, "-I", "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip()
