"""Change the dependencies in a script's block; the rest of the script, and the layout of the block, are preserved."""

from __future__ import annotations

import os
import stat

from workflow_helper.discovery import script_metadata
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.script_metadata import CLOSING, OPENING, SCRIPT_LIMIT, TYPE
from workflow_helper.errors import NotFound, UnusableFile, UsageError
from workflow_helper.filesystem.reader import Disk, decode
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.scripts.environment import without_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NamedTuple

    from packaging.requirements import Requirement
    from tomlkit.items import Array
else:
    from workflow_server.namedtuple import NamedTuple

_MARK = b"\xef\xbb\xbf"


class EditResult(NamedTuple):
    """The result of a change."""

    #: The dependencies of the script now.
    dependencies: tuple[str, ...]
    #: Whether the file was written.
    changed: bool


def add(path: str, requirements: Sequence[str]) -> EditResult:
    """Add ``requirements`` to the script at ``path``; one of the same name and marker is replaced.

    A script without a block gets one, after its shebang line if it has one.

    Raises:
        UsageError: one of ``requirements`` is invalid.
        UnusableFile: the script does not exist, or its block has mistakes.
    """
    parsed = [(_requirement(text), text.strip()) for text in requirements]

    def change(found: Array) -> None:
        for requirement, text in parsed:
            at = _place_of(requirement, [str(one) for one in found])
            if at is None:
                found.append(text)
            elif str(found[at]) != text:
                found[at] = text

    return _edit(path, change, new=True)


def remove(path: str, names: Sequence[str]) -> EditResult:
    """Remove ``names`` from the dependencies of the script at ``path``.

    Raises:
        NotFound: the script does not depend on one of ``names``, or has no block.
        UsageError: one of ``names`` is not a requirement.
        UnusableFile: the script does not exist, or its block has mistakes.
    """
    parsed = [_requirement(name) for name in names]

    def change(found: Array) -> None:
        for requirement in parsed:
            name = normalized(requirement.name)
            places = [
                at for at, one in enumerate(found) if normalized(_requirement(one).name) == name
            ]
            if not places:
                raise NotFound(f"{path} does not depend on {requirement.name}")
            for at in reversed(places):
                del found[at]

    return _edit(path, change, new=False)


def _requirement(text: object) -> Requirement:
    from packaging.requirements import Requirement

    try:
        return Requirement(str(text).strip())
    except ValueError as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise UsageError(f"{str(text)!r} is not a requirement: {reason}") from None


def _place_of(requirement: Requirement, found: Sequence[str]) -> int | None:
    """Return the index of the requirement in ``found`` for the same package."""
    about = (normalized(requirement.name), str(requirement.marker or ""))
    for at, text in enumerate(found):
        one = _requirement(text)
        if (normalized(one.name), str(one.marker or "")) == about:
            return at
    return None


def _edit(path: str, change: Callable[[Array], None], *, new: bool) -> EditResult:
    import tomlkit

    real = real_path(path)
    data = Disk().read(real, SCRIPT_LIMIT)
    if data is None:
        raise UnusableFile(path, "does not exist")
    text = decode(path, data)
    block = script_metadata.checked(path, script_metadata.lines_ended(text)).block
    if block is None and not new:
        raise without_block(path)
    document = tomlkit.parse(f"{block.content}\n" if block is not None and block.content else "")
    if "dependencies" not in document:
        document.update({"dependencies": tomlkit.array()})
    found: Array = document["dependencies"]
    before = tomlkit.dumps(document) if block is not None else None
    change(found)
    after = tomlkit.dumps(document)
    dependencies = tuple(str(one) for one in found)
    if after == before:
        return EditResult(dependencies, changed=False)
    lines = _lines(text)
    first, last = (block.first, block.last + 1) if block is not None else (_end_of_head(lines),) * 2
    end = _end_of(lines)
    written = [OPENING + TYPE, *(f"# {line}".rstrip() for line in after.split("\n")[:-1]), CLOSING]
    if block is None and "".join(lines[last : last + 1]).strip():
        written.append("")
    if block is None and first and not lines[first - 1].endswith(("\n", "\r")):
        lines[first - 1] += end
    lines[first:last] = [line + end for line in written]
    _write(real, "".join(lines), marked=data.startswith(_MARK))
    return EditResult(dependencies, changed=True)


def _lines(text: str) -> list[str]:
    """Return the lines of ``text`` with their ends, as Python reads source code."""
    import re

    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def _end_of(lines: Sequence[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def _end_of_head(lines: Sequence[str]) -> int:
    """Return the index after the shebang line and the encoding line."""
    at = 1 if lines and lines[0].startswith("#!") else 0
    if at < len(lines) and lines[at].startswith("#") and "coding" in lines[at]:
        at += 1
    return at


def _write(path: str, text: str, *, marked: bool) -> None:
    from workflow_helper.filesystem.atomic import write_whole

    mode = stat.S_IMODE(os.stat(path).st_mode)
    data = text.encode()
    write_whole(path, _MARK + data if marked else data, replace=True, mode=mode)
    os.chmod(path, mode)  # which the user's mask would have narrowed
