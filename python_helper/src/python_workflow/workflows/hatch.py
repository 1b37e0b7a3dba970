"""Hatch: environments declared in ``pyproject.toml`` or ``hatch.toml``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="hatch",
    program="hatch",
    advice="Get it with 'pipx install hatch' or 'uv tool install hatch'.",
    default_name="default",
)
