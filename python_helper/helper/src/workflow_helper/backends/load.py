"""Load one bundled workflow by its name, without importing the others."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.backends.base import Backend


def load_backend(name: str) -> Backend:
    """Return the workflow ``name`` of :data:`workflow_helper.backends.registry.WORKFLOWS`; its module has the same name."""
    module = __import__(f"workflow_helper.backends.{name}", fromlist=("BACKEND",))
    workflow: Backend = module.BACKEND
    return workflow
