"""The folders that are asked about."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from setting import Setting

#: As long and as various as such files are: with what builds, checks and tests a project of some years.
PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "parcels"
version = "4.2.0"
description = "Tracks parcels, \\"as they go\\"."
readme = "README.md"
requires-python = ">=3.10"
authors = [{ name = "A. Person", email = "a.person@example.com" }]
keywords = ["parcels", "tracking"]
classifiers = [
  "Development Status :: 5 - Production/Stable",
  "Programming Language :: Python :: 3", # any of them
  "Typing :: Typed",
]
dependencies = [
  "httpx>=0.28,<1",
  "pydantic>=2.11",
  'tomli>=2; python_version < "3.11"',
  "typer",
]

[project.urls]
Documentation = "https://parcels.example.com/docs#start"
Source = "https://parcels.example.com"

[project.optional-dependencies]
maps = ["shapely~=2.1"]

[project.scripts]
parcels = "parcels.__main__:main"

[dependency-groups]
dev = ["mypy", "pytest>=8", "ruff", { include-group = "docs" }]
docs = ["mkdocs-material"]

[tool.hatch.build.targets.wheel]
packages = ["src/parcels"]

[tool.pytest.ini_options]
minversion = "8.0"
addopts = ["--import-mode=importlib", "-ra", "--strict-markers"]
testpaths = ["tests"]
timeout = 60.5

[tool.coverage.run]
branch = true
source_pkgs = ["parcels"]

[tool.ruff]
line-length = 100
target-version = "py310"

[tool.ruff.lint]
select = ["ALL"]
ignore = [
  "COM812", # the formatter sees to it
  "D203",
  "D213",
]

[tool.ruff.lint.per-file-ignores]
"tests/**" = ["D", "S101"]
"docs/conf.py" = ["INP001"]

[tool.mypy]
strict = true
files = ["src", "tests"]

[[tool.mypy.overrides]]
module = ["shapely.*"]
ignore_missing_imports = true
"""

DECLARATION = '\n[workflow]\nwsp = "venv"\n'


class Projects:
    """One project of each kind, with a real environment; the names are those of its place's reason."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        top = setting.folder / "projects"
        self.dot_venv = self._project(top / "dot-venv", PYPROJECT)
        self.declared = self._project(top / "declared", PYPROJECT + DECLARATION)
        self.locked = self._project(top / "locked", PYPROJECT)
        (self.locked / "uv.lock").write_text("version = 1\nrevision = 3\n" + _lock())
        self.listed = top / "listed"
        self._environment(self.listed / "environments" / "py")
        (self.listed / ".python-envs").write_text("environments/py\n")

    def _project(self, folder: Path, pyproject: str) -> Path:
        self._environment(folder / ".venv")
        (folder / "pyproject.toml").write_text(pyproject)
        return folder

    def _environment(self, prefix: Path) -> None:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [self._setting.python, "-I", "-m", "venv", "--without-pip", prefix],
            env=self._setting.environ,
            check=True,
        )


def nested(top: Path, python: str, count: int) -> list[Path]:
    """A tree of ``count`` projects, up to ten in each other, two of three with a ``.venv`` of their own.

    The rest use the ``.venv`` of the project around them. The environments are drawn, not made: all that is read of
    one is there.
    """
    found = []
    for number in range(count):
        folder = top.joinpath(*(f"part{digit}" for digit in str(number) if number))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").write_text(PYPROJECT)
        if number % 3 != 2:
            drawn_environment(folder / ".venv", python)
        found.append(folder)
    return found


def drawn_environment(prefix: Path, python: str) -> None:
    """All that is read of an environment of ``python``, which is not made."""
    (prefix / "bin").mkdir(parents=True)
    home = python.rpartition("/")[0]
    (prefix / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.13.0\n")
    (prefix / "bin" / "python").symlink_to(python)


def _lock() -> str:
    return "".join(
        f'\n[[package]]\nname = "part{number}"\nversion = "1.{number}"\n' for number in range(100)
    )
