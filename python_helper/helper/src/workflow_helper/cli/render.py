"""Render results for a person."""

from __future__ import annotations

from workflow_helper.terminal.output import cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.model import Environment, Resolution

_MARKS = {"matched": "+", "passed": "-", "failed": "!"}


def columns(*cells: tuple[str, int]) -> str:
    """Pad each text to its width, separated by two blanks; line breaks in a text are escaped."""
    return "  ".join(
        f"{cell(text):{width}}" if width else cell(text) for text, width in cells
    ).rstrip()


def line(environment: Environment, label: str | None = None) -> str:
    """Return an environment on one line: its id or ``label``, its Python, its source, and its interpreter or its problem."""
    version = (
        f"Python {environment.python_version}" if environment.python_version else environment.kind
    )
    place = environment.prefix if environment.kind == "remote" else environment.interpreter_path
    tail = place if environment.ok else environment.status.message
    return columns(
        (label or environment.id, 24), (version, 14), (environment.source, 11), (tail or "", 0)
    )


def trail(resolution: Resolution) -> tuple[str, ...]:
    """Return the lines of the whole answer: the result, then each rule with what it found (``+`` won, ``!`` unusable, ``-`` nothing)."""
    workflow, environment = resolution.workflow, resolution.environment
    head = [
        f"root         {resolution.root}",
        f"workflow     {workflow.name} ({workflow.rule})" if workflow else "workflow     none",
        f"environment  {line(environment)}" if environment else "environment  none",
        *_indented("because      ", resolution.summary),
        "",
    ]
    steps = [
        row
        for step in resolution.trail
        for row in _indented(f"  {_MARKS[step.outcome]} {step.rule:5} ", step.detail)
    ]
    return (*head, *steps, "", "+ matched   ! cannot be used   - nothing there")


def _indented(head: str, text: str) -> list[str]:
    """Return ``text`` after ``head``, with further lines indented: a server's last output may have several lines."""
    first, *more = text.split("\n")
    return [head + first, *(" " * len(head) + line for line in more)]
