"""The actions of ``py``: plain values that say what to do, and do nothing themselves."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple, TypeAlias

    from python_launcher.versions import VersionRequest

    Action: TypeAlias = "Start | ExtensionOrFile | Listing | Help | BuiltIn"
else:
    from workflow_server.namedtuple import NamedTuple

#: The words that are commands, whatever else has such a name.
BUILT_IN = frozenset(("run", "script", "tool", "x", "extension", "help"))


class Start(NamedTuple):
    """Start a Python with ``arguments``."""

    arguments: tuple[str, ...]
    #: The requested one; ``None`` where the folder, the script and the user's variables decide.
    version: VersionRequest | None = None


class ExtensionOrFile(NamedTuple):
    """A first argument that is no command: the name of an extension or of a file."""

    name: str
    arguments: tuple[str, ...]


class Listing(NamedTuple):
    """Show the Pythons of the machine."""

    #: Whether to list only each Python's tag and its path.
    paths: bool = False
    json: bool = False


class Help(NamedTuple):
    """Show the help, of one command or of all."""

    command: str | None = None


class BuiltIn(NamedTuple):
    """One of the commands of :mod:`python_launcher.commands`."""

    #: ``"tool install"``.
    command: str
    operand: str
    #: Every value that an option was given, in order; an empty tuple for a flag.
    options: Mapping[str, tuple[str, ...]]
    #: The further words, which are another program's.
    rest: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """Return the value of an option, the last if it was given several times."""
        values = self.options.get(name)
        return values[-1] if values else None


def is_name(word: str) -> bool:
    """Return whether ``word`` can be the name of an extension: no path, no suffix, no option."""
    letters = word.replace("-", "").replace("_", "")
    return letters.isascii() and letters.isalnum() and word[0] not in "-_"
