"""The folders of programs, as ``platformdirs`` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs
import pytest
from workflow_helper.discovery.tools import poetry
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host

if TYPE_CHECKING:
    from support.ground import Ground


def windows(**environ: str) -> Host:
    """A Windows machine, as far as paths go."""
    return Host(environ, "C:\\Users\\me", "win32", "", "", "")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("is_set", [True, False])
def test_linux_is_as_platformdirs_has_it(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, *, is_set: bool
) -> None:
    """On Linux the data, configuration and cache folders are those of ``platformdirs``, with and without XDG."""
    host = ground.host()
    monkeypatch.setenv("HOME", host.home)
    for name in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
        if is_set:
            monkeypatch.setenv(f"XDG_{name}_HOME", f"{host.home}/xdg/{name}")
            host = host._replace(
                environ={**host.environ, f"XDG_{name}_HOME": f"{host.home}/xdg/{name}"}
            )
    assert user_dirs.data(host, "app") == platformdirs.user_data_dir("app")
    assert user_dirs.config(host, "app") == platformdirs.user_config_dir("app")
    assert user_dirs.cache(host, "app") == platformdirs.user_cache_dir("app")


def test_relative_xdg_folder_is_not_set(ground: Ground) -> None:
    """A relative XDG folder depends on the current folder, so it counts as not set."""
    host = ground.host(XDG_DATA_HOME="here")
    assert user_dirs.data(host, "app") == f"{host.home}/.local/share/app"


def test_macos(ground: Ground) -> None:
    """On macOS data and configuration lie in Application Support, caches in Caches."""
    host = ground.host("darwin")
    assert user_dirs.data(host, "app") == f"{host.home}/Library/Application Support/app"
    assert user_dirs.config(host, "app") == f"{host.home}/Library/Application Support/app"
    assert user_dirs.cache(host, "app") == f"{host.home}/Library/Caches/app"


def test_windows() -> None:
    """On Windows the author's folder comes before the program's, and settings may follow the user."""
    host = windows(LOCALAPPDATA="D:\\Local")
    assert user_dirs.data(host, "pdm", "pdm") == "D:\\Local\\pdm\\pdm"
    assert user_dirs.cache(host, "pypoetry") == "D:\\Local\\pypoetry\\Cache"
    roaming = user_dirs.config(host, "pypoetry", roaming=True)
    assert roaming == "C:\\Users\\me\\AppData\\Roaming\\pypoetry"


def test_places_of_windows_have_one_spelling() -> None:
    """What a file or a tool's own default spells with slashes has Windows' separators as part of a path there."""
    host = windows()
    assert user_dirs.join(host, "C:\\a", "b/c", "d") == "C:\\a\\b\\c\\d"
    folder = Folder("C:\\demo", (), host, Disk())
    assert poetry.shared_folder(folder) == (
        "C:\\Users\\me\\AppData\\Local\\pypoetry\\Cache\\virtualenvs"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~", "/home/me"),
        ("~/x", "/home/me/x"),
        ("~other/x", "~other/x"),
        ("a~", "a~"),
        ("$A/x", "1/x"),
        ("${A}b$", "1b$"),
        ("$AB-${NO}-${A", "$AB-${NO}-${A"),
        ("%A%", "%A%"),
    ],
)
def test_expansion(text: str, expected: str) -> None:
    """A leading ``~`` and the variables that are set are filled in, and everything else stays."""
    host = Host({"A": "1"}, "/home/me", "linux", "", "", "")
    assert user_dirs.expand(host, text, variables=True) == expected


def test_expansion_on_windows() -> None:
    """There ``%NAME%`` is filled in as well."""
    assert user_dirs.expand(windows(A="1"), "%A%\\%NO%\\$A", variables=True) == "1\\%NO%\\1"
    assert user_dirs.expand(windows(), "~\\x") == "C:\\Users\\me\\x"


def test_absolute_on_windows_needs_a_drive() -> None:
    """A path without a drive depends on the current one."""
    assert user_dirs.is_absolute(windows(), "C:\\x")
    assert not user_dirs.is_absolute(windows(), "\\x")
    assert not user_dirs.is_absolute(windows(), "C:x")
