"""Get the answer of ``wsp`` for a folder, if it may differ from the nearest ``.venv``.

Resolving takes as long as everything else that ``py`` does. So it is skipped in folders where it cannot differ: those
with only a ``.venv``, and those without a project.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.state import choices

from python_launcher.errors import BrokenEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Environment, Host, Workflow
else:
    from workflow_server.namedtuple import NamedTuple

#: The rules for explicit choices: a chosen workflow, a selection, the governing workflow.
_MEANT = ("E0", "E1", "E3")
#: The file that says it, of the user and of a project.
_SAYING = "pyworkflow.toml"
_PROJECT = "pyproject.toml"
#: The names that make a folder a project root, as :mod:`workflow_helper.discovery.roots` has them: loading every tool's module for
#: them would take a quarter of the time that ``py`` takes.
MARKS = frozenset(
    (
        ".python-envs",
        ".python-version",
        "Pipfile",
        "Pipfile.lock",
        "conda.yaml",
        "conda.yml",
        "environment.yaml",
        "environment.yml",
        "hatch.toml",
        "manage.py",
        "noxfile.py",
        "pdm.lock",
        "pixi.lock",
        "pixi.toml",
        "poetry.lock",
        "poetry.toml",
        "pyproject.toml",
        "pyworkflow.toml",
        "requirements.txt",
        "setup.cfg",
        "setup.py",
        "tox.ini",
        "tox.toml",
        "uv.lock",
        "uv.toml",
    )
)


class FolderEnvironment(NamedTuple):
    """The environment that ``wsp`` uses for a folder."""

    #: The interpreter; ``None`` where the folder has no environment on this machine.
    python: str | None
    #: The reason, in one sentence.
    why: str
    #: The user said that environments do not count here.
    declined: bool
    #: Why the selection or the workflow is not used, in one sentence; ``None`` if it is.
    trouble: str | None


def may_be_chosen(folder: str, host: Host, disk: Disk) -> bool:
    """Return whether a selection or an explicitly chosen workflow may take precedence over a ``.venv`` of the folder."""
    if host.environ.get("PYTHON_WORKFLOW") or disk.is_present(os.path.join(host.config, _SAYING)):
        return True
    try:
        if choices.chosen(folder, host, disk) != choices.Chosen():
            return True
    except UnusableFile:
        return True  # resolving reports what is wrong with it
    project = os.path.join(folder, _PROJECT)
    return disk.is_present(os.path.join(folder, _SAYING)) or (
        disk.is_file(project) and disk.mentions(project, b"workflow")
    )


def may_have_one(folder: str, disk: Disk, *, is_start: bool) -> bool:
    """Return whether the folder may have an environment other than ``.venv``.

    A single one counts only in the folder where the search starts (``is_start``).
    """
    names = disk.names(folder)
    if not MARKS.isdisjoint(names):
        return True
    return is_start and any(
        disk.is_present(os.path.join(folder, name, "pyvenv.cfg")) for name in names
    )


def follow(cwd: str, host: Host, disk: Disk) -> FolderEnvironment:
    """Return the answer of ``wsp env default`` in ``cwd``; the cached answer of a server is used.

    Raises:
        BrokenEnvironment: ``.python-envs`` names an unusable environment.
    """
    from workflow_helper.model import Question
    from workflow_helper.resolver.resolve import resolve
    from workflow_helper.state import answers

    def ask(workflow: Workflow, root: str, trusted: bool) -> tuple[Environment, ...] | None:  # noqa: FBT001 - an Ask
        if answers.recall(answers.Query(workflow, root, trusted), host, disk) is not None:
            return None
        from workflow_helper.servers.manager import Servers

        with Servers(host, lambda: disk, by_consent=True) as servers:
            return servers.environments(workflow, root, trusted=trusted)

    found = resolve(Question(cwd), host, disk, ask=ask)
    if found.unusable is not None:
        raise BrokenEnvironment(found.unusable, "A version, as in 'py -3', skips environments.")
    environment = found.environment
    is_here = environment is not None and environment.kind != "remote"
    meant = [step for step in found.trail if step.rule in _MEANT and step.outcome != "passed"]
    return FolderEnvironment(
        environment.interpreter_path if environment is not None and is_here else None,
        found.summary,
        found.declined,
        next((step.detail for step in meant if step.outcome == "failed"), None),
    )
