"""Change single packages of an environment, through the workflow that governs the folder."""

from __future__ import annotations

from workflow_helper.operations.create import progress_reporter
from workflow_helper.operations.session import refuse_machine_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_server.values import Changes

    from workflow_helper.model import Environment
    from workflow_helper.operations.session import FolderSession


def change_packages(
    session: FolderSession,
    environment: Environment,
    packages: Sequence[str],
    *,
    install: bool,
) -> Changes:
    """Install the requirements ``packages`` into ``environment``, which works, or uninstall the packages that they name.

    The project's declarations are not changed.

    Raises:
        NothingGoverns: no workflow governs.
        Refused: the user's trust is missing.
        Protected: ``environment`` is a Python of the machine.
        MethodNotFound: the workflow does not change single packages.
        RequestFailed: the workflow fails.
        ServerFailed: a declared workflow's server could not be started, or failed.
    """
    refuse_machine_python(environment)
    with session.open(changing=True) as opened:
        opened.require("environment.packages", "change single packages")
        change = opened.calls.install if install else opened.calls.uninstall
        known = opened.entry(environment).id
        return change(
            known,
            packages,
            cancelled=session.work.cancelled,
            progress=progress_reporter(session.work),
        )
