"""Scripts from a URL or from standard input.

Such a script runs only after the user has agreed to exactly its content. A copy is stored in the user's cache folder.
Agreement, run and environment are all for this copy: the same content needs no second agreement, different content
does. ::

    scripts/<of the URL, or of the content>/<name>.py
"""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256

from workflow_server.display import printable

from workflow_helper.discovery import script_metadata
from workflow_helper.errors import Refused, UnusableFile
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.filesystem.reader import Disk, decode
from workflow_helper.scripts import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

FOLDER = "scripts"
_DAY = 24 * 3600
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class FetchedScript(NamedTuple):
    """A script, and the absolute path of its copy."""

    #: Its display name.
    source: str
    content: bytes
    path: str


def bring(
    word: str,
    host: Host,
    *,
    piped: Callable[[int], bytes],
    ask: Callable[[str], bool | None],
    agreed: bool,
) -> str:
    """Return the path of the copy of the script at ``word``, which the user agreed to run.

    ``piped(limit)`` reads standard input. ``ask(question)`` prompts the user; it is ``None`` without a terminal.
    ``agreed`` means that the user agreed to any content.

    Raises:
        Refused: the user did not agree.
        UnusableFile: it is not a script, is too large, or has invalid metadata.
        UsageError: it is not a URL of ``http`` or ``https``.
        NotFound: the server says that there is nothing.
        NetworkUnavailable: the server cannot be reached, or is too slow.
    """
    script = (
        _from_standard_input(piped(script_metadata.SCRIPT_LIMIT + 1), host)
        if word == state.PIPED
        else _download(word, host)
    )
    metadata = script_metadata.checked(
        script.source, script_metadata.lines_ended(decode(script.source, script.content))
    )
    if not _has_copy(script):
        if not agreed:
            _check_agreed_to(script, metadata, ask)
        write_whole(script.path, script.content, replace=True, mode=0o600)
    return script.path


def prune(host: Host, *, days: float, now: float) -> int:
    """Remove the copies that were not run for ``days`` before ``now`` (seconds since the epoch), and return the bytes freed."""
    freed = 0
    top = os.path.join(host.cache, FOLDER)
    for folder, _, names in os.walk(top, topdown=False):
        for path in (os.path.join(folder, name) for name in names):
            with contextlib.suppress(OSError):
                about = os.stat(path)
                if now - about.st_mtime > days * _DAY:
                    os.unlink(path)
                    freed += about.st_size
        with contextlib.suppress(OSError):  # it still holds something
            os.rmdir(folder)
    return freed


def _download(url: str, host: Host) -> FetchedScript:
    from workflow_helper.system.http import fetch

    found = fetch(url, script_metadata.SCRIPT_LIMIT)
    return FetchedScript(found.url, found.content, _place(url.encode(), _name(found.url), host))


def _from_standard_input(content: bytes, host: Host) -> FetchedScript:
    if len(content) > script_metadata.SCRIPT_LIMIT:
        limit = f"is larger than {script_metadata.SCRIPT_LIMIT // 1024**2} MB"
        raise UnusableFile("standard input", limit)
    return FetchedScript("standard input", content, _place(content, "stdin.py", host))


def _place(key: bytes, name: str, host: Host) -> str:
    return os.path.join(host.cache, FOLDER, sha256(key).hexdigest()[:24], name)


def _name(url: str) -> str:
    """Return the name of the copy of ``url``: a plain name of a Python file."""
    from urllib.parse import unquote, urlsplit

    last = unquote(urlsplit(url).path).rpartition("/")[2]
    plain = "".join(letter if letter in _LETTERS else "_" for letter in last).lstrip(".-")[-64:]
    return plain if plain.endswith(".py") and plain != ".py" else f"{plain or 'script'}.py"


def _has_copy(script: FetchedScript) -> bool:
    try:
        is_same = Disk().read(script.path, len(script.content)) == script.content
        os.utime(script.path)
    except (OSError, UnusableFile):
        return False
    return is_same


def _check_agreed_to(
    script: FetchedScript, metadata: script_metadata.Inline, ask: Callable[[str], bool | None]
) -> None:
    """Prompt for agreement, with a copy to read; the copy is removed unless the user agrees."""
    folder, name = os.path.split(script.path)
    unread = os.path.join(folder, "proposed", name)
    write_whole(unread, script.content, replace=True, mode=0o600)
    try:
        answer = ask(_question(script, metadata, unread))
    finally:
        # Another process may ask about the same, or have taken it away.
        with contextlib.suppress(OSError):
            os.unlink(unread)
            os.rmdir(os.path.dirname(unread))
    if answer is None:
        raise Refused(
            f"{script.source} was not run: there is no terminal to confirm it in",
            "Read it first, then run it with --yes.",
        )
    if not answer:
        raise Refused(f"{script.source} was not run: you did not confirm it")


def _question(script: FetchedScript, metadata: script_metadata.Inline, unread: str) -> str:
    lines = script.content.count(b"\n") + (not script.content.endswith(b"\n"))
    before = "It has changed since you ran it.\n"
    plain = "It was downloaded without encryption, so it may have been changed on the way.\n"
    return (
        f"{printable(script.source)}: {lines} lines, SHA-256 {sha256(script.content).hexdigest()[:16]}, to be read at {unread}\n"
        f"It depends on: {printable(', '.join(metadata.dependencies)) or 'nothing'}\n"
        f"{before if os.path.exists(script.path) else ''}"
        f"{plain if script.source.startswith('http://') else ''}"
        "It can do whatever you can. Run it? [y/N] "
    )
