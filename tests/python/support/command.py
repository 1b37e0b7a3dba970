"""The command line as a user meets it: a process, its bytes, and its exit status."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from support.machine import Machine

#: Seconds after which a command hangs; none takes a hundredth of it.
GUARD = 60.0

WSP = (sys.executable, "-m", "workflow_helper")


class Finished(NamedTuple):
    """What a command left behind."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[str]:
        """Standard output by lines, in the encoding that a pipe has on this system."""
        return self.stdout.decode("utf-8" if os.name == "posix" else "mbcs").splitlines()

    @property
    def text(self) -> str:
        """Both streams, for messages."""
        return (self.stdout + self.stderr).decode("utf-8", "backslashreplace")


def wsp(
    machine: Machine,
    *words: str | bytes,
    cwd: str | bytes | PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
    through: tuple[str, ...] = (),
) -> Finished:
    """Run ``wsp WORDS...`` in the workspace, or in ``cwd``, with the machine's environment and ``environ``.

    ``through`` is a command that starts it. Whatever is asked, a traceback or an internal error is a failure.
    """
    done = subprocess.run(
        [*through, *WSP, *words],
        cwd=machine.workspace if cwd is None else cwd,
        env={**machine.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    finished = Finished(done.returncode, done.stdout, done.stderr)
    assert_no_accident(finished)
    return finished


def in_terminal(machine: Machine, *words: str) -> str:
    """What ``wsp WORDS...`` writes when both of its streams are a terminal, which needs ``"POSIX"``."""
    import pty

    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [*WSP, *words],
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        parts = []
        with contextlib.suppress(OSError):  # EIO, once nobody holds the other end
            while part := os.read(mine, 65536):
                parts.append(part)
    os.close(mine)
    return b"".join(parts).decode()


def assert_no_accident(finished: Finished) -> None:
    """Fail when the command came to an end that nobody wrote: a traceback, or an error without a sentence."""
    assert "Traceback" not in finished.text, finished.text
    assert "an internal error" not in finished.text, finished.text


def assert_error(finished: Finished, exit_code: int, code: str) -> None:
    """The command failed with this status and code, in one JSON document and nothing else."""
    assert finished.exit_code == exit_code, finished.text
    assert finished.stderr == b""
    assert list(finished.document) == ["error"]
    assert list(finished.document["error"]) == ["code", "message", "hint"]
    assert finished.document["error"]["code"] == code


def details(trail: list[dict[str, str]]) -> str:
    """The sentences of a trail in its wire form, a line each."""
    return "\n".join(f"{step['rule']} {step['outcome']} {step['detail']}" for step in trail)


def explained(machine: Machine, *words: str, cwd: str | PathLike[str] | None = None) -> str:
    """The trail that ``wsp explain`` tells, a sentence a line."""
    finished = wsp(machine, "explain", "--json", *words, cwd=cwd)
    assert finished.exit_code == 0, finished.text
    return details(finished.document["trail"])
