"""Tools that are killed in the middle of their work, and many at once: never a half environment that reports itself whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from support.making import local
from support.recipes import LOCKING, RECIPES, Site
from support.servers import until
from workflow_helper.errors import AlreadyExists, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from workflow_server.client import Session
    from workflow_server.values import ServerEnvironment

#: Rounds for each tool in a whole run. In one that is to be over soon uv has two, in the second of which it goes on by itself:
#: what notes that an environment is unfinished is the same for all, and ``test_contract.py`` kills others at the worst moment.
MANY, FEW = 50, 2
#: Processes that make the same environment, likewise.
TWO, TEN = 2, 10
#: Its multiples, less their whole parts, lie as evenly between 0 and 1 as any, however many there are.
GOLDEN = 0.618034


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """How often each tool is killed, and how many make one environment at once."""
    whole = bool(metafunc.config.getoption("--whole"))
    if metafunc.function is test_many_at_once:
        # The lock of a project is the same for all, and so is the note that an environment is unfinished, but for venv's own.
        makers = dict.fromkeys(RECIPES, TEN) if whole else {"uv": TWO, "venv": TWO}
        metafunc.parametrize(("tool", "makers"), makers.items())
        return
    tools = [*(RECIPES if metafunc.function is test_killed_while_creating else LOCKING)]
    kills = dict.fromkeys(tools, MANY) if whole else {"uv": FEW}
    metafunc.parametrize(("tool", "rounds"), kills.items())


def test_killed_while_creating(tool: str, tmp_path: Path, rounds: int) -> None:
    """After a kill at any moment an environment is whole or does not report itself whole, and can be made."""
    site = Site.at(tmp_path, tool, shared=False)
    took = duration(site, lambda session: session.create(site.name))
    for number in range(1, rounds + 1):
        clear(site)
        interrupt(site, lambda session: session.create(site.name), took, number)
        for one in listed(site):
            assert one.status.state != "ok" or site.recipe.package in package_names(site, one)
        with suppress(AlreadyExists):
            local(site).create(site.name)
        assert any(site.recipe.package in package_names(site, one) for one in listed(site))


def test_killed_while_syncing(tool: str, tmp_path: Path, rounds: int) -> None:
    """After a kill at any moment an environment is as it was, or in sync, or says that it is neither, and can be mended."""
    site = Site.at(tmp_path, tool, shared=False)
    made = local(site).create(site.name)
    site.make_stale()
    site.run(*site.recipe.lock)
    took = duration(site, lambda session: session.sync(made.id))
    for number in range(1, rounds + 1):
        local(site).uninstall(made.id, ["colorama"])
        interrupt(site, lambda session: session.sync(made.id), took, number)
        session = local(site)
        (found,) = session.environments()
        if found.status.state == "ok":
            has_it = "colorama" in package_names(site, found)
            assert session.check(made.id).in_sync == has_it
        session.sync(made.id)  # which repairs what half-installed packages are left
        assert session.check(made.id).in_sync
        assert "colorama" in package_names(site, made)


def test_many_at_once(tool: str, tmp_path: Path, makers: int) -> None:
    """Of many who make the same environment at once each gets it, or is told that it is there; it is whole."""
    site = Site.at(tmp_path, tool)
    argv = [sys.executable, "-I", "-m", "workflow_helper", "env", "create", "--json"]
    argv += ["--workflow", tool, *([site.recipe.environment] if site.recipe.environment else [])]
    running = [
        subprocess.Popen(
            argv,
            cwd=site.root,
            env=site.machine.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(makers)
    ]
    ends = [(one.communicate(timeout=300), one.returncode) for one in running]
    for (out, error), code in ends:
        assert code == 0 or "already" in out, out + error
        assert "Traceback" not in out + error
    assert any(code == 0 for _, code in ends)
    assert any(
        one.status.state == "ok" and site.recipe.package in package_names(site, one)
        for one in listed(site)
    )


def duration(site: Site, act: Callable[[Session], object]) -> float:
    """Seconds that ``act`` takes when nobody disturbs it."""
    with site.serving() as session:
        start = time.monotonic()
        act(session)
        return time.monotonic() - start


def interrupt(site: Site, act: Callable[[Session], object], took: float, number: int) -> None:
    """Let a server ``act``, and kill it at some moment: in every other round with all that it started."""
    server = site.server()
    session = site.session(server)
    session.begin()
    acting = threading.Thread(target=quietly, args=(act, session))
    acting.start()
    time.sleep(took * (number * GOLDEN % 1))
    started = descendants(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    if number % 2:
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    acting.join()
    session.close()
    # A tool that nobody killed ends when its work is done.
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in started))


def quietly(act: Callable[[Session], object], session: Session) -> None:
    """``act``, whatever comes of it."""
    with suppress(WorkflowError):
        act(session)


def descendants(pid: int) -> list[int]:
    """The processes that ``pid`` started, and those that they did."""
    found = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                children = [int(word) for word in file.read().split()]
            for child in children:
                found += [child, *descendants(child)]
    return found


def clear(site: Site) -> None:
    """Delete all environments."""
    session = local(site)
    for one in session.environments():
        session.delete(one.id)


def listed(site: Site) -> tuple[ServerEnvironment, ...]:
    """Return the environments that are there now."""
    return local(site).environments()


def package_names(site: Site, one: ServerEnvironment) -> set[str]:
    """Return the names of the packages in an environment."""
    return {package.name for package in local(site).packages(one.id)}
