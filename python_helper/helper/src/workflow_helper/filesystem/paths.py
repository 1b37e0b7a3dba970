"""Paths as files spell them: make them absolute, compare them, and detect those on other machines."""

from __future__ import annotations

import os

from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.real_path import identity, real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Links behind one another that are followed; systems give up here as well.
MOST_LINKS = 40


def current_folder() -> str:
    """Return the folder where the program was started.

    Raises:
        WorkflowError: the folder no longer exists.
    """
    try:
        return without_prefix(os.getcwd())
    except OSError as error:
        raise WorkflowError(
            f"the current folder cannot be used ({error.strerror})", "Change to another one."
        ) from None


def is_remote(text: str) -> bool:
    r"""Return whether ``text`` leads to another machine or a device (``\\host\share``, ``\\?\``, ``//host``).

    Such a path in a file of a folder is reported and never accessed: even a ``stat`` of it sends credentials.
    """
    return text[:2] in ("\\\\", "//", "\\/", "/\\") or text[:4] == "\\??\\"


def is_remote_link(text: str) -> bool:
    r"""Return whether a symbolic link whose target is ``text`` leads to another machine or a device.

    Windows spells the target of a local link with the prefix of a device (``\\?\C:\envs``).
    """
    local = text[:4] == "\\\\?\\" and text[5:6] == ":"
    return is_remote(text[4:] if local else text)


def without_prefix(path: str) -> str:
    r"""Return ``path`` without Windows' prefix for long paths (``\\?\C:\a``); those of shares and devices are kept."""
    return path[4:] if path[:4] == "\\\\?\\" and path[5:7] == ":\\" else path


def remote_target(path: str) -> str | None:
    """Return the place on another machine that the links in ``path`` lead to, read without following them, or ``None``."""
    for _ in range(MOST_LINKS):
        try:
            text = os.readlink(path)
        except (OSError, ValueError):
            return None
        if is_remote_link(text):
            return text
        path = os.path.join(os.path.dirname(path), text)
    return None


def is_possible(text: str) -> bool:
    """Return whether ``text`` is an absolute path that a file system can hold: no NUL, no half of a surrogate pair."""
    try:
        return os.path.isabs(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def is_address(text: str) -> bool:
    """Return whether ``text`` looks like ``user@host:...`` or ``scheme:...`` and not like a path (PEP 832).

    A single letter before the colon is a Windows drive.
    """
    head, colon, _ = text.partition(":")
    if not colon or len(head) < 2 or "/" in head or "\\" in head:
        return False
    user, at, place = head.partition("@")
    if at:
        return bool(user and place) and " " not in head
    return (
        head[0].isalpha()
        and head.isascii()
        and all(letter.isalnum() or letter in "+-." for letter in head)
    )


def absolute(folder: str, text: str) -> str:
    """Return ``text`` as a path from ``folder``, without ``.`` and ``..``, symbolic links left as they are.

    If a link makes ``a/../b`` differ from ``b``, the result is the place that the system would open.
    """
    joined = os.path.join(folder, text)
    normal = os.path.normpath(joined)
    if ".." in text.replace("\\", "/").split("/"):
        real = real_path(joined)
        if real_path(normal) != real:
            return real
    return normal


def same(one: str, other: str) -> bool:
    """Return whether both paths lead to the same place, however they are spelled."""
    if one == other or real_path(one) == real_path(other):
        return True
    known = identity(one)
    return known is not None and known == identity(other)


def is_inside(path: str, folder: str) -> bool:
    """Return whether ``path`` is ``folder`` or lies in it, symbolic links resolved."""
    return is_inside_any(path, (folder,))


def is_inside_any(path: str, folders: Iterable[str]) -> bool:
    """Return whether ``path`` is one of ``folders`` or lies in one, symbolic links resolved, however they are spelled.

    A file system may ignore case or Unicode forms, and a folder may be mounted in two places, so the parent folders of
    ``path`` are compared by their system identity, too.
    """
    inner = real_path(path)
    outer = [real_path(folder) for folder in folders]
    if any(holds(folder, inner) for folder in outer):
        return True
    known = {found for folder in outer if (found := identity(folder)) is not None}
    while known and identity(inner) not in known:
        inner, below = os.path.dirname(inner), inner
        if inner == below:
            return False
    return bool(known)


def holds(folder: str, path: str) -> bool:
    """Return whether ``path`` is ``folder`` or lies in it, comparing only the spelling."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def path_of_file_url(url: str) -> str | None:
    """Return the path of a ``file:`` URL, which may be remote (:func:`is_remote`); ``None`` for any other text."""
    if not url.lower().startswith("file:"):
        return None
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost"):
        return f"//{parts.netloc}{path}"
    if os.name == "nt":
        path = path.lstrip("/")
    elif path.startswith("//"):
        path = "/" + path.lstrip("/")  # `file:////x`, which pip opens as `/x`
    return os.path.normpath(path)


def relative(path: str, root: str) -> str:
    """Return ``path`` relative to ``root`` with forward slashes; ``path`` itself on another drive."""
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:
        return path


def program_name(word: str) -> str:
    """Return the name of the program that ``word`` starts, in lower case, without its folder and Windows' suffix."""
    name = word.replace("\\", "/").rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending in ("com", "exe", "bat", "cmd") else name


def quoted(path: str) -> str:
    """Return ``path`` quoted for a person to paste into a shell, for messages only."""
    plain = path.isascii() and all(letter.isalnum() or letter in "@%+=:,./-_\\" for letter in path)
    if plain and path:
        return path
    if os.name == "nt":  # no path there holds a quotation mark
        return f'"{path}"'
    return "'" + path.replace("'", "'\"'\"'") + "'"
