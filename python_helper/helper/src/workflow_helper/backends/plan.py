"""The plan of a sync that uv or pip carries out: a dry run, which resolves against the index and changes nothing.

Only requirements with a name are resolved. To learn the requirements of a folder, it would have to be built, and build
backends leave files in it. If the plan depends on that, it is unknown.
"""

from __future__ import annotations

import json
import os

from workflow_server.values import Package, Plan

from workflow_helper.backends.context import QUERY_TIMEOUT
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools.files import at, table_at
from workflow_helper.errors import RequestFailed, UnusableFile
from workflow_helper.install.declared import PYPROJECT
from workflow_helper.install.installed_state import InstalledPackages, own_project_differences
from workflow_helper.install.installer import Installer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from packaging.requirements import Requirement

    from workflow_helper.backends import fill
    from workflow_helper.backends.context import BackendContext

_BY_UV = ("--dry-run", "--output-format", "json")
_BY_PIP = ("--dry-run", "--quiet", "--report", "-")


def planned(context: BackendContext, target: fill.Target, what: fill.InstallPlan) -> Plan | None:
    """Return what the plan ``what``, which follows no lock, would install and remove; ``None`` if that is unknown.

    Raises:
        Cancelled: the request was cancelled.
    """
    installed = InstalledPackages(target.prefix, target.variables, context.host, context.disk)
    try:
        words = _words(context, what)
        own_project = [*_own_project(context, what, installed)]
    except (_UntoldError, UnusableFile):
        return None
    found = [] if words is None else _dry_run(context, target, words)
    if found is None:
        return None
    install = tuple(sorted({*own_project, *found}))
    names = [normalized(one.name) for one in install]
    remove = [Package(name, version) for name in names if (version := installed.version(name))]
    return Plan(install, tuple(sorted(remove)))


class _UntoldError(Exception):
    """A dry run would not show everything."""


def _words(context: BackendContext, what: fill.InstallPlan) -> tuple[str, ...] | None:
    """Return the arguments of a dry run; ``None`` where there is nothing to resolve."""
    from workflow_helper.install import requirements as files

    declared = what.declared
    document = context.disk.toml(os.path.join(context.root, PYPROJECT)) or {}
    project = table_at(document, "project")
    dynamic = at(project, "dynamic")
    is_static = project and "dependencies" not in (dynamic if isinstance(dynamic, list) else ())
    if declared.own_project is not None and not is_static:
        raise _UntoldError
    if table_at(document, "tool", "uv", "sources") or what.unusable is not None:
        raise _UntoldError
    lines = [one for file in declared.files for one in files.read(file, context.root, context.disk)]
    if any(isinstance(one, (str, files.LocalFolder, files.Unread)) for one in lines):
        raise _UntoldError
    named: Iterable[Requirement] = (*declared.own, *declared.requirements)
    if any(one.url is not None for one in named):
        raise _UntoldError
    return declared._replace(own_project=None).words or None


def _own_project(
    context: BackendContext, what: fill.InstallPlan, installed: InstalledPackages
) -> Iterator[Package]:
    own_project = what.declared.own_project
    if own_project is None:
        return
    name = own_project.name or installed.editable_from(context.root)
    if any(own_project_differences(own_project, name, context.root, installed)):
        if name is None or own_project.version is None:
            raise _UntoldError
        yield Package(name, own_project.version)


def _dry_run(
    context: BackendContext, target: fill.Target, words: tuple[str, ...]
) -> list[Package] | None:
    installer = Installer.of(context.host, (context.root, *context.outside))
    how = _BY_PIP if installer.uv is None else _BY_UV
    try:
        call = installer.install(target.prefix, target.python, (*how, *words))
        done = context.run(
            f"planning {target.prefix}",
            call.argv[1:],
            program=call.argv[0],
            environ=call.environ,
            timeout=QUERY_TIMEOUT,
            on_line=lambda _: None,
        )
        report = json.loads(done.stdout)
        return [*(_of_pip(report) if installer.uv is None else _of_uv(report))]
    except (RequestFailed, ValueError, RecursionError, KeyError, TypeError):
        return None


def _of_pip(report: dict[str, Any]) -> Iterator[Package]:
    for one in report["install"]:
        about = one["metadata"]
        yield Package(normalized(about["name"]), about["version"])


def _of_uv(report: dict[str, Any]) -> Iterator[Package]:
    for one in report["changes"]:
        if one["action"] != "uninstalled":
            yield Package(normalized(one["name"]), one["version"])
