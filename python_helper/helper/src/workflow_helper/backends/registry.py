"""Every bundled workflow, by its name."""

from __future__ import annotations

from workflow_helper.backends import conda, hatch, nox, pdm, pipenv, pixi, poetry, tox, uv, venv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.backends.base import Backend

WORKFLOWS: dict[str, Backend] = {
    one.name: one
    for one in (
        uv.BACKEND,
        pdm.BACKEND,
        poetry.BACKEND,
        pipenv.BACKEND,
        pixi.BACKEND,
        hatch.BACKEND,
        conda.BACKEND,
        tox.BACKEND,
        nox.BACKEND,
        venv.BACKEND,
    )
}
