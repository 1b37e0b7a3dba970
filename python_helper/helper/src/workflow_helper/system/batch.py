"""Pass arguments to a batch file, which Windows always runs through ``cmd.exe``."""

from __future__ import annotations

import sys

from workflow_helper.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters that ``cmd.exe`` acts upon, also inside quotes (``%``, ``!``) or by ending them (``"``), when it runs a
#: batch file: no quoting is safe against all of them. See the "BatBadBut" reports (CVE-2024-24576).
_METACHARACTERS = frozenset('"%!^&|<>()\r\n\0')
#: The same of the file's own name, which is always quoted.
_EXPANDED = frozenset('"%!\r\n\0')


def popen_arguments(
    argv: Sequence[str], *, windows: bool = sys.platform == "win32"
) -> list[str] | str:
    """Return ``argv`` for :class:`subprocess.Popen`: a list, or for a batch file a line that preserves each argument.

    Every word of the line is quoted, because ``cmd.exe`` ends the first word at the ``&`` of ``R&D``, and an argument
    at a comma.

    Raises:
        Refused: ``argv`` starts a batch file, and contains characters that ``cmd.exe`` interprets.
    """
    if not windows or not argv or not argv[0].rstrip(" .").lower().endswith((".bat", ".cmd")):
        return list(argv)
    for argument in argv[1:]:
        if not _METACHARACTERS.isdisjoint(argument):
            raise Refused(
                f"{argv[0]} is a batch file, and the argument {argument!r} contains characters that Windows would run",
                'Use a program that is not a batch file, or an argument without any of " % ! ^ & | < > ( ).',
            )
    if not _EXPANDED.isdisjoint(argv[0]):
        raise Refused(
            f"{argv[0]} is a batch file, and its path contains characters that Windows would replace",
            "Move it to a folder whose path contains neither % nor !.",
        )
    return " ".join(map(_quoted, argv))


def _quoted(argument: str) -> str:
    # A program behind the batch file reads a backslash before a quotation mark as a part of that.
    bare = argument.rstrip("\\")
    return f'"{argument}{argument[len(bare) :]}"'
