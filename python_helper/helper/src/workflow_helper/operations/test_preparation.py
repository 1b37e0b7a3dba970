"""Create the environment of a test configuration, or install what its tests need, through its own workflow."""

from __future__ import annotations

from workflow_server.params import EnsureParams

from workflow_helper.operations.ensure import ensure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.operations.session import FolderSession
    from workflow_helper.operations.test_configurations import TestConfiguration


def prepare(session: FolderSession, one: TestConfiguration, root: str) -> TestConfiguration:
    """Return ``one``, a configuration of the project at ``root``, with its environment created and its groups installed.

    The caller has asked the user for consent.

    Raises:
        Refused: The user's trust is missing.
        PythonUnavailable: The machine lacks the Python of the environment.
        ExecutionFailed: The tool could not create it, or install into it.
    """
    if one.workflow is not None:
        question = session.question._replace(folder=root, workflow=one.workflow)
        session = session._replace(question=question)
    request = EnsureParams(one.environment_name, groups=one.groups or None)
    return one._replace(environment=ensure(session, request, None), obstacle="")
