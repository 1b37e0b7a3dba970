"""The Workflow Server Protocol: methods, shapes, lifecycle, and both ends of a session.

For the author of a server (``docs/spec/writing-a-server.md``)::

    from workflow_server import Environment, Server

    server = Server("mytool", "1.0")

    @server.list_environments
    def environments() -> list[Environment]:
        return [Environment(id="3.13", name="default", python_version="3.13")]

    server.run()

The names are those of :mod:`workflow_server.sdk`, imported on first use, so that clients do not import them.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.sdk import *  # noqa: F403 - all that its ``__all__`` lists


#: The one public name that is no class.
_FUNCTION = "folder_name"


def __getattr__(name: str) -> object:
    """Return the public ``name`` (PEP 562).

    Raises:
        AttributeError: There is no such name.
    """
    # Python asks here for a submodule, too, before it looks for its file.
    if name == _FUNCTION or name[:1].isupper():
        import workflow_server.sdk as sdk  # noqa: PLR0402 - `from` would ask here again

        if name in sdk.__all__:
            return getattr(sdk, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
