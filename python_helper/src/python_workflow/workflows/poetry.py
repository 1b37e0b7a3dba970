"""Poetry: environments a Python version, kept in step with ``poetry.lock``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="poetry",
    program="poetry",
    advice="Get it with 'pipx install poetry' or 'uv tool install poetry'.",
    default_name="default",
)
