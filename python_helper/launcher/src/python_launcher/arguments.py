"""Parse argv into an action.

``py`` parses only its own arguments at the front; the rest is passed unchanged to the Python, the script or the tool.
"""

from __future__ import annotations

from python_launcher.actions import BUILT_IN, ExtensionOrFile, Help, Listing, Start, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from python_launcher.actions import Action

#: The options of a list, with and without the paths alone.
_LISTS = {"--list": False, "-0": False, "--list-paths": True, "-0p": True}


def parse(argv: Sequence[str]) -> Action:
    """Parse ``argv`` (without the program's name).

    Raises:
        UsageError: they are no command with its arguments.
    """
    if not argv:
        return Start(())
    first = argv[0]
    if first.startswith("-"):
        return _flag(first, argv)
    if first in BUILT_IN:
        from python_launcher.commands import parse_command

        return parse_command(argv)
    if is_name(first):
        return ExtensionOrFile(first, tuple(argv[1:]))
    return Start(tuple(argv))


def _flag(first: str, argv: Sequence[str]) -> Action:
    if first in ("-h", "--help"):
        return Help()
    if first in _LISTS:
        return _listing(argv)
    version = first[1:] if first[1:2].isdigit() else first.removeprefix("-V:")
    if version == first:
        return Start(tuple(argv))
    from python_launcher.versions import parse

    return Start(tuple(argv[1:]), parse(version, first))


def _listing(argv: Sequence[str]) -> Listing:
    unknown = next((word for word in argv if word not in _LISTS and word != "--json"), None)
    if unknown is not None:
        from workflow_helper.errors import UsageError

        raise UsageError(f"'py {argv[0]}' does not take {unknown!r}", "It takes --json.")
    return Listing(any(_LISTS.get(word, False) for word in argv), "--json" in argv)
