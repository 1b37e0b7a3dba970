"""A real terminal (a pty) with a program in its foreground, under a shell of a few lines that does job control."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

from support.command import GUARD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

#: What a program in Python does until Ctrl-C: many short calls of the system, because one that begins just after the
#: signal, before Python has looked for it, is not ended by it.
UNTIL_INTERRUPTED = "[__import__('time').sleep(0.05) for _ in range(12_000)]"

#: Starts its arguments as a shell does: in a group of their own, in the terminal's foreground. It tells how they stop and
#: end, and continues what was stopped.
_SHELL = """
import fcntl, os, signal, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
gate, opened = os.pipe()
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.read(gate, 1)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execve(sys.argv[1], sys.argv[1:], os.environ)
os.setpgid(job, job)
os.tcsetpgrp(0, job)
os.write(opened, b"x")
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        break
    print("stopped by", os.WSTOPSIG(status), flush=True)
    os.tcsetpgrp(0, job)
    os.kill(-job, signal.SIGCONT)
print("ended with", os.waitstatus_to_exitcode(status), flush=True)
"""


class Terminal:
    """``argv`` in the foreground of a terminal of ``rows`` and ``columns``; a context, and hung up at its end."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        rows: int = 24,
        columns: int = 80,
    ) -> None:
        # Windows has none of these, and collects tests that it names as not run.
        import fcntl
        import pty
        import termios

        self._mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._shell = subprocess.Popen(
            [sys.executable, "-I", "-c", _SHELL, *argv],
            cwd=cwd,
            env={"TERM": "xterm", **environ},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._mine)
        self._shell.wait(GUARD)

    def type(self, keys: bytes) -> None:
        """Press keys: byte 3 is Ctrl-C, byte 26 Ctrl-Z."""
        os.write(self._mine, keys)

    def until(self, words: bytes) -> bytes:
        """Read on until ``words`` appear; what was written up to there, since the last time."""
        while words not in self.seen:
            try:
                part = os.read(self._mine, 65536)
            except OSError:  # EIO, once nobody holds the other end
                part = b""
            assert part, f"the terminal ended with {self.seen!r}"
            self.seen += part
        before, _, self.seen = self.seen.partition(words)
        return before + words

    def ended(self) -> tuple[bytes, int]:
        """All that is written until the program ends, and how it does: its status, or the negative signal's number."""
        output = self.until(b"ended with ")
        return output.removesuffix(b"ended with "), int(self.until(b"\n"))
