"""One bundled workflow by its name, without the modules of the others: whoever asks waits for what is imported."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.backends.base import Backend


def load_backend(name: str) -> Backend:
    """The workflow ``name`` of :data:`workflow_helper.backends.registry.WORKFLOWS`, whose module is called as it is."""
    module = __import__(f"workflow_helper.backends.{name}", fromlist=("BACKEND",))
    workflow: Backend = module.BACKEND
    return workflow
