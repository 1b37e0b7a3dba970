"""Every operation of every workflow, under every condition that a project can be in.

``npm test`` runs every tool under those conditions that :mod:`test_contract` has no test of, with one operation that changes
something each; ``npm run test:full`` runs every operation under every condition, with every Python (``--whole``).
"""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from support.files import break_venv, tree_of
from support.making import local
from support.recipes import LOCKING, RECIPES, Site
from support.tree import supported_pythons
from workflow_helper.errors import (
    EnvironmentNotFound,
    ExecutionFailed,
    LockOutdated,
    NameConflict,
    NetworkUnavailable,
    Protected,
    RequestFailed,
    ToolNotInstalled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from workflow_server.client import Session
    from workflow_server.in_process import Local
    from workflow_server.values import ServerEnvironment

FOLDERS = {
    "odd letters": "a b  [c] größe-数-🐍",
    "200 characters": "x" * 200,
    "odd letters, 200 of them": "a b  [c] größe-数-🐍".ljust(200, "x"),
}
CONDITIONS = (
    "nothing made",
    "good",
    "broken",
    "stale lock",
    "tool absent",
    "index unreachable",
    "odd letters",
    "200 characters",
    "read-only folder",
)
#: Those that ``npm test`` runs; the contract's tests are about the others, each with the operations that meet it.
ALWAYS = ("nothing made", "odd letters, 200 of them")
CHANGES = ("create", "sync", "sync frozen", "install", "delete")
#: Conditions in which there is no environment before it is created, and an operation on one finds none.
EMPTY = ("nothing made", *FOLDERS)
#: What a folder that cannot be written makes of a change; many tools keep environments elsewhere and are not hindered.
UNWRITABLE = (Protected, ExecutionFailed, LockOutdated)
#: By condition and change, the errors of which one is to come; what is not here succeeds.
ERRORS: dict[tuple[str, str], tuple[type[RequestFailed], ...]] = {
    ("good", "create"): (NameConflict,),
    ("broken", "create"): (NameConflict, Protected),
    ("broken", "sync"): (Protected,),
    ("broken", "sync frozen"): (Protected,),
    ("broken", "install"): (Protected,),
    ("stale lock", "create"): (NameConflict,),
    ("stale lock", "sync frozen"): (LockOutdated,),
    ("tool absent", "create"): (ToolNotInstalled,),
    ("tool absent", "sync"): (ToolNotInstalled,),
    ("tool absent", "sync frozen"): (ToolNotInstalled,),
    ("index unreachable", "create"): (NetworkUnavailable,),
    ("index unreachable", "install"): (NetworkUnavailable,),
}
#: Where either is right: a tool that finds all in its place need not reach the index, one that relocks has to.
EITHER: dict[tuple[str, str], tuple[type[RequestFailed], ...]] = {
    ("stale lock", "sync"): (LockOutdated,),
    ("tool absent", "install"): (ToolNotInstalled,),
    ("index unreachable", "sync"): (NetworkUnavailable,),
    ("index unreachable", "sync frozen"): (NetworkUnavailable,),
    **{("read-only folder", change): UNWRITABLE for change in CHANGES},
}


class Case(NamedTuple):
    """One cell of the table."""

    tool: str
    condition: str
    change: str
    python: str


def cases(*, whole: bool) -> Iterator[Case]:
    """Every cell, or enough of them that every tool meets each condition of its own."""
    tools = list(RECIPES)
    pythons = list({os.path.basename(path): path for path in supported_pythons()}.values())
    conditions = CONDITIONS if whole else ALWAYS
    for (row, tool), (column, condition) in product(enumerate(tools), enumerate(conditions)):
        if condition == "stale lock" and tool not in LOCKING:
            continue
        if condition == "tool absent" and tool == "venv":
            continue  # it needs none
        if whole:
            yield from (Case(tool, condition, *rest) for rest in product(CHANGES, pythons))
        else:
            change, python = row + column, row + 2 * column
            yield Case(
                tool, condition, CHANGES[change % len(CHANGES)], pythons[python % len(pythons)]
            )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The cells that are asked for."""
    whole = bool(metafunc.config.getoption("--whole"))
    metafunc.parametrize("case", [*cases(whole=whole)], ids=case_name)


def test_operations(case: Case, tmp_path: Path) -> None:
    """Questions change nothing, a change does what is wanted or tells why not, and nothing half-made is left."""
    site = Site.at(
        tmp_path, case.tool, folder=FOLDERS.get(case.condition, "project"), pythons=[case.python]
    )
    bring_about(case, site)
    with site.serving(read_only=case.condition == "read-only folder") as session:
        ask_everything(case, site, session)
        before = {one.prefix: one.status.state for one in session.environments()}
        error = None
        try:
            change(case, site, session)
        except RequestFailed as raised:
            error = raised
        expected(case, session, error)
        for found in session.environments():
            if found.status.state == "ok" and before.get(found.prefix) != "ok":
                assert error is None, f"{found.prefix} reports itself whole after {error}"
                packages = session.get(found.id).installed_packages or ()
                assert site.recipe.package in {one.name for one in packages}


def case_name(case: Case) -> str:
    """The case's name."""
    return f"{case.tool}, {case.condition}, {case.change}, {os.path.basename(case.python)}"


def bring_about(case: Case, site: Site) -> None:
    """The condition that the operation meets."""
    creating = case.change == "create"
    if case.condition in EMPTY or (
        creating and case.condition in ("tool absent", "index unreachable", "read-only folder")
    ):
        pass
    else:
        made = make(case, site, local(site))
        if case.condition == "broken":
            assert made.prefix is not None
            break_venv(site.machine.workspace / made.prefix)
        elif case.condition == "stale lock":
            site.make_stale()
    if case.condition == "tool absent":
        site.take(case.tool)
    elif case.condition == "index unreachable":
        site.lose_the_index()


def make(case: Case, site: Site, session: Session | Local) -> ServerEnvironment:
    """Make the project's environment, which is in sync then."""
    python = None if case.tool in ("tox", "nox") else case.python
    made = session.create(site.name, python=python)
    assert made.status.state == "ok"
    if python is not None:
        version = os.path.basename(python).removeprefix("python")
        assert made.python_version.startswith(f"{version}.")
    if "environment.sync" in session.capabilities:
        assert session.check(made.id).in_sync
    return made


def change(case: Case, site: Site, session: Session) -> None:
    """What the case does."""
    if case.change == "create":
        make(case, site, session)
        return
    if case.condition in FOLDERS:
        make(case, site, session)
    known = session.environments()
    identity = known[0].id if known else "nothing"
    if case.change == "delete":
        session.delete(identity)
        assert identity not in {one.id for one in session.environments()}
    elif case.change == "install" and "environment.packages" in session.capabilities:
        done = session.install(identity, ["colorama"])
        assert "colorama" in {one.name for one in done.installed}
    elif case.change.startswith("sync") and "environment.sync" in session.capabilities:
        done = session.sync(identity, frozen=case.change == "sync frozen")
        assert case.condition == "stale lock" or not done.changed
        assert session.check(identity).in_sync


def expected(case: Case, session: Session, error: RequestFailed | None) -> None:
    """The error is the one that the condition calls for, and says what to do."""
    offered = {
        "create": "environment.details",
        "delete": "environment.details",
        "install": "environment.packages",
    }.get(case.change, "environment.sync")
    cell = (case.condition, case.change)
    if offered not in session.capabilities:
        assert error is None
    elif cell in ERRORS:
        assert isinstance(error, ERRORS[cell]), error
    elif case.condition == "nothing made" and case.change != "create":
        assert isinstance(error, EnvironmentNotFound)
    elif error is not None:
        lockless = (
            (LockOutdated,) if case.tool not in LOCKING and case.change == "sync frozen" else ()
        )
        assert isinstance(error, (*EITHER.get(cell, ()), *lockless)), error
    if error is not None and not isinstance(error, EnvironmentNotFound):
        assert error.data.get("hint") or error.hint, error


def ask_everything(case: Case, site: Site, session: Session) -> None:
    """Every question is answered or refused with a reason, and none of them changes a file of the project."""
    before = tree_of(site.root)
    absent = (ToolNotInstalled,) if case.condition == "tool absent" else ()
    for one in session.environments():
        assert one.prefix is not None
        if one.status.state == "ok":
            assert session.get(one.id).interpreter_path
            assert session.command(one.id, ["python", "-V"]).cwd == str(site.root)
        if "environment.sync" in session.capabilities:
            try:
                found = session.check(one.id)
            except absent:
                continue
            good = case.condition in (
                "good",
                "tool absent",
                "index unreachable",
                "read-only folder",
            )
            assert found.in_sync == good, found.message
            assert bool(found.message) != good
    if "task" in session.capabilities:
        try:
            names = [one.name for one in session.tasks()]
            assert len(names) == len(set(names))
        except absent:
            pass
    assert session.pythons()
    assert tree_of(site.root) == before
