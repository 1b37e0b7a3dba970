"""conda: environments of an ``environment.yml``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="conda",
    program="conda",
    advice="Get it from https://conda.org.",
    default_name="default",
)
