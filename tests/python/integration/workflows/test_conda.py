"""The workflow ``conda`` against a stand-in that says what conda is recorded to say."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.forked_command import wsp
from support.launching import serving
from support.servers import until
from support.stand_ins import created_by_two, local, put_on_path
from workflow_helper.errors import (
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    NameConflict,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    WorkflowError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

FILE = "name: demo\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n  - numpy=2.1\n  - zlib\n"


@pytest.fixture
def site(machine: Machine) -> Machine:
    """A machine with conda, and a project of it."""
    put_on_path(machine, "conda")
    write(machine.workspace / "environment.yml", FILE)
    return machine


def prefix(machine: Machine) -> Path:
    """Where conda keeps the project's environment."""
    return machine.home / "miniforge3" / "envs" / "demo"


def put_scripts(machine: Machine) -> None:
    """Have the environment run a script when it is entered."""
    write(prefix(machine) / "etc" / "conda" / "activate.d" / "x.sh", "export TOLD=by_the_script\n")


def test_every_operation(site: Machine) -> None:
    """A project's environment is made, kept in sync, changed, run in, and cleared, by a server of its own."""
    messages: list[str] = []
    with serving(site, "conda") as session:
        assert session.environments() == ()
        one = session.create("default", progress=lambda told: messages.append(told.message))
        assert (one.prefix, one.kind, one.default) == (str(prefix(site)), "conda", True)
        assert (one.name, one.python_version) == ("demo", "3.12.4")
        assert session.check(one.id).in_sync
        assert not session.sync(one.id).changed
        assert [p.name for p in session.install(one.id, ["pluggy == 1.5"]).installed] == ["pluggy"]
        assert [p.name for p in session.uninstall(one.id, ["numpy"]).removed] == ["numpy"]
        assert session.check(one.id).message == "numpy is not installed"
        changes = session.sync(one.id)
        assert [p.name for p in changes.installed] == ["numpy"]
        assert [p.name for p in changes.removed] == ["pluggy"]
        ran = session.execute(one.id, ["sh", "-c", "echo $CONDA_PREFIX"])
        assert ran.stdout.strip() == one.prefix
        assert "task" not in session.capabilities
        session.delete(one.id)
        assert session.environments() == ()
    assert "Solving environment: done" in messages
    assert not prefix(site).exists()
    assert (site.home / ".conda" / "environments.txt").read_text() == ""


def test_version_is_asked_for(site: Machine) -> None:
    """A version of Python goes before what the file leaves open, and one that no channel has is told as such."""
    write(site.workspace / "environment.yml", "name: demo\ndependencies:\n  - python\n  - zlib\n")
    session = local(site, "conda")
    assert session.create("demo", "3.11", packages=["pluggy"]).python_version == "3.11.4"
    session.delete(session.environments()[0].id)
    with pytest.raises(PythonUnavailable):
        session.create("demo", "3.99")
    assert not prefix(site).exists()


def test_version_that_the_file_contradicts(site: Machine) -> None:
    """Conda overrides what was asked for by what the file pins, which is told, and nothing is left of it."""
    session = local(site, "conda")
    with pytest.raises(PythonUnavailable, match=r"with Python 3\.12\.4, not 3\.11"):
        session.create("demo", "3.11")
    assert not prefix(site).exists()


def test_python_of_the_command_line(site: Machine) -> None:
    """A version that is named is the one that conda brings, and anything else is refused before conda is started."""
    write(site.workspace / "environment.yml", "name: demo\ndependencies:\n  - python\n")
    for spec in (sys.executable, ">=3.11", "3.13t"):
        refused = wsp(site, "env", "create", "--python", spec)
        assert refused.exit_code == 2
        assert "installs its own Python" in refused.text
    made = wsp(site, "env", "create", "--python", "3.11", "--json")
    assert made.document["environment"]["python_version"] == "3.11.4"


def test_channel_that_is_none(site: Machine) -> None:
    """A channel without packages is told of, and what to look at."""
    write(site.workspace / "environment.yml", "channels:\n  - file:///nowhere\ndependencies: []\n")
    with pytest.raises(ExecutionFailed, match="a channel does not exist"):
        local(site, "conda").create("default")


def test_environments_in_the_project(site: Machine) -> None:
    """A file without a name is made where editors make theirs, and further environments lie in the project."""
    write(site.workspace / "environment.yml", "dependencies:\n  - python\n")
    session = local(site, "conda")
    assert session.create("default").prefix == str(site.workspace / ".conda")
    assert session.create("docs").prefix == str(site.workspace / "docs")
    assert {one.id for one in session.environments()} == {".conda", "docs"}


def test_project_without_a_file(site: Machine) -> None:
    """Where there is nothing to go by, an environment holds Python and no more, and nothing can be in sync."""
    (site.workspace / "environment.yml").unlink()
    session = local(site, "conda")
    assert session.create("default", "3.13").python_version == "3.13.4"
    assert not session.check(".conda").in_sync
    with pytest.raises(Protected, match=r"environment\.yml"):
        session.sync(".conda")


@pytest.mark.parametrize("text", ["name: base\n", "dependencies: []\nname: base\n"])
def test_base_is_left_alone(site: Machine, text: str) -> None:
    """Conda's own environment is nobody's project, by whatever name it is asked for."""
    write(site.workspace / "environment.yml", text)
    for name in ("default", "base"):
        with pytest.raises(InvalidParams, match="base"):
            local(site, "conda").create(name)


def test_nothing_is_made_over_anything(site: Machine) -> None:
    """What is there already is a conflict, although conda itself would remove it."""
    write(prefix(site) / "notes.txt", "mine")
    with serving(site, "conda") as session, pytest.raises(NameConflict):
        session.create("default")
    assert (prefix(site) / "notes.txt").read_text() == "mine"


def test_check_tells_what_is_out_of_sync(site: Machine) -> None:
    """One sentence names what differs from the file, and nothing is changed to find out."""
    session = local(site, "conda")
    one = session.create("default")
    text = FILE.replace("2.1", "2.2").replace("zlib", "zstd")
    write(site.workspace / "environment.yml", text)
    before = tree_of(site.home), tree_of(site.workspace)
    result = session.check(one.id)
    assert (
        result.message
        == "numpy=2.2 is required, but numpy==2.1=0 is installed, and zstd is not installed"
    )
    assert not result.in_sync
    with pytest.raises(Protected, match="not trusted"):
        local(site, "conda", trusted=False).check(one.id)
    assert (tree_of(site.home), tree_of(site.workspace)) == before


def test_no_lock_to_hold_to(site: Machine) -> None:
    """Conda keeps no lock file, so nothing can be synced by it alone."""
    session = local(site, "conda")
    one = session.create("default")
    with pytest.raises(LockOutdated):
        session.sync(one.id, frozen=True)


def test_wishes_that_conda_does_not_know(site: Machine) -> None:
    """Groups, extras, an interpreter's path, and requirements beyond conda's are refused by their names."""
    session = local(site, "conda")
    for wish in ({"groups": ["x"]}, {"extras": ["x"]}, {"python": "/usr/bin/python3"}):
        with pytest.raises(InvalidParams, match=next(iter(wish))):
            session.create("default", **wish)
    one = session.create("default")
    for package in ("pluggy[x]", "pluggy; python_version<'3'", "--force"):
        with pytest.raises(InvalidParams, match="packages"):
            session.install(one.id, [package])


def test_environment_with_scripts_is_entered_by_conda(site: Machine) -> None:
    """Where packages bring scripts for whoever enters, conda runs them; elsewhere a plain child does."""
    session = local(site, "conda")
    one = session.create("default")
    assert session.command(one.id, ["python"]).argv == (f"{one.prefix}/bin/python",)
    put_scripts(site)
    command = session.command(one.id, ["python", "-c", "x"])
    assert command.argv[0].endswith("/conda")
    assert command.argv[-3:] == (f"{one.prefix}/bin/python", "-c", "x")
    ran = session.execute(one.id, ["sh", "-c", "echo $TOLD"])
    assert ran.stdout.strip() == "by_the_script"
    plain = local(site, "conda", trusted=False).command(one.id, ["python"])
    assert plain.argv == (f"{one.prefix}/bin/python",)


def test_variables_of_the_environment(site: Machine) -> None:
    """The variables that the user gave the environment are set, save those taken back."""
    session = local(site, "conda")
    one = session.create("default")
    write(
        prefix(site) / "conda-meta" / "state",
        '{"version": 1, "env_vars": {"A": "b", "C": "***unset***", "D": 1}}',
    )
    command = session.command(one.id, ["python"])
    assert dict(command.set) == {"A": "b", "CONDA_PREFIX": one.prefix, "CONDA_DEFAULT_ENV": "demo"}


def test_conda_is_not_installed(site: Machine) -> None:
    """Without conda the environment is told of and run in all the same, and what needs conda says how to get it."""
    session = local(site, "conda")
    one = session.create("default")
    put_scripts(site)
    (site.home / "programs" / "conda").unlink()
    assert session.command(one.id, ["python"]).argv == (f"{one.prefix}/bin/python",)
    assert [p.name for p in session.packages(one.id)] == ["numpy", "zlib"]
    for ask in (session.sync, session.check):
        with pytest.raises(ToolNotInstalled) as caught:
            ask(one.id)
        assert "conda-forge.org" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("before", "after", "error", "words"),
    [
        ("conda-forge", "http://127.0.0.1:9", NetworkUnavailable, "a channel could not be reached"),
        ("zlib", "nonesuch", ExecutionFailed, "no set of packages that fits"),
    ],
)
def test_failures(
    site: Machine, before: str, after: str, error: type[WorkflowError], words: str
) -> None:
    """What conda fails by is told with what to do about it, and no environment is left."""
    write(site.workspace / "environment.yml", FILE.replace(before, after))
    with pytest.raises(error, match=words) as caught:
        local(site, "conda").create("default")
    assert caught.value.hint
    assert not prefix(site).exists()


def test_environment_that_conda_does_not_know(site: Machine) -> None:
    """A folder that only looks like an environment is told in conda's words."""
    write(site.workspace / ".conda" / "conda-meta" / "python-3.12.4-0.json", "{}")
    write(site.workspace / ".conda" / "bin" / "python", executable=True)
    with pytest.raises(ExecutionFailed, match="Not a conda environment"):
        local(site, "conda").check(".conda")


def test_cancelled(site: Machine) -> None:
    """A making that is stopped leaves nothing."""
    write(site.workspace / "hold")
    stop = threading.Event()

    def when_begun() -> None:
        until((site.workspace / "begun").exists)
        stop.set()

    watch = threading.Thread(target=when_begun)
    watch.start()
    with pytest.raises(Cancelled):
        local(site, "conda").create("default", cancelled=stop)
    watch.join()
    assert not prefix(site).exists()


def test_two_at_once(site: Machine) -> None:
    """Two makers both get the one environment."""
    assert created_by_two(site, "conda") == [str(prefix(site))] * 2


@pytest.mark.needs("POSIX")
def test_killed(site: Machine) -> None:
    """What a killed maker leaves is told as broken, and recreated when asked for."""
    write(site.workspace / "hold")
    argv = [sys.executable, "-I", "-m", "workflow_helper", "env", "create"]
    child = subprocess.Popen(
        [*argv, "--workflow", "conda", "--folder", str(site.workspace)],
        env=site.environ,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until((site.workspace / "begun").exists)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    (site.workspace / "hold").unlink()

    def again() -> bool:
        try:
            return local(site, "conda").create("default").status.state == "ok"
        except WorkflowError:
            return False

    until(again)
