"""What of a requirements file is installed, what is not, and what files alone do not tell."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.files import site_packages, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import pylock
from workflow_helper.install.declared import declared
from workflow_helper.install.installed_state import (
    InstalledPackages,
    differences,
    in_sync,
    marker_variables,
)

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_server.values import InSync

URL = "https://example.invalid/one-1-py3-none-any.whl"
GIT = "git+https://example.invalid/one"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENT = b"a wheel"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def put(machine: Machine, name: str, origin: dict[str, Any] | None = None, needs: str = "") -> None:
    """Note that version 1 of a distribution is installed."""
    folder = site_packages(machine.workspace / ".venv") / f"{name}-1.dist-info"
    write(folder / "METADATA", f"Name: {name}\nVersion: 1\n{needs}\n")
    if origin is not None:
        text = json.dumps(origin).replace("file://ROOT", machine.workspace.as_uri())
        write(folder / "direct_url.json", text)


def check(machine: Machine, requirements: str) -> InSync:
    """The answer for these requirements."""
    root = str(machine.workspace)
    requirements = requirements.replace("file://ROOT", machine.workspace.as_uri())
    write(machine.workspace / "requirements.txt", requirements)
    disk = Disk()
    installed = InstalledPackages(
        f"{root}/.venv", marker_variables("3.12.4", "cpython"), machine.host, disk
    )
    reasons = [*differences(declared(root, None, None, disk), root, installed, disk)]
    return in_sync(reasons, installed.unknown)


def from_git(revision: str | None = None, **more: str) -> dict[str, Any]:
    """Where what came from a repository is from."""
    about = {"vcs": "git", "commit_id": COMMIT}
    if revision is not None:
        about["requested_revision"] = revision
    return {"url": "https://example.invalid/one.git", "vcs_info": about, **more}


def archive(url: str, digest: str | None = None) -> dict[str, Any]:
    """Where what came from an archive is from."""
    hashes = {} if digest is None else {"hashes": {"sha256": digest}}
    return {"url": url, "archive_info": hashes}


LOCAL = "file://ROOT/one-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("./one-1-py3-none-any.whl", archive(LOCAL, DIGEST)),
        (LOCAL, archive(LOCAL, DIGEST)),
        (f"one @ {LOCAL}", archive(LOCAL, DIGEST)),
        (f"./one-1-py3-none-any.whl --hash=sha256:{DIGEST}", archive(LOCAL, DIGEST)),
        (URL, archive(URL)),
        ("https://me:secret@example.invalid/one-1-py3-none-any.whl", archive(URL)),
        (f"one @ {URL}", archive(URL)),
        (f"one @ {URL}#sha256={DIGEST}", archive(URL, DIGEST)),
        (
            f"one @ {URL}#sha256={DIGEST}",
            {"url": URL, "archive_info": {"hash": f"sha256={DIGEST}"}},
        ),
        ("https://example.invalid/main.zip", archive("https://example.invalid/main.zip")),
        (f"one @ {GIT}@{COMMIT}", from_git()),
        (f"one @ {GIT}.git@{COMMIT[:9]}", from_git()),
        (f"{GIT}@{COMMIT}#egg=one&subdirectory=x", from_git(subdirectory="x")),
        ("-e ./lib", {"url": "file://ROOT/lib", "dir_info": {"editable": True}}),
        (f"one==1 --hash=sha256:{DIGEST}", archive(URL, DIGEST)),
        ("-c limits.txt\none", None),
        ("--find-links ./wheels\n--index-url https://example.invalid\none", None),
        ("./gone-1-py3-none-any.whl ; python_version < '3'\none", None),
        ("./gone ; python_version < '3'\none", None),
    ],
)
def test_what_is_recorded_as_it_is_asked_for_is_in_sync(
    machine: Machine, text: str, origin: dict[str, Any] | None
) -> None:
    """The address, the digest or the commit that was recorded proves it."""
    (machine.workspace / "lib").mkdir()
    write(machine.workspace / "one-1-py3-none-any.whl", CONTENT)
    write(machine.workspace / "limits.txt", "one<2\nother==3\n")
    put(machine, "one", origin)
    assert check(machine, text)[:2] == (True, "")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("./nothere-1-py3-none-any.whl", None),
        ("./nothere-1.tar.gz", None),
        ("file:///x/nothere-1-py3-none-any.whl", None),
        ("https://example.invalid/nothere-1-py3-none-any.whl", None),
        ("nothere @ https://example.invalid/x.zip", None),
        (f"{GIT}#egg=nothere", None),
        ("-e ./lib", None),
        ("./lib", {"url": "file://ROOT/lib", "dir_info": {"editable": True}}),
        ("./one-2-py3-none-any.whl", None),
        ("./one-1-py3-none-any.whl", archive(LOCAL, "00" * 32)),
        ("./one-1-py3-none-any.whl", archive("file:///x/one-1-py3-none-any.whl", DIGEST)),
        ("./one-1-py3-none-any.whl", from_git()),
        (f"one @ {URL}", archive(f"{URL}x")),
        (f"one @ {URL}", {"url": URL, "dir_info": {}}),
        (f"one @ {URL}", {"url": URL, "archive_info": []}),
        (f"one @ {URL}#sha256={DIGEST}", archive(URL, "00" * 32)),
        (f"one @ {GIT}@{COMMIT[::-1]}", from_git()),
        (f"one @ {GIT}@v2", from_git("v1")),
        (f"one @ {GIT}", archive(URL)),
        (f"one @ {GIT}-other@{COMMIT}", from_git()),
        (f"one @ {GIT}@{COMMIT}#subdirectory=x", from_git()),
        (f"one==1 --hash=sha256:{DIGEST}", archive(URL, "00" * 32)),
        ("-c limits.txt\none", None),
        ("-r more.txt", None),
    ],
)
def test_what_is_certainly_not_installed_so_is_out_of_sync(
    machine: Machine, text: str, origin: dict[str, Any] | None
) -> None:
    """What is not there, or recorded as something else, is told as out of date."""
    (machine.workspace / "lib").mkdir()
    write(machine.workspace / "one-1-py3-none-any.whl", CONTENT)
    write(machine.workspace / "limits.txt", "one<1\n")
    write(machine.workspace / "more.txt", "./nothere-1-py3-none-any.whl")
    put(machine, "one", origin)
    found = check(machine, text)
    assert found.in_sync is False
    assert found.message


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("./one-1-py3-none-any.whl", None),
        ("./one-1-py3-none-any.whl", archive(LOCAL)),
        ("./one-1.tar.gz", archive("file://ROOT/one-1.tar.gz", DIGEST)),
        (f"one @ {URL}", None),
        (f"one @ {URL}#sha256={DIGEST}", archive(URL)),
        (f"one @ {GIT}", from_git()),
        (f"one @ {GIT}@main", from_git("main")),
        (f"-e {GIT}@{COMMIT}#egg=one", {"url": "file:///src", "dir_info": {"editable": True}}),
        ("https://example.invalid/main.zip", None),
        ("./lib", {"url": "file://ROOT/lib", "dir_info": {}}),
        ("one @ file://ROOT/lib", {"url": "file://ROOT/lib", "dir_info": {}}),
        ("${NAME}", None),
        ("one @ https://${HOST}/one.zip", None),
        ("//host/share/one.zip", None),
        ("./what-is-this", None),
        ("-r none.txt", None),
        ("-r https://example.invalid/r.txt", None),
        ("-r lib", None),
        ("-r bytes.txt", None),
        ("-c none.txt", None),
        ("-c https://example.invalid/c.txt", None),
        ("-c urls.txt\none", None),
        (f"one==1 --hash=sha256:{DIGEST}", None),
        (f"one==1 --hash=sha512:{DIGEST}", archive(URL, DIGEST)),
        ("one --config-settings=x=y", None),
        ("--frobnicate\none", None),
        ("two", None),
    ],
)
def test_what_cannot_be_compared_is_never_called_in_sync(
    machine: Machine, text: str, origin: dict[str, Any] | None
) -> None:
    """Nobody can tell then, and the message names what it is."""
    (machine.workspace / "lib").mkdir()
    write(machine.workspace / "one-1-py3-none-any.whl", CONTENT)
    write(machine.workspace / "urls.txt", f"one @ {URL}\n")
    write(machine.workspace / "bytes.txt", b"\xff\xfe\x00")
    put(machine, "one", origin)
    put(machine, "two", needs="Requires-Dist: what is this\n")
    found = check(machine, text)
    assert found.in_sync is None, found
    assert found.message.startswith("could not be compared: ")


def test_what_differs_counts_more_than_what_cannot_be_told(machine: Machine) -> None:
    """One certain difference is enough."""
    put(machine, "one")
    found = check(machine, "-r none.txt\nnothere")
    assert found[:2] == (False, "requirements.txt asks for nothere, which is not installed")


def test_what_an_editable_folder_needs_by_now_counts(machine: Machine) -> None:
    """A dependency that it declares since it was installed is missing, and so is one of an extra."""
    project = '[project]\nname = "one"\nversion = "1"\ndependencies = ["new"]\n'
    extra = '[project.optional-dependencies]\nx = ["more"]\n[build-system]\nrequires = []\n'
    write(machine.workspace / "lib" / "pyproject.toml", project + extra)
    put(machine, "one", {"url": "file://ROOT/lib", "dir_info": {"editable": True}})
    message = check(machine, "-e ./lib[x]").message
    assert "asks for new, which is not installed" in message
    assert "asks for more, which is not installed" in message


@pytest.mark.parametrize(
    ("entry", "origin", "answer"),
    [
        (f'archive = {{ url = "{URL}", hashes = {{ sha256 = "D" }} }}', archive(URL, DIGEST), True),
        (f'archive = {{ url = "{URL}", hashes = {{ sha256 = "D" }} }}', archive(URL, "00"), False),
        (f'archive = {{ url = "{URL}", hashes = {{ sha256 = "D" }} }}', archive(URL), None),
        (f'archive = {{ url = "{URL}", hashes = {{ sha256 = "D" }} }}', None, None),
        ('directory = { path = "lib" }', {"url": "file://ROOT/lib", "dir_info": {}}, None),
        ('directory = { path = "lib" }', None, False),
        (
            'directory = { path = "lib", editable = true }',
            {"url": "file://ROOT/lib", "dir_info": {"editable": True}},
            True,
        ),
        (f'vcs = {{ type = "git", url = "x", commit-id = "{COMMIT}" }}', from_git(), True),
        (f'vcs = {{ type = "git", url = "x", commit-id = "{COMMIT}" }}', None, False),
        (
            f'version = "1"\nwheels = [{{ url = "{URL}", hashes = {{ sha256 = "D" }} }}]',
            from_git(),
            False,
        ),
        (
            f'version = "1"\nwheels = [{{ url = "{URL}", hashes = {{ sha256 = "D" }} }}]',
            None,
            True,
        ),
    ],
)
def test_what_is_locked_is_compared_by_what_is_recorded(
    machine: Machine,
    entry: str,
    origin: dict[str, Any] | None,
    answer: bool | None,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    """Archives by their digest, repositories by their commit, folders by their place where they are editable."""
    put(machine, "one", origin)
    text = f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "one"\n{entry}\n'
    write(machine.workspace / "pylock.toml", text.replace('"D"', f'"{DIGEST}"'))
    root, disk = str(machine.workspace), Disk()
    variables = marker_variables("3.12.4", "cpython")
    installed = InstalledPackages(f"{root}/.venv", variables, machine.host, disk)
    lock = pylock.read(root, disk)
    assert lock is not None
    found = lock.compare(lock.selected(variables, None, None), installed, ())
    assert in_sync(found.differences, installed.unknown).in_sync is answer


LONG = "9" * 5000


@pytest.mark.parametrize(
    ("requirements", "needs", "in_sync"),
    [
        (f"one>={LONG}", "", False),
        (f"one=={LONG}", "", False),
        (f"one==1 ; python_version < '{LONG}'", "", True),
        ("one", f"Requires-Dist: two>={LONG}; python_version < '{LONG}'", False),
    ],
)
def test_numbers_of_any_length_are_compared(
    machine: Machine, requirements: str, needs: str, *, in_sync: bool
) -> None:
    """Python reads no number of thousands of digits, which is the requirement's trouble and nobody else's."""
    put(machine, "one", needs=needs)
    assert check(machine, requirements).in_sync is in_sync


def test_version_that_is_none_is_not_compared(machine: Machine) -> None:
    """Of thousands of digits, or recorded twice: nobody calls that in sync."""
    put(machine, "one", needs="")
    metadata = site_packages(machine.workspace / ".venv") / "one-1.dist-info" / "METADATA"
    metadata.write_text(f"Name: one\nVersion: {LONG}\n")
    assert check(machine, "one>=1").in_sync is None
    metadata.write_text("Name: one\nVersion: 1\n")
    assert check(machine, "one>=1").in_sync is True
    write(metadata.parent.parent / "one-2.dist-info" / "METADATA", "Name: one\nVersion: 2\n")
    assert check(machine, "one>=1").in_sync is None


def test_origin_that_is_nested_without_end_is_none(machine: Machine) -> None:
    """A record of an installed package that no parser takes is as good as not there."""
    put(machine, "one")
    record = site_packages(machine.workspace / ".venv") / "one-1.dist-info"
    write(record / "direct_url.json", "[" * 200_000)
    assert check(machine, f"one @ {URL}").in_sync is None


@pytest.mark.parametrize(
    ("dynamic", "extras", "untold"),
    [
        ('["version"]', None, 0),
        ('["dependencies"]', None, 1),
        ('["optional-dependencies"]', None, 0),
        ('["optional-dependencies", "dependencies"]', ("x",), 2),
    ],
)
def test_what_the_build_alone_tells_is_not_compared(
    machine: Machine, dynamic: str, extras: tuple[str, ...] | None, untold: int
) -> None:
    """Dependencies that the project leaves to its build may be any."""
    text = f'[project]\nname = "one"\nversion = "1"\ndynamic = {dynamic}\n[build-system]\nrequires = []\n'
    write(machine.workspace / "pyproject.toml", text)
    found = declared(str(machine.workspace), None, extras, Disk())
    installed = InstalledPackages(None, {}, machine.host, Disk())
    list(differences(found, str(machine.workspace), installed, Disk()))
    assert len(installed.unknown) == untold
