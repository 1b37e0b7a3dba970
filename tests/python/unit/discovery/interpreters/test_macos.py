"""The Pythons of macOS, as the folders that its installers make: nothing here needs a Mac, and none was started on one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.files import link, write
from support.vectors import VECTORS
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.discovery.interpreters import install_folders, path
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.ground import Ground

pytestmark = pytest.mark.needs("POSIX")

CASES = json.loads((VECTORS / "macos" / "pythons.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_pythons_of_macos(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, case: dict[str, Any]
) -> None:
    """Each is found once, with the version that its headers or its folder tell."""
    # The machine that runs the tests has Pythons of its own in these.
    monkeypatch.setattr(install_folders, "EVERYWHERE", ())
    top = ground.top
    for name in case["files"]:
        write(top / name, b"\xcf\xfa\xed\xfe", executable=True)
    for name, version in case.get("headers", {}).items():
        write(top / name, f'#define PY_VERSION "{version}"\n')
    for name, target in case.get("links", {}).items():
        link(top / name, target)
    folders = ":".join(str(top / name) for name in case.get("path", ()))
    found = interpreters.installed(ground.host("darwin", PATH=folders), Disk())
    assert [(one.path, one.version, one.source) for one in found] == [
        (str(top / name), version, source) for name, version, source in case["expect"]
    ]


@pytest.mark.parametrize("folder", ["/usr/bin", "/usr/bin/", "/usr//bin", "/usr/lib/../bin"])
def test_apples_placeholder_is_passed_over_however_path_spells_it(
    ground: Ground, folder: str
) -> None:
    """MacOS' /usr/bin/python3 opens a dialog where no developer tools are installed, so it is never shown nor taken."""
    host = ground.host("darwin", PATH=folder)
    assert path.system_python(host, Disk()) is None
    assert path.active_python(host, Disk(), str(ground.home), ("python3",)) is None
    assert not [found for _, found in path.find(host, Disk()) if found.endswith("/python3")]


def test_apples_placeholder_is_one_in_letters_of_any_case(ground: Ground) -> None:
    """Its file system takes them for the same; elsewhere, and under another name, it is a Python."""
    host = ground.host("darwin")
    assert path.is_placeholder("/USR/Bin/Python3", host)
    assert not path.is_placeholder("/usr/bin/python3", ground.host("linux"))
    assert not path.is_placeholder("/usr/local/bin/python3", host)
