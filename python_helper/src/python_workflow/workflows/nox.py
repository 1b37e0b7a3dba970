"""nox: environments of the sessions that a ``noxfile.py`` defines."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="nox",
    program="nox",
    advice="Get it with 'pipx install nox' or 'uv tool install nox'.",
    default_name="dev",
)
