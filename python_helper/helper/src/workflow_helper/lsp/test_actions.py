"""The requests of an editor about a project's tests: the methods, and the shapes of their messages.

``docs/editor-protocol.schema.json`` has the shapes. Both requests may take long, run in parallel with others, and can
be cancelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_helper.lsp.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_helper.model import Environment

#: Finds the tests of the project of a file or folder.
DISCOVER_TESTS = "pythonWorkflow/discoverTests"
#: Runs tests; what becomes of them comes as progress under ``partialResultToken``: ``{"events": [...]}``.
RUN_TESTS = "pythonWorkflow/runTests"

KINDS = ("run", "debug", "coverage")


class DiscoverTestsParams(NamedTuple):
    """``{"uri", "static"?, "ignored"?}``."""

    uri: str
    #: By reading alone, also where the project could be asked.
    static: bool
    #: Folders, absolute: projects of their own inside this one.
    ignored: tuple[str, ...]

    @classmethod
    def from_wire(cls, wire: object) -> DiscoverTestsParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, DISCOVER_TESTS)
        return cls(fields.text("uri"), fields.flag("static"), fields.optional_texts("ignored"))


class RunTestsParams(NamedTuple):
    """``{"uri", "configuration", "names"?, "ignored"?, "kind"?, "partialResultToken"?}``."""

    uri: str
    #: The id of one.
    configuration: str
    #: Tests, classes, files and folders; none for all.
    names: tuple[str, ...]
    ignored: tuple[str, ...]
    #: One of :data:`KINDS`.
    kind: str
    token: str | int | None

    @classmethod
    def from_wire(cls, wire: object) -> RunTestsParams:
        """Read the parameters.

        Raises:
            UsageError: a field has a wrong type.
        """
        fields = Fields(wire, RUN_TESTS)
        kind = fields.optional_text("kind") or "run"
        if kind not in KINDS:
            raise fields.wrong("kind", f"one of {', '.join(KINDS)}")
        names = fields.optional_texts("names")
        if any(name.startswith("-") for name in names):
            raise fields.wrong("names", "a list of tests, of which none begins with a hyphen")
        return cls(
            fields.text("uri"),
            fields.text("configuration"),
            names,
            fields.optional_texts("ignored"),
            kind,
            fields.token("partialResultToken"),
        )


class EditorTestConfiguration(NamedTuple):
    """One way in which the tests of a project are run."""

    id: str
    name: str
    environment: Environment
    default: bool

    def to_wire(self) -> dict[str, Any]:
        """Return ``{"id", "name", "environment", "default"}``."""
        return {
            "id": self.id,
            "name": self.name,
            "environment": self.environment.to_wire(),
            "default": self.default,
        }


class EditorTestProblem(NamedTuple):
    """The reason why no test of a project can be run, if the user can change that."""

    #: ``not_found``, ``broken`` or ``not_trusted``, or ``tool_not_installed`` where ``package`` is missing.
    code: str
    message: str
    environment: Environment | None = None
    package: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Its members."""
        return {
            "code": self.code,
            "message": self.message,
            "environment": None if self.environment is None else self.environment.to_wire(),
            "package": self.package,
        }


class DiscoveredTests(NamedTuple):
    """The tests of one project."""

    root: str
    configurations: Sequence[EditorTestConfiguration]
    problem: EditorTestProblem | None
    framework: str
    #: The folder that ids of pytest are relative to.
    base: str
    #: Read from source, and not told by the framework.
    static: bool
    #: Each with ``id``, ``file`` and ``line``.
    tests: Sequence[dict[str, Any]] = ()
    #: Each with ``id``, ``file``, ``line``, ``message`` and ``detail``.
    unusable: Sequence[dict[str, Any]] = ()
    #: What cut the discovery short, with the framework's own words; ``""`` where nothing did.
    trouble: str = ""

    def to_wire(self) -> dict[str, Any]:
        """Return the answer to :data:`DISCOVER_TESTS`."""
        return {
            "root": self.root,
            "configurations": [one.to_wire() for one in self.configurations],
            "problem": None if self.problem is None else self.problem.to_wire(),
            "framework": self.framework,
            "base": self.base,
            "static": self.static,
            "tests": list(self.tests),
            "unusable": list(self.unusable),
            "trouble": self.trouble,
        }
