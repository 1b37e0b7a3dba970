"""Every error that the product may show, in one tree.

::

    WorkflowError                   exit 1   something requested could not be done
    ├── UsageError                  exit 2   invalid arguments, or params of a request
    │   └── NothingGoverns                   no workflow governs, and the fallback was turned off
    ├── Refused                     exit 4   not done for lack of trust
    ├── OutOfBounds                 exit 1   outside the folders that an agent may work in
    ├── UnusableFile                exit 1   a file that cannot be read or understood
    ├── LastLineUnusable            exit 1   the default that `.python-envs` names cannot be used
    ├── Broken                      exit 1   the environment cannot be used
    ├── OutOfSync                   exit 1   the environment does not match its lock, or else its project
    ├── OtherPython                 exit 1   the project does not allow its Python, so it would have to be recreated
    ├── NotFound                    exit 1   the named thing does not exist
    ├── AlreadyExists               exit 1   the thing to create exists already
    ├── ProgramFailed               exit 1   a program did not start, took too long, or wrote too much
    │   └── ProgramTimedOut                  it took too long
    ├── CreateFailed                exit 1   a tool failed to create an environment
    ├── ServerFailed                exit 1   a workflow server failed; names it and shows the end of its stderr
    │   ├── ServerNotStarted                 it did not answer `initialize`
    │   ├── ServerExited                     it ended, or closed its output, while it was needed
    │   ├── ServerTimedOut                   it did not answer in time
    │   ├── ServerBrokeProtocol              what it sent violates the protocol
    │   ├── ServerBackingOff                 it failed repeatedly and is not restarted yet
    │   └── HostFailed                       the other machine that it runs on, or the connection, failed
    │       ├── HostUnreachable              it does not answer, or stopped answering
    │       ├── HostRefused                  its key is unknown or has changed, or it refuses the login
    │       └── HostUnfit                    it lacks what the workflow needs there
    ├── RequestFailed               exit 1   a workflow server answered with an error (workflow_server/errors.py)
    └── Cancelled                   exit 130 stopped by the user, nothing incomplete left behind

Each class has a ``code``, its stable name in JSON (``{"error": {"code", "message", "hint"}}``); an ``exit_code``, the exit status of
``wsp``; a ``wire_code``, the JSON-RPC code of the editor protocol; and a ``server_code``, with which a bundled workflow's server answers.
"""

from __future__ import annotations

from workflow_server.errors import (
    Cancelled,
    EnvironmentNotFound,
    ExecutionFailed,
    HostFailed,
    HostRefused,
    HostUnfit,
    HostUnreachable,
    InvalidParams,
    InvalidRequest,
    Locked,
    LockOutdated,
    MethodNotFound,
    NameConflict,
    NetworkUnavailable,
    NotInitialized,
    OutsideProject,
    Protected,
    PythonUnavailable,
    RequestFailed,
    ServerBackingOff,
    ServerBrokeProtocol,
    ServerExited,
    ServerFailed,
    ServerNotStarted,
    ServerTimedOut,
    ToolNotInstalled,
    UsageError,
    WorkflowError,
)
from workflow_server.masking import masked

__all__ = [
    "AlreadyExists",
    "Broken",
    "Cancelled",
    "CreateFailed",
    "EnvironmentNotFound",
    "ExecutionFailed",
    "HostFailed",
    "HostRefused",
    "HostUnfit",
    "HostUnreachable",
    "InvalidParams",
    "InvalidRequest",
    "LastLineUnusable",
    "LockOutdated",
    "Locked",
    "MethodNotFound",
    "NameConflict",
    "NetworkUnavailable",
    "NotFound",
    "NotInitialized",
    "NothingGoverns",
    "OtherPython",
    "OutOfBounds",
    "OutOfSync",
    "OutsideProject",
    "ProgramFailed",
    "ProgramTimedOut",
    "Protected",
    "PythonUnavailable",
    "Refused",
    "RequestFailed",
    "ServerBackingOff",
    "ServerBrokeProtocol",
    "ServerExited",
    "ServerFailed",
    "ServerNotStarted",
    "ServerTimedOut",
    "ToolNotInstalled",
    "UnusableFile",
    "UsageError",
    "WorkflowError",
    "unwritable",
]


def unwritable(path: str, error: OSError, problem: str = "cannot be written") -> WorkflowError:
    """Return the error for a file or folder of this product's own that cannot be written."""
    import os

    if path.startswith(os.devnull + os.sep):  # what stands for the home of a user who has none
        return WorkflowError(
            f"this user has no home folder, so nothing can be saved: {path} {problem}",
            "Set HOME to a folder that you may write to.",
        )
    return WorkflowError(f"{path} {problem} ({error.strerror or error})")


class NothingGoverns(UsageError):
    """No workflow governs the folder, and the fallback is turned off."""


class Refused(WorkflowError):
    """Refused because the folder, or the workflow it declares, is not trusted."""

    code = "not_trusted"
    server_code = Protected.wire_code
    exit_code = 4


class OtherPython(Protected):
    """The project does not allow the Python of its environment, which would have to be recreated."""

    code = "other_python"


class OutOfBounds(WorkflowError):
    """An agent asked for something outside the folders that it may work in."""

    code = "out_of_bounds"


class UnusableFile(WorkflowError):
    """A file cannot be used: it is unreadable, too large, not UTF-8, has a syntax error, or is of a wrong type."""

    code = "unusable_file"

    def __init__(
        self,
        path: str,
        reason: str,
        hint: str | None = None,
        *,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(f"{path}: {reason}", hint)
        self.path = path
        self.reason = masked(reason)
        #: The place for an editor, as far as known: a line, counted from 1, and a key such as ``folder[0].path``.
        self.line = line
        self.key = key


class LastLineUnusable(WorkflowError):
    """The last line of ``.python-envs`` names no usable environment; the default is not guessed (PEP 832)."""

    code = "last_line_unusable"


class Broken(WorkflowError):
    """The environment cannot be used; the message says why."""

    code = "broken"


class OutOfSync(WorkflowError):
    """The environment works, but does not match its lock, or else its project."""

    code = "out_of_sync"


class NotFound(WorkflowError):
    """The thing that was named does not exist."""

    code = "not_found"
    server_code = EnvironmentNotFound.wire_code


class AlreadyExists(WorkflowError):
    """The thing to create exists already, and nothing is ever overwritten."""

    code = "already_exists"
    server_code = NameConflict.wire_code


class ProgramFailed(WorkflowError):
    """A program could not be started, took too long, or wrote too much."""

    code = "program_failed"
    server_code = ExecutionFailed.wire_code


class ProgramTimedOut(ProgramFailed):
    """A program took too long, and was ended."""


class CreateFailed(WorkflowError):
    """The tool that creates an environment failed; the message ends with its output, and ``summary`` is one sentence."""

    code = "create_failed"
    server_code = ExecutionFailed.wire_code

    def __init__(
        self, message: str, hint: str | None = None, *, summary: str | None = None
    ) -> None:
        super().__init__(message, hint)
        self.data: dict[str, object] = {} if summary is None else {"summary": masked(summary)}

    @classmethod
    def of(cls, error: RequestFailed) -> CreateFailed:
        """Return the error for a tool that failed as ``error`` says."""
        summary = error.data.get("summary")
        return cls(error.message, error.hint, summary=summary if isinstance(summary, str) else None)
