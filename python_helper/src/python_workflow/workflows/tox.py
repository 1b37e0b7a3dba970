"""tox: environments that its configuration names."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="tox",
    program="tox",
    advice="Get it with 'pipx install tox' or 'uv tool install tox'.",
    default_name="dev",
)
