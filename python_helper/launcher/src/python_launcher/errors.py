"""The errors of ``py`` itself: a branch of the product's tree of errors, and the exit status of each.

If a Python was started, the exit status is that Python's. If none could be started, the status is above 100, which
programs rarely use; the numbers are those of the Python launcher for Windows.
"""

from __future__ import annotations

from workflow_helper.errors import NotFound, ProgramFailed, UsageError, WorkflowError


class NotStarted(ProgramFailed):
    """The Python, or the program, that was chosen cannot be started."""

    exit_code = 101


class NoPython(NotFound):
    """No Python of this machine fits the request."""

    exit_code = 103


class BrokenEnvironment(WorkflowError):
    """The environment of the folder cannot be used; no other Python is used silently instead."""

    code = "broken"
    exit_code = 107


class NoSuchVersion(UsageError):
    """A word that should be a version of Python is not one."""


class NoSuchWord(UsageError):
    """A word is neither a command, nor an extension, nor a file."""


class BuiltInName(UsageError):
    """The name of an extension that would never be called, because ``py`` has a command of that name."""


#: Every exit status of ``py`` itself, and what it says.
STATUSES = (
    (0, "done, found"),
    (1, "it failed: one line says why, one what to do"),
    (2, "invalid arguments"),
    (3, "nothing found to list"),
    (4, "refused, because the workflow is not trusted"),
    (NotStarted.exit_code, "the Python, or the program, cannot be started"),
    (NoPython.exit_code, "no Python on this machine fits"),
    (BrokenEnvironment.exit_code, "the environment that would be used is broken"),
    (130, "interrupted, nothing incomplete left behind"),
)
