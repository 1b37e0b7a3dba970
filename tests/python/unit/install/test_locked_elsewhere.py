"""Packages that a tool's lock has from elsewhere than an index, compared with what is recorded of what is installed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.installed_state import (
    InstalledPackages,
    LockedPackage,
    in_sync,
    marker_variables,
    out_of_sync,
)
from workflow_server.values import Package, Plan

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_server.values import InSync

pytestmark = pytest.mark.needs("POSIX")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENT = b"a wheel"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OTHER = "00" * 32
WHEEL = "dist/one-1-py3-none-any.whl"
URL = "https://example.invalid/one-1-py3-none-any.whl"
GIT = "git+https://example.invalid/one"


def compared(machine: Machine, one: LockedPackage, origin: dict[str, Any] | None) -> InSync:
    """The answer for ``one``, of which version 1 is installed from ``origin``."""
    root = str(machine.workspace)
    folder = machine.workspace / ".venv/lib/python3.12/site-packages/one-1.dist-info"
    write(folder / "METADATA", "Name: one\nVersion: 1\n")
    if origin is not None:
        write(folder / "direct_url.json", json.dumps(origin).replace("ROOT", root))
    installed = InstalledPackages(
        f"{root}/.venv", marker_variables("3.12.4", "cpython"), machine.host, Disk()
    )
    return in_sync(out_of_sync([one], installed, "x.lock", ()), installed.unknown)


def test_what_a_sync_would_do_is_told_with_what_is_out_of_sync(machine: Machine) -> None:
    """An upgrade is on both sides; without the version of a package nobody can tell, of the others either."""
    root = str(machine.workspace)
    for name in ("one", "two"):
        folder = machine.workspace / f".venv/lib/python3.12/site-packages/{name}-1.dist-info"
        write(folder / "METADATA", f"Name: {name}\nVersion: 1\n")
    installed = InstalledPackages(
        f"{root}/.venv", marker_variables("3.12.4", "cpython"), machine.host, Disk()
    )
    locked = [LockedPackage("one", "2"), LockedPackage("three", "3")]
    result = in_sync(out_of_sync(locked, installed, "x.lock", ()), ())
    one, two = Package("one", "1"), Package("two", "1")
    assert result.plan == Plan((Package("one", "2"), Package("three", "3")), (one, two))
    assert (
        in_sync(out_of_sync([*locked, LockedPackage("four")], installed, "x.lock", ()), ()).plan
        is None
    )
    assert in_sync((), ()).plan == Plan()
    assert in_sync((), ("what one holds",)).plan is None


def archive(url: str, digest: str | None = DIGEST) -> dict[str, Any]:
    """Where what came from an archive is from."""
    hashes = {} if digest is None else {"hashes": {"sha256": digest}}
    return {"url": url, "archive_info": hashes}


def hashed(digest: str, file: str = "one-1-py3-none-any.whl") -> list[dict[str, str]]:
    """Digests, as Poetry and PDM lock them."""
    return [{"file": file, "hash": f"sha256:{digest}"}]


@pytest.mark.parametrize(
    ("place", "files", "origin", "expected"),
    [
        (WHEEL, hashed(DIGEST), archive(f"file://ROOT/{WHEEL}"), True),
        (WHEEL, None, archive(f"file://ROOT/{WHEEL}"), True),  # by the file that is there
        (WHEEL, hashed(OTHER), archive(f"file://ROOT/{WHEEL}"), False),
        (WHEEL, None, archive(f"file://ROOT/{WHEEL}", OTHER), False),
        (WHEEL, None, archive("file://ROOT/other.whl"), False),
        (WHEEL, hashed(DIGEST), archive(f"file://ROOT/{WHEEL}", None), None),
        (WHEEL, hashed(DIGEST), None, None),
        (URL, hashed(DIGEST), archive(URL), True),
        (URL, hashed(OTHER), archive(URL), False),
        (URL, hashed(OTHER, "another.whl") * 2, archive(URL), True),
        (URL, None, archive("https://example.invalid/two.whl"), False),
        (URL, hashed(DIGEST), archive(URL, None), None),
        (URL, None, None, None),
        ("lib", None, {"url": "file://ROOT/lib", "dir_info": {"editable": True}}, False),
        ("lib", None, {"url": "file://ROOT/lib", "dir_info": {}}, None),
        ("gone", None, {"url": "file://ROOT/gone", "dir_info": {}}, None),
    ],
)
def test_archives_and_folders(
    machine: Machine,
    place: str,
    files: list[dict[str, str]] | None,
    origin: dict[str, Any] | None,
    expected: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    """Only what is recorded with the locked content is in sync, and what files do not tell never is."""
    (machine.workspace / "lib").mkdir()
    write(machine.workspace / WHEEL, CONTENT)
    one = LockedPackage("one", "1").at(place, str(machine.workspace), files=files)
    assert compared(machine, one, origin).in_sync is expected


@pytest.mark.parametrize(
    ("commit", "editable", "origin", "expected"),
    [
        (COMMIT, False, {"vcs": "git", "commit_id": COMMIT}, True),
        (COMMIT, False, {"vcs": "git", "commit_id": COMMIT[::-1]}, False),
        (COMMIT, False, None, False),
        (COMMIT, True, None, None),
        (None, False, {"vcs": "git", "commit_id": COMMIT}, None),
    ],
)
def test_repositories(
    machine: Machine,
    commit: str | None,
    editable: bool,  # noqa: FBT001 - a column of the table
    origin: dict[str, str] | None,
    expected: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    """By the commit, where one is locked; a working copy and a branch are never called in sync."""
    about: dict[str, Any] = {"dir_info": {"editable": True}} if origin is None else {}
    if origin is not None:
        about = {"vcs_info": origin}
    one = LockedPackage("one", "1").of_repository(GIT, commit, editable=editable)
    where = {"url": "https://example.invalid/one", **about}
    assert compared(machine, one, where).in_sync is expected


def test_what_is_locked_from_an_index_is_not_it_from_elsewhere(machine: Machine) -> None:
    """What was installed from an archive has the version, and not the content, that the index has."""
    one = LockedPackage("one", "1", of_index=True)
    assert compared(machine, one, None).in_sync is True
    assert compared(machine, one, archive(URL)).in_sync is False
