"""Pixi: environments of a ``pixi.toml``, kept in ``.pixi/envs``."""

from __future__ import annotations

from python_workflow.workflows.contract import Workflow

WORKFLOW = Workflow(
    name="pixi",
    program="pixi",
    advice="Get it from https://pixi.sh.",
    default_name="default",
)
