"""A tool's programs in the user's folder of programs: links into its environment, and copies on Windows.

Files of other owners are never changed; the error says whose they are.
"""

from __future__ import annotations

import contextlib
import os

from workflow_helper.apps import foreign, layout
from workflow_helper.apps.environment import path_of
from workflow_helper.errors import AlreadyExists, WorkflowError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow_helper.apps.records import ToolRecord
    from workflow_helper.model import Host

#: A program that a link of ours leads to, and whose tool is no more.
_NOBODY = ""


def check_none_is_foreign(record: ToolRecord, host: Host) -> None:
    """Raise :class:`AlreadyExists` if another tool's program, or any other file, has the name of one of the programs."""
    for name in record.programs:
        path = layout.link(name, record.folder, host)
        owner = _owner(path, host)
        if owner is not None and owner not in (record.name, _NOBODY):
            raise _foreign(path, owner, record.name, host)


def link(record: ToolRecord, host: Host) -> bool:
    """Link the tool's programs in its folder, and return whether anything was changed.

    Raises:
        AlreadyExists: another tool's program, or any other file, has the name of one of the programs.
        WorkflowError: the folder cannot be written.
    """
    changed = False
    for name in record.programs:
        path, program = layout.link(name, record.folder, host), path_of(name, record.prefix, host)
        if not _leads_to(path, program, host):
            _put(path, program, record.name, host)
            changed = True
    return changed


def missing(record: ToolRecord, host: Host) -> Iterator[str]:
    """Yield the programs of the tool that are missing in its folder, or belong to another tool there."""
    for name in record.programs:
        path = layout.link(name, record.folder, host)
        if not _leads_to(path, path_of(name, record.prefix, host), host):
            yield path


def unlink(
    name: str, folders: Iterable[str], host: Host, *, keep: Iterable[str] = ()
) -> tuple[str, ...]:
    """Remove the programs of the tool ``name`` from ``folders``, except those named in ``keep``, and return the removed paths.

    Raises:
        WorkflowError: one cannot be removed.
    """
    gone = []
    excepted = {os.path.normcase(layout.link(one, "", host)) for one in keep}
    for folder in dict.fromkeys(folders):
        for entry in Disk().names(folder):
            path = os.path.join(folder, entry)
            if os.path.normcase(entry) not in excepted and _owner(path, host, alone=name) == name:
                try:
                    os.unlink(path)
                except OSError as error:
                    reason = f"{path} cannot be removed ({error.strerror or error})"
                    raise WorkflowError(
                        reason, "End the program if it runs, then try again."
                    ) from None
                gone.append(path)
    return tuple(sorted(gone))


def _owner(path: str, host: Host, *, alone: str | None = None) -> str | None:
    """Return the tool that a program is linked for; :data:`_NOBODY` for a removed tool.

    It is ``None`` if there is no program. For any other file, return the path itself, which no tool's name can equal.
    With ``alone``, only that tool is looked for.
    """
    if not os.path.lexists(path):
        return None
    if host.windows:
        found = Disk().names(layout.folder(host)) if alone is None else (alone,)
        return next((name for name in found if _is_copied_for(path, name, host)), path)
    try:
        target = os.readlink(path)
    except OSError:
        return path
    if not os.path.isabs(target):
        return path
    # Check the spelled target, which may no longer exist, and its real path, since the folder may be reached by a link.
    for place, top in ((target, layout.folder(host)), (real_path(target), None)):
        within = os.path.relpath(place, top or real_path(layout.folder(host)))
        name, separator, _ = within.partition(os.sep)
        if separator and name != os.pardir:
            return name if os.path.lexists(layout.record(name, host)) or name == alone else _NOBODY
    return path


def _is_copied_for(path: str, name: str, host: Host) -> bool:
    """Return whether it is a copy of a program in an environment of the tool, the previous one included."""
    home = layout.home(name, host)
    program = os.path.splitext(os.path.basename(path))[0]
    return any(
        _leads_to(path, path_of(program, os.path.join(home, folder), host), host)
        for folder in Disk().names(home)
    )


def _leads_to(path: str, program: str, host: Host) -> bool:
    try:
        if not host.windows:
            return os.readlink(path) == program
        with open(path, "rb") as one, open(program, "rb") as other:
            return one.read() == other.read()
    except OSError:
        return False


def _put(path: str, program: str, name: str, host: Host) -> None:
    """Link or copy ``program`` to ``path``, replacing only a program of this product."""
    import shutil

    aside = f"{path}.{os.urandom(4).hex()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        owner = _owner(path, host)
        if owner is not None and owner not in (name, _NOBODY):
            raise _foreign(path, owner, name, host)
        if host.windows:
            shutil.copy2(program, aside)
            # A rename fails there where something appears meanwhile.
            (os.rename if owner is None else os.replace)(aside, path)
        elif owner is None:
            os.symlink(program, path)  # where something appears meanwhile, this fails
        else:
            os.symlink(program, aside)
            os.replace(aside, path)
    except FileExistsError:
        _forget(aside)
        raise _foreign(path, _owner(path, host) or path, name, host) from None
    except OSError as error:
        _forget(aside)
        reason = f"{path} could not be created ({error.strerror or error})"
        raise WorkflowError(reason, "XDG_BIN_HOME may name another folder for programs.") from None


def _forget(aside: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(aside)


def _foreign(path: str, owner: str, name: str, host: Host) -> AlreadyExists:
    """Return the error for a program's name that is already taken."""
    if owner not in (path, _NOBODY):
        return AlreadyExists(
            f"{path} belongs to the tool {owner}, and {name} has a program of the same name",
            f"'wsp tool uninstall {owner}' removes it.",
        )
    whose = foreign.owner(path, host)
    if whose is not None:
        by, tool, command = whose
        return AlreadyExists(
            f"{path} exists already: {by} installed it with its tool {tool}",
            f"{command} removes it.",
        )
    what = f"a link to {os.readlink(path)}" if os.path.islink(path) else "another program"
    return AlreadyExists(
        f"{path} exists already and is {what}, so nothing was changed",
        "Rename or remove it yourself, or name another folder for programs in XDG_BIN_HOME.",
    )
