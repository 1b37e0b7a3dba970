"""Results as a person likes to read them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.model import Environment, Resolution

_MARKS = {"matched": "+", "passed": "-", "failed": "!"}


def columns(*cells: tuple[str, int]) -> str:
    """Each text padded to its width, two blanks between."""
    return "  ".join(f"{text:{width}}" if width else text for text, width in cells).rstrip()


def line(environment: Environment) -> str:
    """One environment on one line: its id, its Python, who names it, and its interpreter or what is wrong with it."""
    version = (
        f"Python {environment.python_version}" if environment.python_version else environment.kind
    )
    tail = environment.interpreter_path if environment.ok else environment.status.message
    return columns((environment.id, 24), (version, 14), (environment.source, 11), (tail or "", 0))


def trail(resolution: Resolution) -> str:
    """The whole answer: what won, then every rule with what it found (``+`` won, ``!`` unusable, ``-`` nothing)."""
    workflow, environment = resolution.workflow, resolution.environment
    head = [
        f"root         {resolution.root}",
        f"workflow     {workflow.name} ({workflow.rule})" if workflow else "workflow     none",
        f"environment  {line(environment)}" if environment else "environment  none",
        f"because      {resolution.summary}",
        "",
    ]
    steps = [f"  {_MARKS[step.outcome]} {step.rule:5} {step.detail}" for step in resolution.trail]
    return "\n".join((*head, *steps, "", "+ matched   ! cannot be used   - nothing there"))
