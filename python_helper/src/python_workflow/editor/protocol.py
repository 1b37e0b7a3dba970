"""The methods between an editor and the helper, beyond LSP, and the shapes that travel in them.

``extension/protocol.ts`` mirrors this module. Shapes are in snake case, as those of the command line are; they are
built from and into the values of :mod:`python_workflow.model`. What a client sends is checked here, and a mistake is
told as a :class:`UsageError` that names the method and the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from python_workflow.errors import UsageError
from python_workflow.wsp.values import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from python_workflow.model import Environment, Resolution
    from python_workflow.store import Chosen

#: Requests of the client.
RESOLVE = "pythonWorkflow/resolve"
ENVIRONMENTS = "pythonWorkflow/environments"
EXPLAIN = "pythonWorkflow/explain"
SELECT = "pythonWorkflow/select"
FORGET = "pythonWorkflow/forget"
CREATE = "pythonWorkflow/create"
CHECK = "pythonWorkflow/check"
SYNC = "pythonWorkflow/sync"
WORKFLOWS = "pythonWorkflow/workflows"
CHOOSE_WORKFLOW = "pythonWorkflow/chooseWorkflow"
#: Notifications of the client.
DID_CHANGE_CONTEXT = "pythonWorkflow/didChangeContext"
DID_FOCUS = "pythonWorkflow/didFocus"
#: Notification of the server.
DID_CHANGE_INTERPRETER = "pythonWorkflow/didChangeInterpreter"

#: Every method of this product starts so.
PREFIX = "pythonWorkflow/"
#: The requests that take long: others are answered meanwhile, and they can be cancelled.
LONG = (CREATE, CHECK, SYNC)


class Context(NamedTuple):
    """What the editor knows and the disk does not: trust, and the user's own settings (rule W3)."""

    trusted: bool = False
    preference: Mapping[str, Any] | None = None

    @classmethod
    def from_wire(cls, wire: object, method: str) -> Context:
        """From ``{"trusted": bool, "preference": {"workflow": ..., "policy": ...} | null}``; absent is untrusted."""
        if wire is None:
            return cls()
        fields = _Fields(wire, method)
        return cls(fields.flag("trusted"), fields.table("preference"))


class ResolveParams(NamedTuple):
    """``{"uris": [...]}``: folders or files, any number."""

    uris: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> ResolveParams:
        """Raises :class:`UsageError` for anything but a list of strings."""
        return cls(_Fields(wire, RESOLVE).texts("uris"))


class UriParams(NamedTuple):
    """``{"uri": ...}``: a folder or a file."""

    uri: str

    @classmethod
    def from_wire(cls, wire: object, method: str) -> UriParams:
        """Raises :class:`UsageError` without a URI."""
        return cls(_Fields(wire, method).text("uri"))


class SelectParams(NamedTuple):
    """``{"uri", "selection"}``: an absolute path of an environment or an interpreter, or ``"none"``."""

    uri: str
    selection: str

    @classmethod
    def from_wire(cls, wire: object) -> SelectParams:
        """Raises :class:`UsageError` without a URI or a selection."""
        fields = _Fields(wire, SELECT)
        return cls(fields.text("uri"), fields.text("selection"))


class ChooseWorkflowParams(NamedTuple):
    """``{"uri", "workflow"}``: a bundled workflow's name, the absolute path of a script, or ``null`` for none."""

    uri: str
    workflow: str | None

    @classmethod
    def from_wire(cls, wire: object) -> ChooseWorkflowParams:
        """Raises :class:`UsageError` without a URI, or for another type of workflow."""
        fields = _Fields(wire, CHOOSE_WORKFLOW)
        return cls(fields.text("uri"), fields.optional_text("workflow"))


class CreateParams(NamedTuple):
    """``{"uri", "name"?, "python"?, "workDoneToken"?}``."""

    uri: str
    #: The environment's folder in the root; ``None`` leaves it to the helper.
    name: str | None
    #: An absolute path of an interpreter, or a version such as ``3.12``; ``None`` leaves it to the helper.
    python: str | None
    #: Where progress goes, when the client wants any.
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> CreateParams:
        """Raises :class:`UsageError` for a field of a wrong type."""
        fields = _Fields(wire, CREATE)
        return cls(
            fields.text("uri"),
            fields.optional_text("name"),
            fields.optional_text("python"),
            fields.token(),
        )


class SyncParams(NamedTuple):
    """``{"uri", "recreate"?, "workDoneToken"?}``."""

    uri: str
    #: A broken environment may be deleted and made anew.
    recreate: bool
    #: Where progress goes, when the client wants any.
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> SyncParams:
        """Raises :class:`UsageError` for a field of a wrong type."""
        fields = _Fields(wire, SYNC)
        return cls(fields.text("uri"), fields.flag("recreate"), fields.token())


class Answer(NamedTuple):
    """What the editor shows for one URI; see :meth:`to_wire`."""

    uri: str
    resolution: Resolution
    #: The machine's best Python, where the folder has no environment.
    system: Environment | None = None

    def to_wire(self) -> dict[str, Any]:
        """The answer's shape.

        ``own``: the environment belongs to the project. ``problem``: one sentence on what was found and cannot be
        used, or null; ``trouble``: that it is what a workflow server did wrong, and the last that it wrote. ``must_ask``: the default that ``.python-envs`` names is unusable and must not be guessed
        around. ``offer_create``: there is nothing at all, and the user did not ask for none.
        """
        found = self.resolution
        return {
            "uri": self.uri,
            "root": found.root,
            "workflow": None if found.workflow is None else found.workflow.to_wire(),
            "environment": None if found.environment is None else found.environment.to_wire(),
            "provisional": found.provisional,
            "own": found.own,
            "summary": found.summary,
            "problem": self._problem(),
            "trouble": None if found.trouble is None else found.trouble.to_wire(),
            "must_ask": found.unusable is not None,
            "offer_create": self._offer_create(),
            "system": None if self.system is None else self.system.to_wire(),
        }

    def _problem(self) -> str | None:
        found = self.resolution
        if found.unusable is not None:
            return found.unusable
        if found.trouble is not None:
            return found.trouble.message
        # An activated environment of another project (E2) and a workflow that was not asked (E0, E3) are no mistakes.
        failed = [
            step.detail
            for step in found.trail
            if step.outcome == "failed" and step.rule not in ("E0", "E2", "E3")
        ]
        return "; ".join(dict.fromkeys(failed)) or None

    def _offer_create(self) -> bool:
        found = self.resolution
        if found.environment is not None or found.declined or found.unusable is not None:
            return False
        return not any(
            step.outcome == "failed" and step.rule in ("E1", "E4", "E5", "E6")
            for step in found.trail
        )


def environments_to_wire(
    root: str, environments: Sequence[Environment], pythons: Sequence[Environment]
) -> dict[str, Any]:
    """The answer to :data:`ENVIRONMENTS`: the folder's own, the default first, and the machine's."""
    return {
        "root": root,
        "environments": [environment.to_wire() for environment in environments],
        "pythons": [python.to_wire() for python in pythons],
    }


def explanation_to_wire(found: Resolution) -> dict[str, Any]:
    """The answer to :data:`EXPLAIN`: what ``wsp explain --json`` prints, and whether it is provisional."""
    return {
        "root": found.root,
        "workflow": None if found.workflow is None else found.workflow.to_wire(),
        "environment": None if found.environment is None else found.environment.to_wire(),
        "provisional": found.provisional,
        "trail": [step.to_wire() for step in found.trail],
    }


def workflows_to_wire(root: str, names: Sequence[str], chosen: Chosen) -> dict[str, Any]:
    """The answer to :data:`WORKFLOWS`: what can be chosen, what is, and whether an environment, or none, is selected."""
    return {
        "root": root,
        "workflows": list(names),
        "chosen": chosen.workflow,
        "selected": chosen.selection is not None,
    }


def checked_to_wire(state: str, message: str) -> dict[str, Any]:
    """What a check found.

    ``state``: ``"in_step"``, ``"out_of_step"``, ``"broken"``, ``"none"`` for no environment, or ``"unknown"`` where nobody
    can tell; ``message`` says what is wrong, or why nobody can.
    """
    return {"state": state, "message": message}


def synced_to_wire(changes: Changes | None) -> dict[str, Any]:
    """What a sync did; ``changes`` is ``None`` for an environment that was made anew."""
    told = Changes(True, (), ()) if changes is None else changes  # noqa: FBT003
    return {**told.to_wire(), "recreated": changes is None}


class _Fields:
    """The fields of one message's parameters."""

    def __init__(self, wire: object, method: str) -> None:
        self._method = method
        if not isinstance(wire, dict):
            raise UsageError(f"{method}: the parameters must be an object")
        self._wire: dict[str, object] = wire

    def wrong(self, field: str, expected: str) -> UsageError:
        """The error for a field that is not what was expected."""
        return UsageError(f"{self._method}: {field} must be {expected}")

    def token(self) -> str | int | None:
        value = self._wire.get("workDoneToken")
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise self.wrong("workDoneToken", "a string or a number")
        return value

    def text(self, field: str) -> str:
        value = self._wire.get(field)
        if not isinstance(value, str) or not value:
            raise self.wrong(field, "a text that is not empty")
        return value

    def optional_text(self, field: str) -> str | None:
        return None if self._wire.get(field) is None else self.text(field)

    def texts(self, field: str) -> tuple[str, ...]:
        value = self._wire.get(field)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(field, "a list of texts")
        return tuple(value)

    def flag(self, field: str) -> bool:
        value = self._wire.get(field, False)
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def table(self, field: str) -> dict[str, Any] | None:
        value = self._wire.get(field)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(field, "an object or null")
        return value
