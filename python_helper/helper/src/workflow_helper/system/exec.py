"""Replace this process by the user's command, as if the command had been started directly."""

from __future__ import annotations

import os
import sys

from workflow_helper.errors import ProgramFailed
from workflow_helper.system.command_log import log_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The variables as this process was given them, before Python changed any.
_ENVIRON_FILE = "/proc/self/environ"


def hand_over(
    argv: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    *,
    waiting: bool = sys.platform == "win32",
) -> int:
    """Become ``argv`` (a list, ``argv[0]`` absolute) in ``cwd`` with the variables ``environ``. Does not return.

    It gets this process's id, group, terminal and open files, and signals act on it as on any program. ``waiting`` is
    for Windows, where that is impossible: the command is started in the same console, with the same streams, and its
    exit status is returned.

    Raises:
        ProgramFailed: the program cannot be started.
        Refused: it is a batch file, with arguments that are not safe to pass to one.
    """
    log_command(argv, cwd)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the parent process
            stream.flush()
    variables = _without_our_own(environ)
    if not os.path.isabs(argv[0]):  # it would be one of whatever folder is current
        raise ProgramFailed(f"{argv[0]} cannot be started: it is not an absolute path")
    try:
        if waiting:
            return _wait_for(argv, cwd, variables)
        if not _is_here(cwd):
            os.chdir(cwd)
        _let_act()
        os.execve(argv[0], list(argv), variables)  # noqa: S606 - that is what this is for
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProgramFailed(f"{argv[0]} cannot be started in {cwd}: {reason}") from None


def _let_act() -> None:
    """Restore the signals that Python ignores, as a program that is started directly finds them."""
    # Not `signal`: it makes enumerations of all its numbers, which takes as long as all the rest.
    import _signal  # type: ignore[import-not-found]

    for name in ("SIGPIPE", "SIGXFZ", "SIGXFSZ"):
        if hasattr(_signal, name):
            _signal.signal(getattr(_signal, name), _signal.SIG_DFL)


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(folder, os.curdir)
    except OSError:
        return False


def _without_our_own(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without the locale that Python sets for itself where the user has none (PEP 538)."""
    variables = dict(environ)
    if "LC_CTYPE" in variables:
        try:
            with open(_ENVIRON_FILE, "rb") as file:
                entries = file.read().split(b"\0")
        except OSError:  # no such file but on Linux
            return variables
        if not any(one.startswith(b"LC_CTYPE=") for one in entries):
            del variables["LC_CTYPE"]
    return variables


def _wait_for(argv: Sequence[str], cwd: str, environ: Mapping[str, str]) -> int:
    """Start it, and wait until it ends; this process ignores Ctrl-C and Ctrl-Break, which the whole console gets."""
    import signal
    import subprocess

    from workflow_helper.system.batch import popen_arguments

    arguments = popen_arguments(argv)
    # Before it is started: it may be interrupted before we wait for it. It does not inherit a handler.
    names = ("SIGINT", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        if sys.platform == "win32":
            from workflow_helper.system.windows_job import CREATE_SUSPENDED, JobObject

            # Ending this process has to end the command, but not processes that the command leaves running on purpose.
            job = JobObject(alone=True)
            process = subprocess.Popen(
                arguments, cwd=cwd, env=dict(environ), creationflags=CREATE_SUSPENDED
            )
            job.add(process.pid)
            code = process.wait()
        else:
            code = subprocess.Popen(arguments, cwd=cwd, env=dict(environ)).wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    # A status beyond 31 bits, as of a crash, is one that is negative to those who set it.
    return code - 2**32 if code >= 2**31 else code
