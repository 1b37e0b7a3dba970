"""An environment that is as asked for, put together of what a server offers besides."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from workflow_helper.backends.ensure import EnsureContext, ensure
from workflow_helper.errors import Cancelled, InvalidParams, Locked, NameConflict, Protected
from workflow_helper.install.claim import claimed
from workflow_server import (
    Changes,
    EnsureParams,
    Environment,
    InSync,
    Package,
    Plan,
    Server,
    Status,
)
from workflow_server.in_process import Local

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_server import CreateParams, PackagesParams, SyncParams

#: The one that there is, out of sync with its project or not.
IN_STEP = InSync(in_sync=True, message="")
MORE = InSync(False, "six 1 is not locked", Plan((), (Package("six", "1"),)))  # noqa: FBT003
LESS = InSync(False, "six 2 is locked", Plan((Package("six", "2"),), ()))  # noqa: FBT003
UNTOLD = InSync(in_sync=False, message="who knows")


class Workflow:
    """A server that keeps environments in memory, and writes down what it was told to change."""

    def __init__(self, machine: Machine, *, syncs: bool = True, installs: bool = True) -> None:
        self.machine = machine
        self.known: dict[str, Environment] = {}
        self.step = IN_STEP
        self.done: list[str] = []
        #: What is raised by a sync, or by making something, instead of doing it.
        self.syncing: Exception | None = None
        self.making: Exception | None = None
        #: Set when something was made.
        self.stopping: threading.Event | None = None
        server = self.server = Server("w", default=True)
        server.list_environments(lambda: [*self.known.values()])
        server.get_environment(lambda params: self.known[params.id])
        server.create_environment(self.create)
        if syncs:
            server.sync(self.sync)
            server.check(lambda: self.step)
        if installs:
            server.packages(list)
            server.install(self.install)
            server.uninstall(lambda: Changes(changed=False, installed=(), removed=()))

    def there(self, name: str = "default", **more: Any) -> None:
        """Have an environment."""
        prefix = str(self.machine.workspace / name)
        python = f"{prefix}/bin/python"
        made = Environment(name, name, "3.12.4", python, (), prefix=prefix, kind="venv", **more)
        self.known[name] = made

    def create(self, params: CreateParams) -> Environment:
        """Make one."""
        if self.making is not None:
            raise self.making
        self.done.append(f"create {params.name} {params.python_version}")
        if self.stopping is not None:
            self.stopping.set()
        self.there(params.name)
        return self.known[params.name]

    def sync(self, params: SyncParams) -> Changes:
        """Bring one into step."""
        if self.syncing is not None:
            raise self.syncing
        self.done.append(f"sync {params.id} {params.package}")
        return Changes(changed=True, installed=(), removed=())

    def install(self, params: PackagesParams) -> Changes:
        """Have one hold packages."""
        self.done.append(f"install {' '.join(params.packages)}")
        for package in params.packages:
            self.holds(params.id, package.partition(">")[0], "2")
        return Changes(changed=True, installed=(), removed=())

    def holds(self, name: str, package: str, version: str) -> None:
        """Have an environment hold a package."""
        folder = self.machine.workspace / name / "lib/python3.12/site-packages"
        about = f"Name: {package}\nVersion: {version}\n"
        write(folder / f"{package}-{version}.dist-info" / "METADATA", about)

    def ensured(self, *, cancelled: threading.Event | None = None, **wanted: Any) -> Environment:
        """Ask for one."""
        calls = Local(self.server, str(self.machine.workspace), trusted=True)

        def create(request: EnsureParams, _context: EnsureContext) -> Environment:
            return calls.create(request.name or "default", request.python)

        context = EnsureContext(calls, self.machine.host, create, "default", cancelled)
        return ensure(EnsureParams(**wanted), context)


@pytest.fixture
def workflow(machine: Machine) -> Workflow:
    """A server that can do everything, with an environment."""
    made = Workflow(machine)
    made.there(default=True)
    return made


@pytest.mark.needs("POSIX")
def test_what_is_there_is_made_once(machine: Machine) -> None:
    """The first request makes an environment and installs into it; the second finds all of it, and changes nothing."""
    workflow = Workflow(machine)
    for _ in range(2):
        found = workflow.ensured(python="3.12", packages=("pytest>=2",))
        assert (found.id, found.python_version) == ("default", "3.12.4")
    assert workflow.done == ["create default 3.12", "install pytest>=2"]


@pytest.mark.parametrize(
    ("step", "done"),
    [
        (IN_STEP, []),
        (MORE, []),
        (LESS, ["sync default web"]),
        (UNTOLD, ["sync default web"]),
        (InSync(in_sync=None, message="nobody knows"), ["sync default web"]),
    ],
)
def test_what_lacks_something_is_synced(workflow: Workflow, step: InSync, done: list[str]) -> None:
    """What is merely more than the project asks for is no reason to, and stays."""
    workflow.step = step
    workflow.ensured(package="web")
    assert workflow.done == done


@pytest.mark.needs("POSIX")
def test_packages_that_are_lacking_are_installed(workflow: Workflow) -> None:
    """One that is there in another version is; one that fits, or is for another system, is not."""
    workflow.holds("default", "six", "1")
    workflow.holds("default", "attrs", "1")
    workflow.ensured(packages=("six>=2", "attrs<2", "colorama; sys_platform == 'nowhere'"))
    assert workflow.done == ["install six>=2"]


@pytest.mark.parametrize("spec", ["3.12", "3.12.4", ">=3.10", "cpython3.12"])
def test_the_python_that_is_asked_for_may_be_told_in_several_ways(
    workflow: Workflow, spec: str
) -> None:
    """A version, a part of one, a range, and an implementation."""
    assert workflow.ensured(python=spec).id == "default"


@pytest.mark.parametrize("spec", ["3.13", "3.12.5", "<3.12", "pypy3.12"])
def test_an_environment_of_another_python_stays(workflow: Workflow, spec: str) -> None:
    """It is named with what it has, and nothing is changed."""
    with pytest.raises(Protected, match=r"default has Python 3\.12\.4, not "):
        workflow.ensured(python=spec, packages=("six",))
    assert workflow.done == []


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"python": "any"}, "python"),
        ({"packages": ("six", "--pre")}, r"packages\[1\]"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    machine: Machine, params: dict[str, Any], path: str
) -> None:
    """The member that is wrong is named."""
    workflow = Workflow(machine)
    with pytest.raises(InvalidParams, match=path):
        workflow.ensured(**params)
    assert workflow.done == []


def test_what_a_server_does_not_do_is_refused_before_anything_is_made(machine: Machine) -> None:
    """Packages by one that installs none, and groups of an environment that is there by one that syncs none."""
    workflow = Workflow(machine, syncs=False, installs=False)
    with pytest.raises(InvalidParams, match="packages: "):
        workflow.ensured(packages=("six",))
    workflow.there(default=True)
    with pytest.raises(InvalidParams, match="groups: default already exists"):
        workflow.ensured(groups=("docs",))
    assert workflow.ensured().id == "default"
    assert workflow.done == []


def test_the_environment_that_is_meant(workflow: Workflow) -> None:
    """That of a name or an id, that in a folder, else the default; a name that none has is made."""
    workflow.there("docs")
    assert workflow.ensured(name="docs").id == "docs"
    assert workflow.ensured(path=f"{workflow.machine.workspace}/docs").id == "docs"
    assert workflow.ensured(name=".").id == workflow.ensured().id == "default"
    assert workflow.ensured(name="new", python="3.12").id == "new"
    assert workflow.done == ["create new 3.12"]


def test_a_broken_environment_is_mended_where_a_sync_does(workflow: Workflow) -> None:
    """It is broken because a change of it was cut short."""
    workflow.there(default=True, status=Status("broken", "its packages were being changed"))
    workflow.ensured()
    assert workflow.done == ["sync default None"]


def test_a_broken_environment_is_made_where_its_maker_was_killed(workflow: Workflow) -> None:
    """What a sync refuses, and making does not, was never whole."""
    workflow.there(default=True, status=Status("broken", "it is unfinished"))
    workflow.syncing = Protected("it is unfinished")
    assert workflow.ensured().status.state == "ok"
    assert workflow.done == ["create default None"]


def test_a_broken_environment_stays_otherwise(workflow: Workflow) -> None:
    """The reason is told, and what to do."""
    workflow.there(default=True, status=Status("broken", "its interpreter is gone"))
    workflow.syncing = Protected("its interpreter is gone", "Delete it.")
    workflow.making = NameConflict("it exists")
    with pytest.raises(Protected, match="its interpreter is gone"):
        workflow.ensured()
    assert workflow.done == []


def test_a_broken_environment_that_a_tool_still_fills_is_waited_for(workflow: Workflow) -> None:
    """Where its maker was killed and the tool that it started goes on, nobody is told to delete it."""
    workflow.there(default=True, status=Status("broken", "it is still being created"))
    workflow.syncing = Protected("it is still being created", "Delete it.")
    workflow.making = NameConflict("it exists")
    prefix = str(workflow.machine.workspace / "default")
    with claimed(prefix, workflow.machine.host), pytest.raises(Locked) as caught:
        workflow.ensured()
    assert (str(caught.value), caught.value.hint) == (
        "it is still being created",
        "Try again when that is done.",
    )
    assert workflow.done == []


def test_a_python_of_the_machine_is_no_environment_of_a_project(workflow: Workflow) -> None:
    """Nothing is installed into it."""
    workflow.known["default"] = workflow.known["default"]._replace(kind="system")
    with pytest.raises(Protected, match="a Python of the machine"):
        workflow.ensured(packages=("six",))
    assert workflow.done == []


def test_nothing_more_is_begun_once_it_is_cancelled(machine: Machine) -> None:
    """What is made by then is whole, and the next request goes on from there."""
    workflow, cancelled = Workflow(machine), threading.Event()
    workflow.stopping = cancelled
    with pytest.raises(Cancelled):
        workflow.ensured(python="3.12", packages=("six",), cancelled=cancelled)
    assert workflow.done == ["create default 3.12"]
    workflow.ensured(packages=("six",))
    assert workflow.done == ["create default 3.12", "install six"]


@pytest.mark.needs("POSIX")
def test_an_environment_that_no_server_tells_more_of(machine: Machine) -> None:
    """Without ``environment/get`` what was listed is the answer."""
    workflow = Workflow(machine)
    workflow.there(default=True)
    del workflow.server.handlers["environment/get"]
    assert workflow.ensured().interpreter_path == f"{machine.workspace}/default/bin/python"
