"""A project of pdm, and what is asked about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from support.files import write
from support.making import local

if TYPE_CHECKING:
    from workflow_server.in_process import Local
    from workflow_server.values import ServerEnvironment

    from support.recipes import Site


THIS = "{}.{}".format(*sys.version_info[:2])
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
docs = ["colorama"]

[tool.pdm]
distribution = false

[tool.pdm.scripts]
hello = "python -V"
"""
#: What tells that the project's own scripts ran.
HOOK = '\n[tool.pdm.scripts.pre_invoke]\nshell = "touch hooked"\n'


def replace(site: Site, before: str, after: str) -> None:
    """Change what the project declares."""
    path = site.root / "pyproject.toml"
    text = path.read_text()
    assert before in text
    write(path, text.replace(before, after))


def names(session: Local, identity: str = ".venv") -> set[str]:
    """What is installed."""
    return {one.name for one in session.packages(identity)}


def selected(site: Site) -> str:
    """The interpreter that pdm remembers."""
    return (site.root / ".pdm-python").read_text()


def default(site: Site) -> ServerEnvironment:
    """The default environment."""
    (one,) = (each for each in local(site).environments() if each.default)
    return one


def pdms_own(site: Site) -> str:
    """The environment in which pdm itself runs things."""
    return site.run("run", "python", "-c", "import sys; print(sys.prefix)").strip()
