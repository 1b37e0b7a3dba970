"""Every error that a side of the product may show, in one tree.

::

    WorkflowError                   exit 1   something asked for could not be done
    ├── UsageError                  exit 2   the words of a command or a request are off
    ├── Refused                     exit 4   not done for lack of trust
    ├── UnusableFile                exit 1   a file that cannot be read or understood
    ├── LastLineUnusable            exit 1   the default that `.python-envs` names cannot be used
    ├── NotFound                    exit 1   what was named does not exist
    ├── AlreadyExists               exit 1   what was to be made is there already
    ├── ProgramFailed               exit 1   a program did not start, took too long, or wrote too much
    ├── CreateFailed                exit 1   a tool that was to make an environment did not
    └── Cancelled                   exit 130 stopped by the user, nothing left half-made

``code`` is the stable name of the class on the wire (``{"error": {"code", "message", "hint"}}``).
"""

from __future__ import annotations


class WorkflowError(Exception):
    """Something failed: ``message`` says what and where, ``hint`` what to do about it."""

    code = "failed"
    exit_code = 1
    #: JSON-RPC error code of the editor protocol.
    wire_code = -32803  # LSP's RequestFailed

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def to_wire(self) -> dict[str, object]:
        """``{"code", "message", "hint"}``."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class UsageError(WorkflowError):
    """The words of a command or a request are off."""

    code = "usage"
    exit_code = 2
    wire_code = -32602


class Refused(WorkflowError):
    """Refused because the folder, or the workflow it declares, is not trusted."""

    code = "not_trusted"
    exit_code = 4


class UnusableFile(WorkflowError):
    """A file that is not what it should be: unreadable, too large, not UTF-8, bad syntax, a wrong type."""

    code = "unusable_file"

    def __init__(self, path: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{path}: {reason}", hint)
        self.path = path
        self.reason = reason


class LastLineUnusable(WorkflowError):
    """The last line of ``.python-envs`` names no usable environment; the default is not guessed (PEP 832)."""

    code = "last_line_unusable"


class NotFound(WorkflowError):
    """What was named does not exist."""

    code = "not_found"


class AlreadyExists(WorkflowError):
    """What was to be made is there already, and nothing is ever overwritten."""

    code = "already_exists"


class ProgramFailed(WorkflowError):
    """A program could not be started, took longer than it may, or wrote more than it may."""

    code = "program_failed"


class CreateFailed(WorkflowError):
    """The tool that was to make an environment failed; the message ends with what it said."""

    code = "create_failed"


class Cancelled(WorkflowError):
    """Stopped on request; nothing is left half-made."""

    code = "cancelled"
    exit_code = 130
    wire_code = -32800
