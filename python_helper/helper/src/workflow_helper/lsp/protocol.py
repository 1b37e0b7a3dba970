"""The requests of an editor beyond LSP, and the shapes of their messages; its actions are in :mod:`.actions`.

``docs/editor-protocol.schema.json`` has them all. Shapes are in snake case, as those of the command line are; they are
built from and into the values of :mod:`workflow_helper.model`. A client's parameters are checked here; a mistake raises
a :class:`UsageError` that names the method and the field.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_helper.lsp.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow_helper.backends.installed import InstalledTool
    from workflow_helper.errors import WorkflowError
    from workflow_helper.model import Environment, Resolution
    from workflow_helper.state.choices import Chosen

#: Requests of the client.
RESOLVE = "pythonWorkflow/resolve"
ENVIRONMENTS = "pythonWorkflow/environments"
ELSEWHERE = "pythonWorkflow/elsewhere"
PYTHONS = "pythonWorkflow/pythons"
EXPLAIN = "pythonWorkflow/explain"
SELECT = "pythonWorkflow/select"
FORGET = "pythonWorkflow/forget"
WORKFLOWS = "pythonWorkflow/workflows"
CHOOSE_WORKFLOW = "pythonWorkflow/chooseWorkflow"
ABOUT = "pythonWorkflow/about"
#: Notifications of the client.
DID_CHANGE_CONTEXT = "pythonWorkflow/didChangeContext"
DID_FOCUS = "pythonWorkflow/didFocus"
#: Notification of the server.
DID_CHANGE_INTERPRETER = "pythonWorkflow/didChangeInterpreter"

#: Every method of this product starts so.
PREFIX = "pythonWorkflow/"

#: How people write the names that implementations of Python give themselves.
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


class Interpreters(NamedTuple):
    """The values of ``python.defaultInterpreterPath``, as written: in the user's settings, and by the URI of an open folder."""

    user: str | None = None
    folders: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any] | None, method: str) -> Interpreters:
        """Read from ``{"user": str | null, "folders": {URI: str}}``."""
        if wire is None:
            return cls()
        fields = Fields(wire, method)
        return cls(fields.optional_text("user"), _texts(fields.table("folders")))


def _texts(table: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Return the values of a setting, by the URI of an open folder; values that are not strings are dropped."""
    return {uri: text for uri, text in (table or {}).items() if isinstance(text, str)}


class Context(NamedTuple):
    """The context that the editor sends: trust, and the user's settings (rule W3)."""

    trusted: bool = False
    preference: Mapping[str, Any] | None = None
    interpreters: Interpreters = Interpreters()
    #: What ``python.envFile`` says, as written, by the URI of an open folder.
    env_files: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def from_wire(cls, wire: object, method: str) -> Context:
        """From ``{"trusted": bool, "preference": {"workflow": ..., "policy": ...} | null, "interpreters": ..., "env_files": ...}``.

        Absent is untrusted.
        """
        if wire is None:
            return cls()
        fields = Fields(wire, method)
        interpreters = Interpreters.from_wire(fields.table("interpreters"), method)
        env_files = _texts(fields.table("env_files"))
        return cls(fields.flag("trusted"), fields.table("preference"), interpreters, env_files)


class ResolveParams(NamedTuple):
    """``{"uris": [...]}``: folders or files, any number."""

    uris: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> ResolveParams:
        """Read the parameters.

        Raises:
            UsageError: they are not a list of strings.
        """
        return cls(Fields(wire, RESOLVE).texts("uris"))


class UriParams(NamedTuple):
    """``{"uri": ...}``: a folder or a file."""

    uri: str

    @classmethod
    def from_wire(cls, wire: object, method: str) -> UriParams:
        """Read the parameters.

        Raises:
            UsageError: there is no URI.
        """
        return cls(Fields(wire, method).text("uri"))


class EnvironmentsParams(NamedTuple):
    """``{"uri", "pythons"?}``: without ``"pythons": false`` the machine's are listed too, which takes a search."""

    uri: str
    pythons: bool

    @classmethod
    def from_wire(cls, wire: object) -> EnvironmentsParams:
        """Read the parameters.

        Raises:
            UsageError: there is no URI.
        """
        fields = Fields(wire, ENVIRONMENTS)
        return cls(fields.text("uri"), fields.flag("pythons", default=True))


class ElsewhereParams(NamedTuple):
    """``{"uri", "folders"}``: the editor's own folders to search, absolute or from ``~``, besides the usual ones."""

    uri: str
    folders: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> ElsewhereParams:
        """Read the parameters.

        Raises:
            UsageError: there is no URI, or another value is not a list of strings.
        """
        fields = Fields(wire, ELSEWHERE)
        return cls(fields.text("uri"), fields.texts("folders"))


class SelectParams(NamedTuple):
    """``{"uri", "selection"}``: an absolute path of an environment or an interpreter, or ``"none"``."""

    uri: str
    selection: str

    @classmethod
    def from_wire(cls, wire: object) -> SelectParams:
        """Read the parameters.

        Raises:
            UsageError: there is no URI, or no selection.
        """
        fields = Fields(wire, SELECT)
        return cls(fields.text("uri"), fields.text("selection"))


class ChooseWorkflowParams(NamedTuple):
    """``{"uri", "workflow"}``: a bundled workflow's name, the absolute path of a script, or ``null`` for none."""

    uri: str
    workflow: str | None

    @classmethod
    def from_wire(cls, wire: object) -> ChooseWorkflowParams:
        """Read the parameters.

        Raises:
            UsageError: there is no URI, or the workflow has another type.
        """
        fields = Fields(wire, CHOOSE_WORKFLOW)
        return cls(fields.text("uri"), fields.text_or_null("workflow"))


class Answer(NamedTuple):
    """The answer that the editor shows for one URI; see :meth:`to_wire`."""

    uri: str
    resolution: Resolution
    #: The Python that a terminal would start, where the folder has no environment.
    system: Environment | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the answer's shape.

        ``own``: the environment belongs to the project. ``problem``: one sentence about an environment that was found
        but cannot be used, or null. ``trouble``: a workflow server caused the problem, with the end of its output.
        ``must_ask``: the default that ``.python-envs`` names is unusable, and no other may be guessed.
        ``offer_create``: there is no environment, and the user did not select none.
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
    """Return the answer to :data:`ENVIRONMENTS`: the folder's own, the default first, and the machine's."""
    return {
        "root": root,
        "environments": [environment.to_wire() for environment in environments],
        "pythons": [python.to_wire() for python in pythons],
    }


def elsewhere_to_wire(root: str, environments: Sequence[Environment]) -> dict[str, Any]:
    """Return the answer to :data:`ELSEWHERE`: the machine's environments that nothing in the folder names, by name."""
    return {"root": root, "environments": [environment.to_wire() for environment in environments]}


def pythons_to_wire(pythons: Sequence[Environment]) -> dict[str, Any]:
    """Return the answer to :data:`PYTHONS`: those of the machine, the best first."""
    return {"pythons": [python.to_wire() for python in pythons]}


def explanation_to_wire(found: Resolution) -> dict[str, Any]:
    """Return the answer to :data:`EXPLAIN`: the document of ``wsp explain --json``, and whether it is provisional."""
    return {
        "root": found.root,
        "workflow": None if found.workflow is None else found.workflow.to_wire(),
        "environment": None if found.environment is None else found.environment.to_wire(),
        "provisional": found.provisional,
        "trail": [step.to_wire() for step in found.trail],
    }


def workflows_to_wire(root: str, names: Sequence[str], chosen: Chosen) -> dict[str, Any]:
    """Return the answer to :data:`WORKFLOWS`: the available workflows, the chosen one, and whether an environment is selected."""
    return {
        "root": root,
        "workflows": list(names),
        "chosen": chosen.workflow,
        "selected": chosen.selection is not None,
    }


def about_to_wire(version: str, tools: Sequence[InstalledTool]) -> dict[str, Any]:
    """Return the answer to :data:`ABOUT`, for bug reports: the versions of this product and its platform, and the tools found."""
    import sys

    implementation = _IMPLEMENTATIONS.get(sys.implementation.name, sys.implementation.name)
    return {
        "version": version,
        "python": f"{implementation} {sys.version.split()[0]}",
        "executable": sys.executable,
        "platform": _platform(),
        "tools": [tool.to_wire() for tool in tools],
    }


def _platform() -> str:
    """Return the system and its version, from system calls: ``platform`` would start ``uname`` from any folder on PATH."""
    import os
    import sys

    if sys.platform == "win32":
        version = sys.getwindowsversion()
        return f"Windows {version.major}.{version.minor}.{version.build}"
    about = os.uname()
    return f"{about.sysname} {about.release} {about.machine}"


#: Members of an error's ``data`` that an editor makes buttons and sentences of: the failure in one sentence, the tool that is
#: not installed, and the release of Python that is not.
_FOR_EDITORS = ("summary", "tool", "python")


def error_to_wire(error: WorkflowError) -> dict[str, object]:
    """Return an error's data for an editor: ``{"code", "hint"}``, and the members of :data:`_FOR_EDITORS` that it has."""
    known = getattr(error, "data", {})
    more = {name: known[name] for name in _FOR_EDITORS if isinstance(known.get(name), str)}
    return {"code": error.code, "hint": error.hint, **more}
