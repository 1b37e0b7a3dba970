"""The errors of ``py`` itself: a branch of the product's one tree of errors, and the exit status of each.

Where a Python was started, the exit status is that Python's. What keeps one from being started ends with a status beyond
100, which programs hardly use; the numbers are those of the launcher that comes with Python on Windows.
"""

from __future__ import annotations

from workflow_helper.errors import NotFound, ProgramFailed, UsageError, WorkflowError


class NotStarted(ProgramFailed):
    """The Python, or the program, that was chosen cannot be started."""

    exit_code = 101


class NoPython(NotFound):
    """No Python of this machine is one that was asked for."""

    exit_code = 103


class BrokenEnvironment(WorkflowError):
    """The environment that is meant here cannot be used; another Python is not taken in its place silently."""

    code = "broken"
    exit_code = 107


class NoSuchVersion(UsageError):
    """A word that should be a version of Python is none."""


class NoSuchWord(UsageError):
    """A word that is no command, no extension and no file."""


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
