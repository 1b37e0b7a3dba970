"""What tests of several workflows do alike: sessions in process, and makers that are stopped, killed, or two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from workflow_helper.backends.load import load_backend
from workflow_helper.backends.server import server
from workflow_helper.errors import AlreadyExists
from workflow_server.in_process import Local

from support.launching import serving
from support.servers import until

if TYPE_CHECKING:
    from workflow_helper.backends.context import Redirect

    from support.blocking import Blocking
    from support.recipes import Site


def local(site: Site, *, trusted: bool = True, redirect: Redirect = "file") -> Local:
    """The workflow of the site's tool, in this process."""
    is_created = server(load_backend(site.recipe.name), site.machine.host, redirect=redirect)
    return Local(is_created, str(site.root), trusted=trusted)


def cancel_while_building(site: Site, name: str, blocking: Blocking) -> None:
    """Have the environment ``name`` made, and cancel that when what it depends on is being built."""
    stop = threading.Event()

    def stop_when_building() -> None:
        blocking.building()
        stop.set()

    watch = threading.Thread(target=stop_when_building)
    watch.start()
    try:
        local(site).create(name, cancelled=stop)
    finally:
        watch.join()


def kill_while_building(site: Site, name: str, blocking: Blocking, *, verb: str = "create") -> None:
    """Have a process make the environment ``name``, and kill it when what that depends on is being built.

    What it leaves until then counts as broken; the build is ended as well. ``verb`` is how it is made.
    """
    words = ("env", verb, name, "--workflow", site.recipe.name, "--folder", str(site.root))
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "workflow_helper", *words],
        env=site.machine.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    building = blocking.building()
    child.send_signal(signal.SIGKILL)
    child.wait()
    states = [one.status.state for one in local(site).environments()]
    blocking.wait(wanted=False)
    os.kill(building, signal.SIGKILL)
    assert states == ["broken"]


def make_when_nobody_else_does(site: Site, name: str) -> None:
    """Make the environment ``name`` as soon as no tool is at it any more."""

    def is_created() -> bool:
        with suppress(AlreadyExists):
            return local(site).create(name).status.state == "ok"
        return False

    until(is_created)


def made_by_two(site: Site, name: str) -> list[str | None]:
    """What two servers give who make the environment ``name`` at once."""
    received: list[str | None] = []

    def make() -> None:
        with serving(site.machine, site.recipe.name) as session:
            received.append(session.create(name).prefix)

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    return received
