"""Check whether the folder of programs is on PATH, offer to put it there, and say how to undo that.

A shell's own file is changed only after the user said yes; else the line for it is shown.
"""

from __future__ import annotations

import os

from workflow_helper.apps import layout
from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.paths import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: Ends each line that is written into a shell's file, so that it can be found.
MARK = "# for programs that 'wsp tool install' links"
_RECORD = "path.json"
_KIND = "path"


class PathOffer(NamedTuple):
    """A way to put a folder on PATH."""

    folder: str
    #: The line for the user's shell.
    line: str
    #: The file that makes it permanent; ``None`` if it is not a file (Windows).
    file: str | None


def is_on_path(host: Host) -> bool:
    """Return whether the user's folder of programs is on PATH."""
    folder = layout.programs(host)
    entries = host.environ.get("PATH", "").split(";" if host.windows else ":")
    return any(os.path.isabs(entry) and same(entry, folder) for entry in entries)


def offer(host: Host) -> PathOffer:
    """Return the way to put the user's folder of programs on PATH in the user's own shell."""
    folder = layout.programs(host)
    if host.windows:
        quoted = folder.replace("'", "''")
        get = "[Environment]::GetEnvironmentVariable('Path', 'User')"
        line = f"[Environment]::SetEnvironmentVariable('Path', '{quoted};' + {get}, 'User')"
        return PathOffer(folder, line, None)
    shell = os.path.basename(host.environ.get("SHELL", ""))
    word = _quoted(folder, host)
    if shell == "fish":
        configured = host.environ.get("XDG_CONFIG_HOME", "")
        top = configured if os.path.isabs(configured) else os.path.join(host.home, ".config")
        line = f"fish_add_path --global {word}"
        return PathOffer(folder, line, os.path.join(top, "fish", "config.fish"))
    if shell == "zsh":
        dotdir = host.environ.get("ZDOTDIR", "")
        file = os.path.join(dotdir if os.path.isabs(dotdir) else host.home, ".zshrc")
    elif shell == "bash":
        # Terminals on macOS start login shells, which read another file.
        name = ".bash_profile" if host.platform == "darwin" else ".bashrc"
        file = os.path.join(host.home, name)
    else:
        file = os.path.join(host.home, ".profile")
    return PathOffer(folder, f'export PATH={word}:"$PATH"', file)


def put_on_path(
    host: Host, *, ask: Callable[[str], bool] | None, tell: Callable[[str], None]
) -> None:
    """Put the programs on PATH after ``ask`` agrees on a terminal; elsewhere ``tell`` how to do it.

    Nothing is reported where they are on PATH already.

    Raises:
        WorkflowError: a shell's file cannot be written.
    """
    if is_on_path(host):
        return
    how = offer(host)
    if how.file is not None and _is_in_file(how):
        tell(f"{how.folder} is on PATH in new terminals ({how.file}).")
        return
    if how.file is not None and ask is not None and not _was_prompted(how, host):
        question = (
            f"Programs go to {how.folder}, which is not on PATH. Add it in {how.file}? [y/N] "
        )
        yes = ask(question)
        if yes:
            _add(how)
        _remember(how, yes=yes, host=host)
        if yes:
            tell(
                f"Added to {how.file}, for new terminals. "
                f"To undo that, remove this line there:\n  {_whole(how)}"
            )
            return
    if how.file is None:
        tell(f"{how.folder} is not on PATH. To add it, run in PowerShell:\n  {how.line}")
    else:
        tell(
            f"{how.folder} is not on PATH. To add it, put this line into {how.file}:\n  {how.line}"
        )


def _whole(how: PathOffer) -> str:
    return f"{how.line}  {MARK}"


def _quoted(folder: str, host: Host) -> str:
    """Return the folder quoted for the shell; below the home folder by that variable, as people write it."""
    from shlex import quote

    plain = quote(folder) == folder
    below = os.path.relpath(folder, host.home)
    if plain and not below.startswith(os.pardir) and below != os.curdir:
        return f'"$HOME/{below}"'
    return quote(folder)


def _is_in_file(how: PathOffer) -> bool:
    return any(line.strip().startswith(how.line) for line in _read(how.file or "").splitlines())


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def _add(how: PathOffer) -> None:
    path = how.file or ""
    before = _read(path)
    begin = "\n" if before and not before.endswith("\n") else ""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Added to the end, in place: the file may be a link, and its owner and mode are the user's affair.
        with open(path, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{begin}{_whole(how)}\n")
    except OSError as error:
        reason = f"{path} could not be written ({error.strerror or error})"
        raise WorkflowError(reason, f"Have your shell run this: {how.line}") from None


def _was_prompted(how: PathOffer, host: Host) -> bool:
    from workflow_helper.state import record_reader as records

    try:
        return how.folder in records.read(os.path.join(host.state, _RECORD), _KIND)
    except WorkflowError:
        return True  # who cannot remember does not ask again and again


def _remember(how: PathOffer, *, yes: bool, host: Host) -> None:
    from workflow_helper.state import json_store as records

    answer = {"file": how.file, "added": yes}
    records.put(os.path.join(host.state, _RECORD), _KIND, how.folder, answer)
