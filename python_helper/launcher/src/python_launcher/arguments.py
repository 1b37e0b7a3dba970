"""From argv to an action: a value that says all that is to be done, and does nothing.

What is not ours is taken as it is: ``py`` understands its own words in front, and the rest is the Python's, the script's or
the tool's.
"""

from __future__ import annotations

from python_launcher import versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple, TypeAlias

    from python_launcher.versions import Wanted

    Action: TypeAlias = "Start | Named | Listing | Help | BuiltIn"
else:
    from python_workflow.light import NamedTuple

#: The words that are commands, whatever else has such a name.
BUILT_IN = frozenset(("run", "script", "tool", "x", "extension", "help"))
#: What begins a list, with and without the paths alone.
_LISTS = {"--list": False, "-0": False, "--list-paths": True, "-0p": True}


class Start(NamedTuple):
    """Start a Python with ``arguments``."""

    arguments: tuple[str, ...]
    #: Which one; ``None`` where the folder, the script and the user's variables are to say.
    wanted: Wanted | None = None


class Named(NamedTuple):
    """A first word that is not ours: the name of an extension, or of a file."""

    name: str
    arguments: tuple[str, ...]


class Listing(NamedTuple):
    """Show the Pythons of the machine."""

    #: With nothing but how each is asked for, and its path.
    paths: bool = False
    json: bool = False


class Help(NamedTuple):
    """Show the help, of one command or of all."""

    command: str | None = None


class BuiltIn(NamedTuple):
    """One of the commands of :mod:`python_launcher.words`."""

    #: ``"tool install"``.
    command: str
    operand: str
    #: Every value that an option was given, in order; none for a flag.
    options: Mapping[str, tuple[str, ...]]
    #: The further words, which are another program's.
    rest: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """The value of an option, the last if it was given several times."""
        values = self.options.get(name)
        return values[-1] if values else None


def parse(argv: Sequence[str]) -> Action:
    """What ``argv`` (without the program's name) asks for. Raises :class:`UsageError`."""
    if not argv:
        return Start(())
    first = argv[0]
    if first.startswith("-"):
        return _flag(first, argv)
    if first in BUILT_IN:
        from python_launcher.words import parse_command

        return parse_command(argv)
    if is_name(first):
        return Named(first, tuple(argv[1:]))
    return Start(tuple(argv))


def is_name(word: str) -> bool:
    """Whether ``word`` can be the name of an extension: no path, no suffix, no option."""
    letters = word.replace("-", "").replace("_", "")
    return letters.isascii() and letters.isalnum() and word[0] not in "-_"


def _flag(first: str, argv: Sequence[str]) -> Action:
    if first in ("-h", "--help"):
        return Help()
    if first in _LISTS:
        return _listing(argv)
    if first[1:2].isdigit():
        return Start(tuple(argv[1:]), versions.parse(first[1:], first))
    if first.startswith("-V:"):
        return Start(tuple(argv[1:]), versions.parse(first[3:], first))
    return Start(tuple(argv))


def _listing(argv: Sequence[str]) -> Listing:
    unknown = next((word for word in argv if word not in _LISTS and word != "--json"), None)
    if unknown is not None:
        from python_workflow.errors import UsageError

        raise UsageError(f"'py {argv[0]}' does not take {unknown!r}", "It takes --json.")
    return Listing(any(_LISTS.get(word, False) for word in argv), "--json" in argv)
