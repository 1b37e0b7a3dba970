"""The result of a check: clauses with their outcomes, as values, as JSON and as text (``docs/spec/conformance.md``)."""

from __future__ import annotations

from workflow_server.conformance.clauses import CLAUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NamedTuple, TypeAlias

    Outcome: TypeAlias = Literal["passed", "failed", "warning", "skipped"]
else:
    from workflow_server.namedtuple import NamedTuple


class Verdict(NamedTuple):
    """The outcome of one clause."""

    clause: str
    #: Page and anchor, below ``docs/spec/``.
    page: str
    #: ``"MUST"`` or ``"SHOULD"``.
    level: str
    outcome: Outcome
    #: What was sent and what came, where it is broken; why, where it is skipped; else empty.
    detail: str = ""

    def to_wire(self) -> dict[str, str]:
        """Return ``{"clause", "page", "level", "outcome", "detail"}``."""
        return self._asdict()


class Report(NamedTuple):
    """The outcome of a check of one server."""

    server: tuple[str, ...]
    server_info: dict[str, str] | None
    #: ``"base"``, ``"extended"``, or ``None`` where ``initialize`` was never answered.
    profile: str | None
    capabilities: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def exit_code(self) -> int:
        """1 if a MUST is broken, else 0."""
        return 1 if self.number_of("failed") else 0

    def number_of(self, outcome: Outcome) -> int:
        """Return the number of clauses with this outcome."""
        return sum(one.outcome == outcome for one in self.verdicts)

    def to_wire(self) -> dict[str, Any]:
        """Return the document of ``wsp check --json``."""
        return {
            "server": list(self.server),
            "server_info": self.server_info,
            "profile": self.profile,
            "capabilities": list(self.capabilities),
            "passed": self.number_of("passed"),
            "failed": self.number_of("failed"),
            "warnings": self.number_of("warning"),
            "skipped": self.number_of("skipped"),
            "clauses": [one.to_wire() for one in self.verdicts],
        }

    def render(self) -> str:
        """Return the report as text, one line for each clause and one for each mistake."""
        signs = {"passed": "ok  ", "failed": "FAIL", "warning": "warn", "skipped": "-   "}
        lines = []
        for one in self.verdicts:
            lines.append(f"{signs[one.outcome]}  {one.level:6}  {one.page}")
            if one.detail:
                lines.append(f"      {one.detail}")
        info = self.server_info or {}
        server = f"{info['name']} {info['version']}".strip() if info else " ".join(self.server)
        profile = f"{self.profile} profile" if self.profile else "it never answered initialize"
        numbers = (
            f"{self.number_of('passed')} clauses hold, {self.number_of('failed')} broken, "
            f"{self.number_of('warning')} warnings, {self.number_of('skipped')} do not apply"
        )
        return "\n".join([*lines, "", f"{server}: {profile}; {numbers}", ""])


class Findings:
    """The outcomes so far, by clause: once broken, a clause stays broken."""

    def __init__(self) -> None:
        self._broken: dict[str, str] = {}
        self._satisfied: set[str] = set()
        self._skipped: dict[str, str] = {}

    def judge(self, clause: str, holds: object, detail: str) -> bool:
        """Record whether ``clause`` holds, or ``detail`` if it does not."""
        if holds:
            self._satisfied.add(clause)
        else:
            self._broken.setdefault(clause, detail)
        return bool(holds)

    def skip(self, why: str, *clauses: str) -> None:
        """Record that ``clauses`` do not apply."""
        self._skipped.update(dict.fromkeys(clauses, why))

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return a verdict for each clause, in the order of the pages."""
        return tuple(self._verdict(name) for name in CLAUSES)

    def _verdict(self, name: str) -> Verdict:
        clause = CLAUSES[name]
        page = f"{clause.page}#{name}"
        if name in self._broken:
            outcome: Outcome = "failed" if clause.level == "MUST" else "warning"
            return Verdict(name, page, clause.level, outcome, self._broken[name])
        if name in self._satisfied:
            return Verdict(name, page, clause.level, "passed")
        why = self._skipped.get(name, "it could not be tried")
        return Verdict(name, page, clause.level, "skipped", why)
