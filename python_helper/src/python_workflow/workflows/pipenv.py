"""Pipenv: the one environment of a ``Pipfile``, kept in step with ``Pipfile.lock``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="pipenv",
    program="pipenv",
    advice="Get it with 'pipx install pipenv' or 'uv tool install pipenv'.",
    default_name="default",
)
