"""Sync an environment, or recreate it if the project does not allow its Python."""

from __future__ import annotations

from workflow_helper.errors import OtherPython
from workflow_helper.operations.delete import recreate as recreate_environment
from workflow_helper.operations.sync import sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.values import Changes

    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.operations.sync import Wishes


def sync_or_recreate(
    session: FolderSession,
    environment: Environment,
    wishes: Wishes,
    *,
    frozen: bool = False,
    recreate: bool | None = None,
) -> tuple[Environment, Changes | None]:
    """Sync ``environment``, which works; if the project does not allow its Python, recreate it instead.

    That requires ``recreate``, or ``None`` for it and a workflow whose tool recreates by itself. The changes are then
    ``None``.

    Raises:
        OtherPython: the project does not allow the Python, and the environment was not recreated.
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        WorkflowError: syncing or recreating fails.
    """
    try:
        return environment, sync(session, environment, wishes, frozen=frozen)
    except OtherPython:
        with session.open(changing=True) as opened:
            by_itself = opened.backend is not None and opened.backend.replaces
            if not (by_itself if recreate is None else recreate):
                raise
    return recreate_environment(session, environment, wishes), None
