"""Tools are there as a whole or not at all, whoever else is at work and whatever ends the work."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.command import WSP
from support.forked_command import wsp
from support.processes import see_it_end
from support.terminal import Terminal
from support.tooling import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.tooling import Tooling


def started(machine: Tooling, *words: str) -> subprocess.Popen[bytes]:
    """``wsp tool WORDS...`` in a group of its own."""
    return subprocess.Popen(
        [*WSP, "tool", *words],
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def test_two_at_once_both_end_well(machine: Tooling) -> None:
    """However many install one tool at once, one makes it and all succeed, with nothing left beside it."""
    machine.offer("demo")
    makers = [started(machine, "install", "demo") for _ in range(5)]
    outputs = [maker.communicate()[0].decode() for maker in makers]
    assert [maker.returncode for maker in makers] == [0] * 5, outputs
    assert sum("is installed" in one for one in outputs) == 1
    assert len(list((machine.tools / "demo").glob("*/pyvenv.cfg"))) == 1
    assert run(machine, "demo")["version"] == "1.0"
    assert not any(name.startswith("locks/tool-") for name in machine.remains())


def test_two_tools_that_want_one_name_at_once(quick: Tooling) -> None:
    """One of them gets it; the other is not installed, and says why."""
    for name in ("one", "other"):
        quick.offer(name, programs=("same", name))
    makers = [started(quick, "install", name) for name in ("one", "other")]
    outputs = [maker.communicate()[0].decode() for maker in makers]
    assert sorted(maker.returncode for maker in makers) == [0, 1], outputs
    (name,) = quick.listed()
    assert quick.listed()[name]["status"]["state"] == "ok"
    assert sorted(os.listdir(quick.bin)) == sorted(("same", name))


def test_installing_and_uninstalling_at_once(quick: Tooling) -> None:
    """Whichever comes last is what is there: the whole tool or nothing of it."""
    quick.offer("demo")
    for _ in range(3):
        workers = [started(quick, verb, "demo") for verb in ("install", "uninstall", "install")]
        outputs = [worker.communicate()[0].decode() for worker in workers]
        assert workers[0].returncode == workers[2].returncode == 0, outputs
        if "demo" in quick.listed():
            assert quick.listed()["demo"]["status"]["state"] == "ok"
            assert run(quick, "demo")["version"] == "1.0"
        else:
            assert quick.remains() == {}


@pytest.mark.needs("POSIX")
def test_killed_while_installing_leaves_nothing_that_looks_whole(machine: Tooling) -> None:
    """Killed while the package is built, the tool is not there; the next one installs it and clears up."""
    source = machine.workspace / "source"
    blocking = Blocking.at(source, table='[project.scripts]\nblocking = "blocking:main"\n')
    maker = started(machine, "install", "./source")
    building = blocking.building()
    maker.kill()
    maker.communicate()
    assert machine.listed() == {}
    assert not machine.bin.exists()
    assert wsp(machine, "tool", "uninstall", "nonesuch").exit_code == 1
    os.killpg(os.getpgid(building), signal.SIGKILL)
    see_it_end(building)
    blocking.wait(wanted=False)
    # The backend's wheel has no programs: what is left of the first is gone with the second, which is refused.
    assert "has no programs" in wsp(machine, "tool", "install", "./source").text
    assert machine.remains() == {}


def moments(machine: Tooling) -> Iterator[float]:
    """Seconds after which to kill who installs: spread over the time that it takes."""
    start = time.monotonic()
    machine.tool("install", "demo")
    took = time.monotonic() - start
    machine.tool("uninstall", "demo")
    return (took * (moment + 0.5) / 5 for moment in range(5))


@pytest.mark.needs("POSIX")
def test_killed_at_any_moment(quick: Tooling) -> None:
    """What says it is whole works; what is not whole is not there or says so, and is mended by installing again."""
    quick.offer("demo")
    for moment in moments(quick):
        maker = started(quick, "install", "demo")
        time.sleep(moment)
        os.killpg(maker.pid, signal.SIGKILL)
        maker.communicate()
        record = quick.listed().get("demo")
        if record is not None and record["status"]["state"] == "ok":
            assert run(quick, "demo")["version"] == "1.0"
        quick.tool("install", "demo")
        assert quick.listed()["demo"]["status"]["state"] == "ok"
        assert run(quick, "demo")["version"] == "1.0"
        assert len(list((quick.tools / "demo").glob("*/pyvenv.cfg"))) == 1
        quick.tool("uninstall", "demo")
        assert {name for name, found in quick.remains().items() if found is not None} <= {
            "locks/tool-demo"
        }


@pytest.mark.needs("POSIX")
def test_killed_at_any_moment_while_upgrading(quick: Tooling) -> None:
    """The program works at every moment: it is of the one version or of the other."""
    quick.offer("demo")
    quick.tool("install", "demo")
    for number in range(8):
        quick.offer("demo", f"1.{number + 1}")
        maker = started(quick, "upgrade", "demo")
        time.sleep(0.05 * (number + 1))
        os.killpg(maker.pid, signal.SIGKILL)
        maker.communicate()
        assert run(quick, "demo")["version"].startswith("1.")
    quick.tool("upgrade", "demo")
    assert run(quick, "demo")["version"] == "1.8"
    assert quick.listed()["demo"]["status"]["state"] == "ok"


@pytest.mark.needs("POSIX")
def test_interrupted_installing_leaves_nothing(quick: Tooling) -> None:
    """Ctrl-C ends it with 130, and takes away what is half-made."""
    blocking = Blocking.at(quick.workspace / "source")
    argv = (*WSP, "tool", "install", "./source")
    with Terminal(argv, cwd=quick.workspace, environ=quick.environ) as terminal:
        blocking.building()
        terminal.type(b"\x03")
        output, status = terminal.ended()
    assert status == 130, output
    assert quick.remains() == {}
