"""A request for a tool, as a person writes it: ``black``, ``black[jupyter]==24.*``, ``black@24.1``, a path."""

from __future__ import annotations

import os

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The version that requests the newest one, even if one is installed already.
LATEST = "latest"
#: The names of files that hold a distribution.
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_HINT = "Name it: 'NAME @ file:///path', 'NAME @ git+https://...'."


class ToolRequest(NamedTuple):
    """A tool to install."""

    #: Its distribution's name, normalized.
    name: str
    #: The argument for an installer.
    requirement: str
    #: Requirements that are to be in its environment too, for plug-ins.
    beside: tuple[str, ...] = ()
    #: The Python to run it; ``None`` where that does not matter.
    python: str | None = None
    #: A program that it has to have.
    program: str | None = None
    #: The paths of this machine that it is installed from.
    local: tuple[str, ...] = ()
    #: The newest version is requested, even if the tool is installed already.
    latest: bool = False


class Word(NamedTuple):
    """``NAME`` or ``NAME@VERSION``, parsed without a library."""

    #: Normalized.
    name: str
    #: As it is written.
    spelled: str
    version: str | None = None


class ToolArguments(NamedTuple):
    """A tool to install or to run, as the arguments of a command name it."""

    #: ``TOOL``, ``TOOL@1.2``, a requirement or a path; with ``source``, the name of a program.
    word: str
    #: The folder from which paths count.
    base: str
    #: The tool that has the program, where its name is another: the same as ``word`` otherwise.
    source: str | None = None
    beside: tuple[str, ...] = ()
    #: The Python to run it.
    python: str | None = None

    @property
    def tool(self) -> str:
        """The tool, as it is written."""
        return self.word if self.source is None else self.source

    @property
    def spec(self) -> Word | None:
        """The name, and the version if there is one, where the request says no more."""
        return plain(self.tool)


def plain(text: str) -> Word | None:
    """Parse a text that is a name and at most a version; return ``None`` for any other."""
    name, at, version = text.strip().partition("@")
    if not _is_word(name, "") or (at and not (version == LATEST or _is_version(version))):
        return None
    return Word(normalized(name), name, version or None)


def of(arguments: ToolArguments, host: Host, disk: Disk) -> ToolRequest:
    """Return the tool that ``arguments`` name.

    Raises:
        UsageError: ``text`` is not a requirement, or it names no tool.
    """
    from workflow_helper.install.provision import requirement

    base, whole = arguments.base, arguments.tool
    requirement_text, path = requirement(_with_version(whole), base, host)
    more = [requirement(_with_version(one), base, host) for one in arguments.beside]
    return ToolRequest(
        _name(requirement_text, path, whole, disk),
        requirement_text,
        tuple(one for one, _ in more),
        arguments.python,
        None if arguments.source is None else program(arguments.word),
        tuple(one for one in (path, *(one for _, one in more)) if one is not None),
        whole.strip().endswith(f"@{LATEST}"),
    )


def program(text: str) -> str:
    """Return ``text`` as the name of a program.

    Raises:
        UsageError: ``text`` is not a program's name.
    """
    if not _is_word(text, "+@"):
        raise UsageError(f"{text!r} is not the name of a program")
    return text


def name_of(text: str) -> str:
    """Return the normalized name of an installed tool that a person means.

    Raises:
        UsageError: ``text`` is not the name of a tool.
    """
    if not _is_word(text.strip(), ""):
        raise UsageError(
            f"{text!r} is not the name of a tool", "'wsp tool list' shows their names."
        )
    return normalized(text.strip())


def _is_word(text: str, more: str) -> bool:
    letters = text.replace("_", "").replace("-", "").replace(".", "")
    for letter in more:
        letters = letters.replace(letter, "")
    return letters.isascii() and letters.isalnum() and text[0] not in "-."


def _is_version(text: str) -> bool:
    return text[:1].isdigit() and _is_word(text, "+!")


def _with_version(text: str) -> str:
    """Return ``text`` with ``@1.2`` written as ``==1.2``, as in a requirement."""
    head, at, version = text.strip().rpartition("@")
    name, bracket, extras = head.partition("[")
    if not at or not _is_word(name.strip() or "-", "") or (bracket and not extras.endswith("]")):
        return text
    if version == LATEST:
        return head
    return f"{head}=={version}" if _is_version(version) else text


def _name(requirement_text: str, path: str | None, text: str, disk: Disk) -> str:
    if path is None or " @ " in requirement_text or not requirement_text.startswith(path):
        from packaging.requirements import Requirement

        return normalized(Requirement(requirement_text).name)
    name = _name_at(path, disk)
    if name is None:
        raise UsageError(f"{text!r} does not name the tool", _HINT)
    return normalized(name)


def _name_at(path: str, disk: Disk) -> str | None:
    """Return the name that the file name of an archive, or the ``pyproject.toml`` of a folder, gives."""
    file = os.path.basename(path)
    if file.endswith(_ARCHIVES):
        return file.partition("-")[0] if file.endswith(".whl") else file.rpartition("-")[0] or None
    project = (disk.toml(os.path.join(path, "pyproject.toml")) or {}).get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) and _is_word(name or "-", "") else None
