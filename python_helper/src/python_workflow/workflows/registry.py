"""Every bundled workflow, by its name."""

from __future__ import annotations

from python_workflow.workflows import conda, hatch, nox, pdm, pipenv, pixi, poetry, tox, uv, venv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from python_workflow.workflows.contract import Workflow

WORKFLOWS: dict[str, Workflow] = {
    one.name: one
    for one in (
        uv.WORKFLOW,
        pdm.WORKFLOW,
        poetry.WORKFLOW,
        pipenv.WORKFLOW,
        pixi.WORKFLOW,
        hatch.WORKFLOW,
        conda.WORKFLOW,
        tox.WORKFLOW,
        nox.WORKFLOW,
        venv.WORKFLOW,
    )
}
