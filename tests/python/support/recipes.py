"""A small project for each workflow tool, with a dependency, a group, a script and a lock; and machines that have the tools."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workflow_helper.system.child import Child
from workflow_server.client import Session

from support.launching import reach_the_index
from support.machine import Machine, shared
from support.needs import need
from support.servers import PATIENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    #: The same project without anything to install, which is made sooner and needs no index.
    bare: dict[str, str]
    #: The tool's arguments that write its lock; empty where it has none.
    lock: tuple[str, ...] = ()
    #: The name of that file.
    lock_file: str = ""
    #: What makes the lock stale: a file, and what is put in the place of what.
    stale: tuple[str, str, str] = ("pyproject.toml", '["iniconfig"]', '["iniconfig", "colorama"]')
    #: The name of the environment to make; ``None`` for the tool's default.
    environment: str | None = None
    #: A dependency that the environment then holds.
    package: str = "iniconfig"


POETRY = """\
[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "index"
url = "{index}"
priority = "primary"
"""
# Else pdm builds the project anew, by a backend of the index, at each sync.
PDM = """\
[tool.pdm]
distribution = false
[tool.pdm.scripts]
hello = "python -V"
"""
# By uv, which takes a third of the time that pip does.
HATCH = """\
[tool.hatch.envs.default]
installer = "uv"
skip-install = true
dependencies = ["iniconfig"]
[tool.hatch.envs.default.scripts]
hello = "python -V"
"""
PIPFILE = """\
[packages]
iniconfig = "*"

[dev-packages]
packaging = "*"

[scripts]
hello = "python -V"
"""
TOX = """\
[tox]
env_list = dev
no_package = true

[testenv:dev]
description = to develop
deps = iniconfig
commands = python -V
"""
NOX = """\
import nox


@nox.session
def dev(session):
    \"\"\"To develop.\"\"\"
    session.install("iniconfig")
    session.run("python", "-V")
"""
EMPTY = PROJECT.partition("dependencies")[0] + "dependencies = []\n\n"

RECIPES: dict[str, Recipe] = {
    one.name: one
    for one in (
        Recipe(
            "uv",
            {"pyproject.toml": PROJECT + "[tool.uv]\n"},
            {"pyproject.toml": EMPTY + "[tool.uv]\n"},
            ("lock",),
            "uv.lock",
        ),
        Recipe(
            "pdm",
            {"pyproject.toml": PROJECT + PDM},
            {"pyproject.toml": EMPTY + PDM},
            ("lock",),
            "pdm.lock",
        ),
        Recipe(
            "poetry",
            {"pyproject.toml": PROJECT + POETRY},
            {"pyproject.toml": EMPTY + POETRY},
            ("lock", "-n"),
            "poetry.lock",
        ),
        Recipe(
            "pipenv",
            {"Pipfile": PIPFILE},
            {"Pipfile": PIPFILE.replace('iniconfig = "*"', "").replace('packaging = "*"', "")},
            ("lock",),
            "Pipfile.lock",
            stale=("Pipfile", 'iniconfig = "*"', 'iniconfig = "*"\ncolorama = "*"'),
        ),
        Recipe(
            "hatch",
            {"pyproject.toml": PROJECT + HATCH},
            {"pyproject.toml": EMPTY + HATCH.replace('["iniconfig"]', "[]")},
        ),
        Recipe(
            "tox",
            {"tox.ini": TOX},
            {"tox.ini": TOX.replace("deps = iniconfig\n", "")},
            environment="dev",
        ),
        Recipe(
            "nox",
            {"noxfile.py": NOX},
            {"noxfile.py": NOX.replace('    session.install("iniconfig")\n', "")},
            environment="dev",
        ),
        Recipe("venv", {"pyproject.toml": PROJECT}, {"pyproject.toml": EMPTY}),
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
        files: Mapping[str, str] | None = None,
        lock: bool = True,
        shared: bool = True,
    ) -> Site:
        """Return a new one in ``base``: a machine with uv beside the tool, and the Pythons ``pythons``.

        ``files`` are the project's, else those of the recipe. What tools download and unpack is ``shared`` with all
        other sites of this process that do not keep it to themselves, and so is the lock.
        """
        need("POSIX")  # programs and caches are links
        base.mkdir(parents=True, exist_ok=True)
        machine = Machine.at(base)
        machine = machine._replace(workspace=machine.workspace / folder)
        machine.workspace.mkdir()
        (machine.workspace / ".git").mkdir()
        programs = machine.home / "programs"
        programs.mkdir()
        machine.environ["PATH"] = f"{programs}:/usr/bin:/bin"
        # Most of the time that virtualenv takes, it copies pip.
        machine.environ["VIRTUALENV_SYMLINK_APP_DATA"] = "true"
        # Else Poetry looks for macOS's keyring, by running gcc, each time that it installs something.
        machine.environ["POETRY_KEYRING_ENABLED"] = "false"
        reach_the_index(machine)
        site = cls(machine, RECIPES[tool])
        if shared:
            site.share_caches()
        site.give("uv", *((tool,) if tool in PATHS["tools"] else ()))
        given = pythons or (os.path.realpath(sys.executable),)
        for name, python in {os.path.basename(python): python for python in given}.items():
            (programs / name).symlink_to(python)
        texts = {
            file: text.replace("{index}", index()) if "{index}" in text else text
            for file, text in (site.recipe.files if files is None else files).items()
        }
        for file, text in texts.items():
            (machine.workspace / file).write_text(text)
        if lock and site.recipe.lock:
            locked = lock_of(tool, tuple(texts.items()))
            (machine.workspace / site.recipe.lock_file).write_text(locked)
        return site

    def share_caches(self) -> None:
        """Have tools keep what they download and unpack where all sites of this process have it."""
        for name in CACHES:
            link = self.machine.home / ".cache" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            place = caches() / name
            place.mkdir(parents=True, exist_ok=True)
            link.symlink_to(place)

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
        argv = [sys.executable, "-I", "-m", "workflow_helper", "serve", self.recipe.name]
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
        for name in CACHES:
            if name != "virtualenv":
                (self.machine.home / ".cache" / name).unlink(missing_ok=True)


#: Folders below ``.cache`` with nothing in them but what was downloaded or unpacked.
CACHES = ("uv", "pip", "pdm", "pipenv", "pypoetry/cache", "pypoetry/artifacts", "virtualenv")


@cache
def caches() -> Path:
    """Return the folder in which the sites of this process share what tools download and unpack."""
    folder = Path(tempfile.mkdtemp(prefix="python-workflow-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def lock_of(tool: str, files: tuple[tuple[str, str], ...]) -> str:
    """Return the text of the lock that the tool writes for a project of these files: made once in a run of the tests."""
    kept = shared() / hashlib.sha256(repr((tool, files)).encode()).hexdigest()
    if not kept.exists():
        base = Path(tempfile.mkdtemp(dir=caches()))
        site = Site.at(base, tool, files=dict(files), lock=False)
        site.run(*site.recipe.lock)
        os.replace(site.root / site.recipe.lock_file, kept)
    return kept.read_text()


@cache
def index() -> str:
    """The package index that this machine uses, as pip finds it: Poetry's own default needs more of it than others do."""
    index_url = os.environ.get("PIP_INDEX_URL")
    if index_url:
        return index_url
    ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", ask], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
