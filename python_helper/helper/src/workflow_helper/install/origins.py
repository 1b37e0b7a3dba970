"""Compare an address or a file with the recorded origin of an installed package, its ``direct_url.json`` (PEP 610).

Nothing is downloaded. The current contents of a branch or a folder are unknown, so that the result is unknown too.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote, path_of_file_url
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

#: Bytes of an archive whose digest is taken.
ARCHIVE_LIMIT = 256 * 1024 * 1024
_DIGESTS = ("sha256", "sha512", "sha384", "sha1", "md5")
#: The names that tools have for the kinds of repositories.
REPOSITORIES = ("git", "hg", "svn", "bzr")
_REPOSITORIES = tuple(f"{kind}+" for kind in REPOSITORIES)
#: The fewest characters of a commit's hash that are compared: fewer may belong to several commits.
_SHORTEST_COMMIT = 7


class Address(NamedTuple):
    """The parts of an address to install from."""

    #: A real path, or a URL without what opens it.
    place: str
    #: Of a repository: what it is one of, such as ``git``; else empty.
    vcs: str
    #: The branch, tag or commit.
    revision: str
    #: The part behind its ``#``.
    fields: Mapping[str, str]

    @classmethod
    def of(cls, text: str, root: str) -> Address:
        """Parse a URL, or a path relative to ``root``."""
        text, _, fragment = text.partition("#")
        fields = {
            key: value for key, _, value in (one.partition("=") for one in fragment.split("&"))
        }
        vcs = revision = ""
        if text.lower().startswith(_REPOSITORIES):
            vcs, _, text = text.partition("+")
            before, slash, last = text.rpartition("/")
            last, _, revision = last.partition("@")
            text = f"{before}{slash}{last}".removesuffix(".git")
        return cls(_place(text, root), vcs.lower(), revision, fields)

    def with_hashes(self, files: object) -> Address:
        """Return this address with the digest for its archive from ``files`` of a lock, each ``{"file" or "url", "hash"}``."""
        name = self.place.replace("\\", "/").rpartition("/")[2]
        fields = dict(self.fields)
        listed = files if isinstance(files, list) else []
        for one in listed:
            if isinstance(one, dict) and isinstance(one.get("hash"), str):
                place = str(one.get("file") or one.get("url") or "").partition("#")[0]
                if place.rpartition("/")[2] == name or len(listed) == 1:
                    kind, _, digest = one["hash"].partition(":")
                    fields[kind] = digest
        return self._replace(fields=fields)

    @property
    def hashes(self) -> dict[str, str]:
        """Its digests."""
        return {key: self.fields[key].lower() for key in _DIGESTS if key in self.fields}


def _place(text: str, root: str) -> str:
    path = path_of_file_url(text)
    if path is None and "://" in text:
        from urllib.parse import urlsplit, urlunsplit

        try:
            parts = urlsplit(text)
        except ValueError:
            return text
        host = parts.netloc.rpartition("@")[2].lower()
        return urlunsplit(parts._replace(netloc=host)).rstrip("/")
    path = os.path.join(root, text) if path is None else path
    return path if is_remote(path) else real_path(path)


def name_and_version(text: str) -> tuple[str | None, str | None]:
    """Return the name, normalized, and the version in the address or the path of an archive."""
    from urllib.parse import unquote

    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    address, _, fragment = text.partition("#")
    for one in fragment.split("&"):
        if one.startswith("egg="):
            return normalized(one.removeprefix("egg=").partition("[")[0]), None
    file = unquote(address.partition("?")[0].replace("\\", "/").rpartition("/")[2])
    try:
        if file.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(file)
            return normalized(name), str(version)
        name, version = parse_sdist_filename(file)
        # The archive of a repository is named by its branch or tag, which proves nothing.
        return normalized(name), None
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None, None


def is_from(address: Address, origin: Mapping[str, Any], disk: Disk) -> bool | None:
    """Return whether a package with this ``direct_url.json`` was installed from ``address``; ``None`` if that is unknown."""
    if not origin:
        return None
    recorded = Address.of(str(origin.get("url", "")), os.sep)
    if address.vcs:
        return _is_commit(address, recorded, origin)
    about = origin.get("archive_info")
    if isinstance(about, dict):
        return _is_archive(address, recorded, hashes_of(about), disk)
    about = origin.get("dir_info")
    if not isinstance(about, dict) or (recorded.place, False) != (address.place, is_url(address)):
        return False
    # What is not editable is a copy of what the folder held.
    return True if about.get("editable") is True else None


def is_url(address: Address) -> bool:
    """Return whether it is on another machine."""
    return "://" in address.place


def hashes_of(about: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests of an ``archive_info``, also in its older form."""
    recorded = about.get("hashes")
    found = {
        key: value.lower()
        for key, value in (recorded.items() if isinstance(recorded, dict) else ())
        if isinstance(value, str)
    }
    name, _, value = str(about.get("hash", "")).partition("=")
    return {name: value.lower(), **found} if value else found


def same_digest(expected: Mapping[str, str], found: Mapping[str, str]) -> bool | None:
    """Return whether the digests are equal; ``None`` if they have no algorithm in common."""
    both = [key for key in _DIGESTS if key in expected and key in found]
    return expected[both[0]] == found[both[0]] if both else None


def _is_archive(
    address: Address, recorded: Address, hashes: Mapping[str, str], disk: Disk
) -> bool | None:
    if address.hashes:
        same = same_digest(address.hashes, hashes)
        return False if same is None and address.place != recorded.place else same
    if address.place != recorded.place:
        return False
    if is_url(address):
        return True  # what is at an address is taken to stay
    found = _digests(address.place, hashes, disk)
    return same_digest(hashes, found)


def _digests(path: str, like: Mapping[str, str], disk: Disk) -> dict[str, str]:
    import hashlib

    kind = next((one for one in _DIGESTS if one in like), None)
    if kind is None or is_remote(path):
        return {}
    try:
        content = disk.read(path, ARCHIVE_LIMIT)
    except UnusableFile:
        return {}
    if content is None:
        return {}
    return {kind: hashlib.new(kind, content, usedforsecurity=False).hexdigest()}


def _is_commit(address: Address, recorded: Address, origin: Mapping[str, Any]) -> bool | None:
    about = origin.get("vcs_info")
    if not isinstance(about, dict):
        # What is editable is a working copy, of which only its folder is recorded.
        return None if "dir_info" in origin else False
    below = str(origin.get("subdirectory", ""))
    where = (about.get("vcs"), recorded.place.removesuffix(".git"), below.strip("/"))
    if where != (address.vcs, address.place, address.fields.get("subdirectory", "").strip("/")):
        return False
    commit, revision = str(about.get("commit_id", "")), address.revision
    if len(revision) >= _SHORTEST_COMMIT and commit.startswith(revision):
        return True
    is_whole = len(revision) == len(commit) and set(revision) <= set("0123456789abcdef")
    if is_whole or str(about.get("requested_revision") or "") != revision:
        return False
    return None  # a branch moves, and so may a tag
