"""The conformance kit, run on a real server process."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from workflow_helper.system.child import Child
from workflow_server.conformance import check

from support.forking import CAN_FORK, GUARD, forks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from workflow_server.conformance import Report

#: Seconds for an answer of a server that is expected to give one.
PATIENT = 30.0
#: Seconds for one that is expected not to.
HASTY = 0.5

#: What ``plain.py`` imports, from which the servers of the fixtures are made, and the SDK.
MODULES = ("json", "pathlib", "subprocess", "workflow_server")


class ForkedServer:
    """A server that is a fork of a Python that was started before: a transport for the kit, as ``Child`` is."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str,
        environ: Mapping[str, str],
        *,
        modules: tuple[str, ...] = MODULES,
        is_module: bool = False,
    ) -> None:
        from workflow_helper.system.pipes_posix import Polled

        theirs, ours = [], []
        for is_input in (True, False, False):
            reading, writing = os.pipe()
            theirs.append(reading if is_input else writing)
            ours.append(os.fdopen(writing if is_input else reading, "wb" if is_input else "rb", 0))
        stdin, stdout, stderr = theirs
        self._fork = forks(modules=modules).start(
            argv, (stdin, stdout, stderr), cwd=cwd, environ=environ, is_module=is_module
        )
        for file in theirs:
            os.close(file)
        self._pipes = Polled(ours[0], ours[1], ours[2])
        self._ended_by_us = False

    def read(self, timeout: float) -> bytes | None:
        """Some output; ``b""`` at its end, ``None`` if there is none within ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            data = self._pipes.read(min(0.05, max(0.0, left)))
            if data is not None:
                return data
            if self.ended():
                return self._pipes.read(0) or b""
            if self._pipes.broken:
                raise BrokenPipeError
            if left <= 0:
                return None

    def write(self, data: bytes) -> None:
        """Have ``data`` written; never waits."""
        self._pipes.write(data)

    def close_input(self) -> None:
        """Let the server see the end of its input."""
        self._pipes.close_input()

    def ended(self) -> bool:
        """Whether the server is over."""
        return self._fork.wait(0) is not None

    def stderr_tail(self) -> bytes:
        """The last that it wrote to its standard error."""
        return self._pipes.tail

    def end(self, grace: float) -> int | None:
        """End it within about ``grace`` seconds; its status if it ended of its own accord."""
        status = self._fork.wait(grace)
        self._ended_by_us = self._ended_by_us or status is None
        with contextlib.suppress(ProcessLookupError):
            self._fork.signal(signal.SIGKILL)
        status = self._fork.wait(GUARD)
        self._pipes.close()
        return None if self._ended_by_us else status


def checked(script: Path, cwd: Path, *, timeout: float = PATIENT, forked: bool = False) -> Report:
    """What holds of the server in ``script``, run in ``cwd``.

    ``forked``: its conversations are with forks of one Python, which takes a sixth of the time.
    """
    argv = [sys.executable, "-I", str(script)]
    environ = {"PATH": os.environ.get("PATH", "")}

    def start() -> Child | ForkedServer:
        if forked and CAN_FORK:
            return ForkedServer([str(script)], str(cwd), environ)
        return Child(argv, cwd=str(cwd), environ=environ)

    return check(argv, start, root=str(cwd), timeout=timeout)


def broken(report: Report) -> set[str]:
    """The clauses that do not hold."""
    return {one.clause for one in report.verdicts if one.outcome in ("failed", "warning")}
