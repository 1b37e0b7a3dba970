"""Find out which environment a folder uses, and why: the entry point for the whole product."""

from __future__ import annotations

from workflow_helper.discovery import roots
from workflow_helper.discovery.environments.locate import View
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.model import SOURCES
from workflow_helper.resolver.environment_rules import EnvironmentSearch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host, Question, Resolution
    from workflow_helper.resolver.environment_rules import Ask


def resolve(
    question: Question, host: Host, disk: Disk, *, whole: bool = False, ask: Ask | None = None
) -> Resolution:
    """Return the default environment of ``question.folder``. Raises nothing of its own.

    Only files are read, and only ``ask``, which queries a workflow's server, may start a process.

    It is called at most once, only for a workflow that may be started, and never for a static question. With ``whole``,
    every W rule is tried, and files are checked that the answer does not need, as for ``explain``. Without it, only the
    files that the answer needs are read.
    """
    return EnvironmentSearch(question, host, disk, ask).run(whole=whole)


def environments(
    question: Question, host: Host, disk: Disk, *, ask: Ask | None = None
) -> tuple[Resolution, tuple[Environment, ...]]:
    """Return all environments of ``question.folder``, each once: the default first, then by source, then by name.

    Broken and unsupported ones are included, with their reasons.
    """
    search = EnvironmentSearch(question, host, disk, ask)
    resolution = search.run(whole=True)
    found: dict[str, Environment] = {}
    for environment in search.listed(resolution):
        # Two names of one place are one environment; an address is no place here.
        here = environment.interpreter_path if environment.kind == "system" else environment.prefix
        elsewhere = environment.kind == "remote" or is_remote(here or "")
        place = (here or "") if elsewhere else real_path(here or "")
        # One without a place, which its workflow does not tell or cannot, is another one than the next.
        found.setdefault(place if here else f"\0{environment.id}", environment)
    order = {source: rank for rank, source in enumerate(SOURCES)}
    ordered = sorted(found.values(), key=lambda one: (not one.default, order[one.source], one.name))
    return resolution, tuple(ordered)


def look(path: str, question: Question, host: Host, disk: Disk) -> Environment:
    """Return the environment at ``path``, its folder or its interpreter, seen from ``question.folder``.

    The path of a virtual environment's interpreter means the environment.
    """
    root = roots.of(question, host, disk).root
    return View(root, host, disk).at(path, "selected")
