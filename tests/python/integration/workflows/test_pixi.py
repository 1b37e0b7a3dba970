"""The workflow ``pixi`` against a stand-in that says what pixi is recorded to say."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.launching import serving
from support.servers import until
from support.stand_ins import created_by_two, local, put_on_path
from workflow_helper.errors import (
    AlreadyExists,
    Cancelled,
    InvalidParams,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    ToolNotInstalled,
    UnusableFile,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

FILE = """\
[workspace]
name = "demo"
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = "3.12.4"
numpy = "2.1"
[feature.docs.dependencies]
sphinx = "9.0"
[environments]
docs = ["docs"]
[tasks]
hello = "echo hello"
_hidden = "true"
[feature.docs.tasks]
build = "echo in $PIXI_ENVIRONMENT_NAME"
[target.win-64.tasks]
windows = "dir"
"""


@pytest.fixture
def site(machine: Machine) -> Machine:
    """A machine with pixi, and a project of it."""
    put_on_path(machine, "pixi")
    write(machine.workspace / "pixi.toml", FILE)
    return machine


def prefix(machine: Machine, name: str = "default") -> Path:
    """Where pixi keeps an environment."""
    return machine.workspace / ".pixi" / "envs" / name


def change(machine: Machine, before: str, after: str) -> None:
    """Change what the project declares."""
    assert before in FILE
    write(machine.workspace / "pixi.toml", FILE.replace(before, after))


def test_every_operation(site: Machine) -> None:
    """Declared environments are made, kept in sync, run in, and cleared, by a server of its own."""
    messages: list[str] = []
    with serving(site, "pixi") as session:
        assert session.environments() == ()
        one = session.create(
            "default", progress=lambda difference: messages.append(difference.message)
        )
        assert (one.prefix, one.kind, one.default) == (str(prefix(site)), "conda", True)
        assert (one.python_version, one.managed_by) == ("3.12.4", "pixi")
        docs = session.create("docs")
        assert (docs.prefix, docs.default) == (str(prefix(site, "docs")), False)
        assert {package.name for package in docs.installed_packages or ()} == {"numpy", "sphinx"}
        assert session.check(one.id).in_sync
        assert not session.sync(one.id, frozen=True).changed
        change(site, "2.1", "2.2")
        assert {tuple(package) for package in session.sync(one.id).installed} == {("numpy", "2.2")}
        ran = session.execute(one.id, ["sh", "-c", "echo $CONDA_PREFIX"])
        assert ran.stdout.strip() == one.prefix
        assert "environment.packages" not in session.capabilities
        session.delete(docs.id)
        assert [left.id for left in session.environments()] == [one.id]
    assert "✔ The default environment has been installed." in messages


def test_tasks(site: Machine) -> None:
    """Tasks are read from the manifest, trusted or not, and run in an environment that has them."""
    for trusted in (True, False):
        tasks = local(site, "pixi", trusted=trusted).tasks()
        assert [task.name for task in tasks] == ["build", "hello"]
    session = local(site, "pixi")
    command = session.task_command("build", ["more"])
    assert command.argv[1:] == (
        "run",
        "--manifest-path",
        str(site.workspace / "pixi.toml"),
        "--environment",
        "docs",
        "build",
        "more",
    )
    session.create("docs")
    ran = session.execute(session.environments()[0].id, list(command.argv))
    assert ran.stdout.strip() == "in docs more"
    for name in ("windows", "nonesuch"):
        with pytest.raises(InvalidParams, match="declares no task"):
            session.task_command(name)


def test_tasks_in_every_spelling(site: Machine) -> None:
    """A task's description and environment are its own word; features count where an environment has them."""
    write(
        site.workspace / "pixi.toml",
        '[environments]\nlint = { features = ["lint"], no-default-feature = true }\ndefault = ["dev"]\n'
        '[tasks]\na = { cmd = "x", description = "Does a", default-environment = "lint" }\nb = ["a"]\n'
        '[feature.lint.tasks]\nc.cmd = "x"\n[feature.dev.target.unix.tasks]\nd = "x"\n'
        '[feature.unused.tasks]\ne = "x"\n',
    )
    session = local(site, "pixi")
    assert [tuple(task) for task in session.tasks()] == [
        ("a", "Does a"),
        ("b", ""),
        ("c", ""),
        ("d", ""),
    ]
    chosen = {task.name: session.task_command(task.name).argv[5] for task in session.tasks()}
    assert chosen == {"a": "lint", "b": "default", "c": "lint", "d": "default"}


def test_manifest_in_pyproject(site: Machine) -> None:
    """The manifest may stand in pyproject.toml."""
    (site.workspace / "pixi.toml").unlink()
    text = '[tool.pixi.tasks]\nhello = "x"\n'
    write(site.workspace / "pyproject.toml", text)
    command = local(site, "pixi").task_command("hello")
    assert str(site.workspace / "pyproject.toml") in command.argv


def test_project_that_is_not_pixis(site: Machine) -> None:
    """Without a manifest of the folder's own pixi is not started, which would look above."""
    inside = site.workspace / "inside"
    write(inside / "pyproject.toml", "[project]\n")
    with pytest.raises(Protected, match="not a pixi project"):
        local(site._replace(workspace=inside), "pixi").create("default")
    assert local(site._replace(workspace=inside), "pixi").tasks() == ()
    write(site.workspace / "pixi.toml", "[tasks\n")
    with pytest.raises(UnusableFile, match=r"pixi\.toml"):
        local(site, "pixi").tasks()


def test_check_tells_what_is_out_of_sync(site: Machine) -> None:
    """One sentence names what differs from the lock, and nothing is written to find out."""
    session = local(site, "pixi")
    one = session.create("default")
    meta = prefix(site) / "conda-meta"

    def difference() -> str:
        before = tree_of(site.workspace)
        message = session.check(one.id).message
        assert tree_of(site.workspace) == before
        return message

    assert difference() == ""
    with pytest.raises(Protected, match="not trusted"):
        local(site, "pixi", trusted=False).check(one.id)
    write(meta / "zlib-1.3-0.json", "{}")
    locked = meta / "numpy-2.1-0.json"
    other = locked.rename(meta / "numpy-2.0-0.json")
    assert (
        difference()
        == "numpy 2.1 is locked, but 2.0 is installed, and zlib 1.3 is not in pixi.lock"
    )
    (meta / "zlib-1.3-0.json").unlink()
    other = other.rename(meta / "numpy-2.1-py312_1.json")
    assert difference() == "another build of numpy 2.1 is locked"
    other.unlink()
    assert difference() == "numpy 2.1 is not installed"


@pytest.mark.parametrize("lock", ["stale", "missing"])
def test_lock_that_is_not_fresh(site: Machine, lock: str) -> None:
    """A stale or missing lock is told with the command that mends it, and neither written nor followed."""
    session = local(site, "pixi")
    one = session.create("default")
    if lock == "stale":
        change(site, "2.1", "2.2")
    else:
        (site.workspace / "pixi.lock").unlink()
    before = tree_of(site.workspace)
    result = session.check(one.id)
    assert (result.in_sync, "wsp env sync" in result.message) == (False, True)
    with pytest.raises(LockOutdated) as caught:
        session.sync(one.id, frozen=True)
    assert "pixi lock" in (caught.value.hint or "")
    assert tree_of(site.workspace) == before


def test_wishes_that_pixi_does_not_know(site: Machine) -> None:
    """What the manifest alone can say is refused by its name, and so is an environment that it does not declare."""
    session = local(site, "pixi")
    for wish in ({"groups": ["x"]}, {"extras": ["x"]}, {"packages": ["x"]}, {"python": "/x"}):
        with pytest.raises(InvalidParams, match=next(iter(wish))):
            session.create("default", **wish)
    with pytest.raises(InvalidParams, match="declares no environment lint"):
        session.create("lint")
    one = session.create("default")
    with pytest.raises(AlreadyExists):
        session.create("default")
    with pytest.raises(InvalidParams, match="groups"):
        session.sync(one.id, groups=["x"])


def test_environment_that_is_entered_by_pixi(site: Machine) -> None:
    """Where the manifest or a package has something for whoever enters, pixi does it, and changes nothing."""
    session = local(site, "pixi")
    one = session.create("default")
    assert session.command(one.id, ["python"]).argv == (f"{one.prefix}/bin/python",)
    write(site.workspace / "pixi.toml", FILE + '[activation.env]\nTOLD = "by the manifest"\n')
    before = tree_of(site.workspace)
    ran = session.execute(one.id, ["sh", "-c", "echo $TOLD"])
    assert ran.stdout.strip() == "by the manifest"
    assert tree_of(site.workspace) == before
    (site.home / "programs" / "pixi").unlink()
    assert session.command(one.id, ["python"]).argv == (f"{one.prefix}/bin/python",)


def test_pixi_is_not_installed(site: Machine) -> None:
    """What needs pixi says how to get it."""
    (site.home / "programs" / "pixi").unlink()
    with pytest.raises(ToolNotInstalled) as caught:
        local(site, "pixi").create("default")
    assert "pixi.sh" in (caught.value.hint or "")


def test_channel_that_cannot_be_reached(site: Machine) -> None:
    """It is told as such, and no environment is left."""
    change(site, "conda-forge", "http://127.0.0.1:9")
    with pytest.raises(NetworkUnavailable):
        local(site, "pixi").create("default")
    assert not prefix(site).exists()


def test_shell_of_another_project_does_not_leak(site: Machine) -> None:
    """In a shell of pixi's for another project, this one is acted on."""
    site.environ.update(PIXI_PROJECT_MANIFEST="/nowhere/pixi.toml", PIXI_FROZEN="true")
    session = local(site, "pixi")
    assert session.create("default").prefix == str(prefix(site))
    assert "PIXI_PROJECT_MANIFEST" in session.task_command("hello").unset


def test_cancelled(site: Machine) -> None:
    """A making that is stopped leaves no environment."""
    write(site.workspace / "hold")
    stop = threading.Event()

    def when_begun() -> None:
        until((site.workspace / "begun").exists)
        stop.set()

    watch = threading.Thread(target=when_begun)
    watch.start()
    with pytest.raises(Cancelled):
        local(site, "pixi").create("default", cancelled=stop)
    watch.join()
    assert not prefix(site).exists()


def test_two_at_once(site: Machine) -> None:
    """Two makers both get the one environment."""
    assert created_by_two(site, "pixi") == [str(prefix(site))] * 2
