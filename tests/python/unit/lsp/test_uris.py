from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_helper.errors import UsageError
from workflow_helper.lsp.uris import from_path, is_untitled, to_path


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b", "/a/b"),
        ("file:///a/b/", "/a/b"),
        ("file://localhost/a", "/a"),
        ("FILE:///a", "/a"),
        ("file:///a%20b/%C3%BC%23%3F%25", "/a b/ü#?%"),
        ("file:///a/b#c?d", "/a/b#c?d"),
        ("file:///a/caf%E9", "/a/caf\udce9"),
        ("file:///", "/"),
        ("file:///a/./b/../c", "/a/c"),
        ("file:////host/share", "/host/share"),
    ],
)
def test_posix_paths(uri: str, path: str) -> None:
    """A file URI is the path that its bytes spell."""
    assert to_path(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/x%20y", "C:\\Users\\x y"),
        ("file:///C:/Users", "C:\\Users"),
        ("file:///d:/", "D:\\"),
        ("file:///d%3A", "D:\\"),
        ("file://server/share/x", "\\\\server\\share\\x"),
    ],
)
def test_windows_paths(uri: str, path: str) -> None:
    """On Windows a drive is a drive, however it is escaped, and a host is a share's."""
    assert to_path(uri, windows=True) == path


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/a/b",
        "a",
        "git:/a",
        "http://x/a",
        "file:a",
        "file://x/a",
        "file:///a%00",
        "file://[x/a",
    ],
)
def test_what_is_no_path_of_this_machine(uri: str) -> None:
    """Another scheme, another machine, a relative path and a NUL are refused."""
    with pytest.raises(UsageError):
        to_path(uri, windows=False)


@pytest.mark.parametrize("uri", ["file:///a/b", "file:///", "file:///%3A/x", "file:///cd:/x"])
def test_windows_needs_a_drive(uri: str) -> None:
    """A path without a drive means nothing on Windows."""
    with pytest.raises(UsageError):
        to_path(uri, windows=True)


@pytest.mark.needs("POSIX")
@given(st.binary(min_size=1).filter(lambda raw: b"\0" not in raw))
def test_any_posix_path_survives(raw: bytes) -> None:
    """Every path, whatever its bytes, comes back from its URI, which is plain ASCII."""
    path = os.path.normpath("/" + os.fsdecode(raw).lstrip("/"))
    uri = from_path(path, windows=False)
    assert uri.isascii()
    assert to_path(uri, windows=False) == path


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("C:\\Users\\x y", "file:///c%3A/Users/x%20y"),
        ("\\\\server\\share\\x", "file://server/share/x"),
    ],
)
def test_windows_uris(path: str, uri: str) -> None:
    """A Windows path becomes a URI that comes back as the path."""
    assert from_path(path, windows=True) == uri
    assert to_path(uri, windows=True) == path


def test_untitled() -> None:
    """Only the scheme makes a document untitled."""
    assert is_untitled("untitled:Untitled-1")
    assert not is_untitled("file:///untitled:1")
