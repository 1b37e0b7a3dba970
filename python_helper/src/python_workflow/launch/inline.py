"""The metadata that a script carries in a comment (PEP 723, "Inline script metadata")."""

from __future__ import annotations

import sys

from python_workflow.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from python_workflow.discovery.disk import Disk
else:
    from python_workflow.light import NamedTuple

SCRIPT_LIMIT = 8 * 1024 * 1024
_START = "# /// script"
_END = "# ///"


class Inline(NamedTuple):
    """What a script asks for."""

    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()


def metadata(path: str, disk: Disk) -> Inline:
    """The metadata of the script at ``path``; empty where it has none.

    Raises :class:`UnusableFile` when there is no such file, or its metadata is not as the standard says.
    """
    text = disk.text(path, SCRIPT_LIMIT)
    if text is None:
        raise UnusableFile(path, "does not exist")
    block = _block(path, text.splitlines())
    if not block:
        return Inline()
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads("\n".join(block))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnusableFile(path, f"its inline metadata is not valid TOML: {error}") from None
    requires = table.get("requires-python")
    if requires is not None and not isinstance(requires, str):
        raise UnusableFile(path, "'requires-python' in its inline metadata should be a text")
    dependencies = table.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(one, str) for one in dependencies):
        raise UnusableFile(path, "'dependencies' in its inline metadata should be a list of texts")
    return Inline(requires, tuple(dependencies))


def _block(path: str, lines: list[str]) -> list[str]:
    """The lines of the ``script`` block without their comment signs."""
    found: list[list[str]] = []
    number = 0
    while number < len(lines):
        number += 1
        if lines[number - 1] != _START:
            continue
        content = []
        for line in lines[number:]:
            if line != "#" and not line.startswith("# "):
                break
            content.append(line)
        # The block ends with the last closing line of the comment, as the standard's expression matches.
        while content and content[-1] != _END:
            content.pop()
        if content:
            number += len(content)
            found.append([line[2:] for line in content[:-1]])
    if len(found) > 1:
        raise UnusableFile(path, "holds more than one block of inline metadata, '# /// script'")
    return found[0] if found else []
