"""Run a program with this process's terminal and streams, and wait for it, as if it had replaced this process.

This is for callers that need its end; otherwise use :mod:`workflow_helper.system.exec`.
"""

from __future__ import annotations

import os
import sys

from workflow_helper.errors import ProgramFailed
from workflow_helper.system.exec import hand_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

#: Linux: the signal that a process gets when the thread that made it ends.
_PR_SET_PDEATHSIG = 1


def wait_for(
    argv: Sequence[str], cwd: str, environ: Mapping[str, str], *, given_up: int | None = None
) -> int:
    """Start ``argv`` (a list, ``argv[0]`` absolute) in ``cwd``, and return its exit status once it has ended.

    It is in this process's group, so that it gets the terminal's signals too. TERM and HUP are passed on to it, it
    stops and continues with this process, and a signal that ends it also ends this process. ``given_up`` is the exit
    status of a program that handles such signals itself.

    Raises:
        ProgramFailed: the program cannot be started.
    """
    if sys.platform == "win32":
        return hand_over(argv, cwd, environ)
    import signal

    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the parent process
            stream.flush()
    end_with_us = _ending_with_us()
    passed_on = (signal.SIGTERM, signal.SIGHUP)
    # Until they are known to reach it, they wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)
    child = os.fork()
    if child == 0:
        _become(argv, cwd, environ, end_with_us, passed_on)
    signals: list[int] = []

    def pass_on(number: int, _: object) -> None:
        signals.append(number)
        if number in passed_on:
            os.kill(child, number)

    for number in (*passed_on, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        # The parent process has to see that the job stopped.
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(child, signal.SIGCONT)
    code = os.waitstatus_to_exitcode(status)
    if code == given_up and signals:
        code = -signals[-1]
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _become(
    argv: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    end_with_us: Callable[[], None],
    passed_on: Sequence[int],
) -> NoReturn:
    """Become the program, in the child process; never returns."""
    import signal

    try:
        end_with_us()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
        hand_over(argv, cwd, environ)
    except ProgramFailed as error:
        os.write(2, f"{error.message}\n".encode())
    finally:
        os._exit(126)


def _ending_with_us() -> Callable[[], None]:
    """Return a function that makes a child end when this process ends for any reason; on Linux."""
    if sys.platform != "linux":
        return lambda: None
    import ctypes
    import signal

    number = int(signal.SIGTERM)
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
