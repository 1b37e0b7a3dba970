"""``py`` and ``pyx``: the composition root. It parses argv, runs the action, and returns the exit status."""

from __future__ import annotations

import sys

from workflow_helper.terminal.process import be, guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def console() -> NoReturn:
    """Run ``py`` with ``sys.argv``, and exit with its status."""
    be(main)


def console_once() -> NoReturn:
    """Run ``pyx``, which is ``py x``."""
    be(lambda: main(["x", *sys.argv[1:]], "pyx"))


def main(argv: Sequence[str] | None = None, name: str = "py") -> int:
    """Run ``py`` with ``argv`` (without the program's name), and return the exit status of ``docs/launcher.md``."""
    words = sys.argv[1:] if argv is None else argv
    return guarded(lambda: _main(words), name, as_json=lambda: _wants_json(words))


def _main(words: Sequence[str]) -> int:
    from python_launcher.arguments import parse
    from python_launcher.run import run

    return run(parse(words))


def _wants_json(words: Sequence[str]) -> bool:
    """Return whether ``--json`` is among the options of ``py`` itself."""
    from workflow_helper.errors import UsageError

    from python_launcher.actions import BUILT_IN, BuiltIn, Listing
    from python_launcher.arguments import parse

    try:
        action = parse(words)
    except UsageError:
        return "--json" in words and words[0] in BUILT_IN
    return (isinstance(action, Listing) and action.json) or (
        isinstance(action, BuiltIn) and "--json" in action.options
    )


if __name__ == "__main__":
    console()
