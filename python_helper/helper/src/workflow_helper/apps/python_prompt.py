"""Offer to install the Python that a tool needs, where it is missing."""

from __future__ import annotations

from workflow_helper.errors import PythonUnavailable, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TypeVar

    from workflow_helper.install.work import Work
    from workflow_helper.model import Host

    T = TypeVar("T")


def with_python(
    spec: str | None,
    act: Callable[[Work], T],
    host: Host,
    *,
    working: Callable[[], AbstractContextManager[Work]],
    ask: Callable[[str], bool] | None,
) -> T:
    """Call ``act``, and once more if the Python ``spec`` was missing and the user agrees to install it.

    ``working`` yields the progress and cancellation of the work; its block is left while the user is prompted.

    Raises:
        PythonUnavailable: there is no such Python, and it was not installed.
        WorkflowError: ``act`` fails.
    """
    try:
        with working() as work:
            return act(work)
    except PythonUnavailable:
        if spec is None or ask is None:
            raise
        from workflow_helper.install.python import install, release_of

        try:
            release_of(spec)
        except UsageError:  # a range, or a path: not one Python alone
            spec = None
        if spec is None or not ask(f"Python {spec} is not on this machine. Install it now? [y/N] "):
            raise
    with working() as work:
        install(spec, host, work)
        return act(work)
