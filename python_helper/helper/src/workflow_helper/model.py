"""The values that the whole product uses: immutable, without I/O, each with its wire shape.

Paths are absolute strings in the host's own spelling and are never resolved through symbolic links unless a
field says so. Wire shapes are those of ``docs/cli.md``.
"""

from __future__ import annotations

import os

from workflow_server.model import Interpreter, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, NamedTuple, TypeAlias

    Launch: TypeAlias = (
        "BundledLaunch | ProgramLaunch | ScriptLaunch | ModuleLaunch | AdapterLaunch | SshLaunch"
    )
    Outcome: TypeAlias = Literal["passed", "failed", "matched"]
    Source: TypeAlias = Literal[
        "script",
        "python-envs",
        ".venv",
        "activated",
        "selected",
        "workflow",
        "settings",
        "mapping",
        "tool",
        "elsewhere",
        "system",
    ]
else:
    from workflow_server.namedtuple import NamedTuple

__all__ = [
    "SOURCES",
    "AdapterLaunch",
    "BundledLaunch",
    "Decision",
    "Declaration",
    "Environment",
    "Host",
    "Interpreter",
    "Launch",
    "ModuleLaunch",
    "ProgramLaunch",
    "Question",
    "Resolution",
    "ScriptLaunch",
    "Source",
    "SshLaunch",
    "Status",
    "Step",
    "Trouble",
    "Workflow",
]

#: The sources of an environment, in the order in which lists show them.
SOURCES: tuple[Source, ...] = (
    "script",
    "selected",
    "settings",
    "activated",
    "workflow",
    "mapping",
    ".venv",
    "python-envs",
    "tool",
    "elsewhere",
    "system",
)


class Host(NamedTuple):
    """The machine, as discovery sees it: passed as an argument, so that a test can stand for any machine."""

    environ: Mapping[str, str]
    home: str
    #: ``sys.platform`` of the machine: ``"linux"``, ``"darwin"``, ``"win32"``.
    platform: str
    #: Folders of this product: the user's configuration, state and cache.
    config: str
    state: str
    cache: str
    #: The user's id, or ``None`` where the platform has none.
    uid: int | None = None
    #: Another folder of this product: what the user had it install.
    data: str = ""

    @property
    def windows(self) -> bool:
        """Return whether interpreters live in ``Scripts`` and end in ``.exe``."""
        return self.platform == "win32"


class Question(NamedTuple):
    """The question to :func:`workflow_helper.resolver.resolve.resolve`."""

    #: The absolute path of a folder, or of a file in it.
    folder: str
    #: W1: a bundled workflow's name or a path, or ``None``.
    workflow: str | None = None
    fallback: bool = True
    #: W3 from an editor's own settings: ``{"workflow": ..., "policy": ...}``.
    preference: Mapping[str, Any] | None = None
    #: Asked by an editor: an activated environment counts only if it is the folder's own (E2).
    editor: bool = False
    #: The folder is trusted (an editor's Workspace Trust).
    trusted: bool = False
    #: The folders that an editor has open, of which its trust is; none: ``folder`` alone. What encloses them is not trusted
    #: with them. Where nothing marks a project, the open folder is the root.
    opened: tuple[str, ...] = ()
    #: The interpreter that the settings of a trusted workspace name (``python.defaultInterpreterPath``), absolute.
    interpreter: str | None = None
    #: The file of variables that the settings of a trusted workspace name (``python.envFile``), absolute; without it the root's
    #: ``.env`` is read.
    env_file: str | None = None
    #: Answer from files alone, starting nothing.
    static: bool = False
    #: Asked by an editor whose trusted window has no folder open: its user may run the very file, and nothing else of its folder.
    single_file: bool = False


class Environment(NamedTuple):
    """One Python environment, as a folder knows it."""

    id: str
    name: str
    #: ``"venv"``, ``"conda"``, ``"system"``, ``"remote"`` or ``"unknown"``.
    kind: str
    prefix: str
    interpreter_path: str | None
    python_version: str | None
    source: Source
    default: bool = False
    status: Status = Status()

    @property
    def ok(self) -> bool:
        """Return whether the environment can be used, as far as known."""
        return self.status.state == "ok"

    @property
    def is_placeless(self) -> bool:
        """Return whether its workflow's server reports only its name and its Python."""
        return (
            self.status.state == "unsupported" and not self.prefix and self.interpreter_path is None
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the environment object of the command line and of the editor protocol."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "prefix": self.prefix,
            "interpreter_path": self.interpreter_path,
            "python_version": self.python_version,
            "default": self.default,
            "source": self.source,
            "status": self.status.to_wire(),
        }


class BundledLaunch(NamedTuple):
    """A bundled workflow."""

    name: str

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"bundled"}``."""
        return {"bundled": self.name}


class ProgramLaunch(NamedTuple):
    """A ``cmd``: a program and its arguments, run in place."""

    argv: tuple[str, ...]
    #: The requirements that are installed first: several, or one as such.
    requires: str | tuple[str, ...] = ()
    #: The further files that consent covers.
    files: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"cmd"}``, with ``requires`` and ``files`` where they are declared."""
        return {"cmd": [*self.argv], **_beside(self.requires, self.files)}


class ScriptLaunch(NamedTuple):
    """A ``script``: a Python file or a folder of Python files, run from a private copy."""

    path: str
    #: The further files that are copied.
    files: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"script"}``, with ``files`` where they are declared."""
        return {"script": self.path, **_beside(files=self.files)}


class ModuleLaunch(NamedTuple):
    """A ``module``, which Python runs by its name."""

    name: str
    #: The requirements that are installed first: several, or one as such.
    requires: str | tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"module"}``, with ``requires`` where that is declared."""
        return {"module": self.name, **_beside(self.requires)}


class AdapterLaunch(NamedTuple):
    """A ``config``: the file of a declarative adapter."""

    path: str
    #: The further files that consent covers.
    files: tuple[str, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"config"}``, with ``files`` where they are declared."""
        return {"config": self.path, **_beside(files=self.files)}


class SshLaunch(NamedTuple):
    """A server on another machine, reached by ``ssh``."""

    #: As ssh is told: ``user@host``, a name of its configuration, an ``ssh:`` URL.
    host: str
    #: The folder there, in which ``{name}`` stands for the name of the project's own.
    folder: str
    #: What is started there.
    there: Launch

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"ssh", "folder", "wsp"}``."""
        there = self.there
        wsp = there.name if isinstance(there, BundledLaunch) else there.to_wire()
        return {"ssh": self.host, "folder": self.folder, "wsp": wsp}


def _beside(requires: str | tuple[str, ...] = (), files: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the optional keys of a declaration that have a value."""
    listed = requires if isinstance(requires, str) else [*requires]
    return {key: value for key, value in (("requires", listed), ("files", [*files])) if value}


class Declaration(NamedTuple):
    """One workflow, as declared."""

    name: str
    launch: Launch
    #: The file that declares it; ``None`` for a setting, an option or a variable, and where nothing does.
    declared_in: str | None = None

    @property
    def host(self) -> str | None:
        """The other machine that it runs on, as an ssh destination; ``None`` for this machine."""
        return self.launch.host if isinstance(self.launch, SshLaunch) else None

    @property
    def bundled(self) -> str | None:
        """The bundled workflow's name; ``None`` for a workflow with a server."""
        return self.launch.name if isinstance(self.launch, BundledLaunch) else None

    def base(self, root: str) -> str:
        """Return the folder that its paths are relative to."""
        return os.path.dirname(self.declared_in) if self.declared_in else root


class Workflow(NamedTuple):
    """The workflow that governs a folder, and the rule (``"W1"`` to ``"W7"``) that chose it."""

    declaration: Declaration
    rule: str
    #: Whether it may be started: bundled, the user's own word, or a project's with the user's consent.
    trusted: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return self.declaration.name

    @property
    def declared_in(self) -> str | None:
        """The file that declares it, or ``None``."""
        return self.declaration.declared_in

    @property
    def host(self) -> str | None:
        """The other machine that its server runs on, as an ssh destination; ``None`` for this machine."""
        return self.declaration.host

    def to_wire(self) -> dict[str, Any]:
        """Return the workflow object of ``wsp workflow show --json``."""
        return {
            "name": self.name,
            "rule": self.rule,
            "declared_in": self.declared_in,
            "launch": self.declaration.launch.to_wire(),
            "trusted": self.trusted,
        }


class Decision(NamedTuple):
    """The decision of :func:`workflow_helper.trust.policy.decide`: whether something may be started, and if not, why."""

    #: The reason why not, as a clause that goes on a sentence about it ("it is not trusted"); empty where it may.
    reason: str = ""
    #: What would allow it, as a sentence.
    hint: str | None = None

    @property
    def allowed(self) -> bool:
        """Return whether it may be started."""
        return not self.reason

    @property
    def sentence(self) -> str:
        """The reason, and how to allow it, as the end of a sentence."""
        if self.hint is None:
            return self.reason
        return f"{self.reason} ({self.hint[:1].lower()}{self.hint[1:].removesuffix('.')})"


class Step(NamedTuple):
    """One rule that was tried: ``passed`` found nothing, ``failed`` found something unusable, ``matched`` decided."""

    rule: str
    outcome: Outcome
    detail: str

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"rule", "outcome", "detail"}``."""
        return {"rule": self.rule, "outcome": self.outcome, "detail": self.detail}


class Trouble(NamedTuple):
    """The failure of a workflow's server."""

    #: The workflow's name.
    workflow: str
    #: One sentence that names it.
    message: str
    #: The last that its server wrote to its standard error.
    output: str = ""
    #: The kind of the error.
    code: str = "server_failed"

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"workflow", "message", "output"}``."""
        return {"workflow": self.workflow, "message": self.message, "output": self.output}


class Resolution(NamedTuple):
    """The answer about one folder, with the trail that explains it."""

    root: str
    environment: Environment | None
    trail: tuple[Step, ...]
    #: ``None`` where no workflow governs; only known if the whole trail was requested.
    workflow: Workflow | None = None
    #: A workflow server could still say otherwise.
    provisional: bool = False
    #: The environment belongs to the project (not merely "activated elsewhere").
    own: bool = False
    #: The reason why the search ended without an answer, where it must not be guessed around; else ``None``.
    unusable: str | None = None
    #: The user selected "no interpreter here".
    declined: bool = False
    #: The root that ``workflow`` was chosen for: this one, or one that encloses it.
    governed: str | None = None
    #: The failures of the workflow when it was asked.
    trouble: Trouble | None = None

    @property
    def summary(self) -> str:
        """One sentence about why the environment was chosen, or why there is none."""
        if self.environment is not None:
            for step in reversed(self.trail):
                if step.outcome == "matched" and step.rule.startswith("E"):
                    return step.detail
        failed = [step.detail for step in self.trail if step.outcome == "failed"]
        if self.unusable is not None:
            return self.unusable
        if self.declined:
            return next((step.detail for step in self.trail if step.rule == "E1"), "")
        return "; ".join(dict.fromkeys(failed)) if failed else self._none_found

    @property
    def absence(self) -> str:
        """One sentence that there is no environment, and why no rule found one."""
        summary = self.summary
        return summary if summary == self._none_found else f"no environment: {summary}"

    @property
    def _none_found(self) -> str:
        return f"no environment was found for {self.root}"
