"""PDM: the environment that ``.pdm-python`` names, kept in step with ``pdm.lock``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="pdm",
    program="pdm",
    advice="Get it with 'pipx install \"pdm[locked]\"' or 'uv tool install \"pdm[locked]\"'.",
    default_name=".venv",
)
