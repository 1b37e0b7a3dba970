"""Processes of Python without the start of an interpreter: forks of one that has imported what they need.

For tests that run a program hundreds of times and are not about its start. A program is still a process of its own, with its
own arguments, folder, environment, streams and exit status. What it loads, and what its Python makes of variables, is to be
shown by a process that was started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

SERVER = Path(__file__).with_name("fork_server.py")
#: Windows forks nothing: there, who would fork starts an interpreter.
CAN_FORK = os.name == "posix"
#: Seconds after which a program hangs.
GUARD = 60.0


class Fork:
    """A running program."""

    def __init__(self, reports: socket.socket) -> None:
        self._reports = reports
        self._unread = b""
        self.pid = int(self._line(GUARD) or 0)
        self._status: int | None = None

    def wait(self, seconds: float) -> int | None:
        """Return its exit status (negative: the signal's number), ``None`` if it has none within ``seconds``."""
        if self._status is None and (line := self._line(seconds)) is not None:
            self._status = int(line)
            self._reports.close()
        return self._status

    def signal(self, number: int) -> None:
        """Send a signal to it and to all that it started in its own group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _line(self, seconds: float) -> bytes | None:
        while b"\n" not in self._unread:
            if not select.select([self._reports], [], [], seconds)[0]:
                return None
            self._unread += self._reports.recv(64)
        line, _, self._unread = self._unread.partition(b"\n")
        return line


class Process:
    """A program with pipes, for those who talk with it: as much of ``subprocess.Popen`` as they need."""

    def __init__(
        self,
        python: Forks,
        argv: Sequence[str],
        *,
        cwd: str,
        environ: Mapping[str, str],
        is_module: bool = False,
    ) -> None:
        pipes = [os.pipe() for _ in range(3)]
        (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr) = pipes
        streams = (stdin, stdout, stderr)
        self._fork = python.start(argv, streams, cwd=cwd, environ=environ, is_module=is_module)
        for stream in streams:
            os.close(stream)
        self.stdin: IO[bytes] = os.fdopen(to_stdin, "wb")
        self.stdout: IO[bytes] = os.fdopen(from_stdout, "rb")
        self.stderr: IO[bytes] = os.fdopen(from_stderr, "rb")
        self.pid = self._fork.pid
        self._argv = list(argv)

    def wait(self, timeout: float = GUARD) -> int:
        """Return its exit status; raises :class:`subprocess.TimeoutExpired` where it goes on."""
        status = self._fork.wait(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self._argv, timeout)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self._fork.wait(0) is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """One Python, and programs that are forks of it."""

    def __init__(self, python: str = sys.executable, modules: Sequence[str] = ()) -> None:
        self._control, theirs = socket.socketpair()
        self._sending = threading.Lock()
        self._server = subprocess.Popen(
            [python, "-I", str(SERVER), str(theirs.fileno()), *modules],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin"},
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """End the Python that was started; what was forked goes on."""
        self._control.close()
        self._server.wait()

    def start(
        self,
        argv: Sequence[str],
        streams: tuple[int, int, int],
        *,
        cwd: str,
        environ: Mapping[str, str],
        is_module: bool = False,
    ) -> Fork:
        """Start the script ``argv[0]``, or the module of this name, with these standard streams."""
        program = {
            "argv": list(argv),
            "cwd": cwd,
            "environ": dict(environ),
            "is_module": is_module,
        }
        body = json.dumps(program).encode()
        ours, theirs = socket.socketpair()
        with theirs, self._sending:
            head = len(body).to_bytes(8, "big")
            socket.send_fds(self._control, [head], [theirs.fileno(), *streams])
            self._control.sendall(body)
        return Fork(ours)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        environ: Mapping[str, str],
        is_module: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                streams = (nothing, out.fileno(), err.fileno())
                fork = self.start(argv, streams, cwd=cwd, environ=environ, is_module=is_module)
            finally:
                os.close(nothing)
            status = fork.wait(GUARD)
            if status is None:
                fork.signal(signal.SIGKILL)
                fork.wait(GUARD)
                raise subprocess.TimeoutExpired(list(argv), GUARD)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(list(argv), status, out.read(), err.read())


@cache
def forks(python: str = sys.executable, modules: tuple[str, ...] = ()) -> Forks:
    """Return the one of this Python with these modules: started once."""
    return Forks(python, modules)
