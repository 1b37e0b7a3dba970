from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from support.files import link
from workflow_helper.filesystem.paths import (
    absolute,
    is_address,
    is_inside,
    is_possible,
    is_remote,
    is_remote_link,
    quoted,
    relative,
    remote_target,
    same,
    without_prefix,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text", ["//h/s", "\\\\h\\s", "\\\\?\\C:\\x", "\\\\.\\pipe\\x", "/\\h", "\\/h", "//"]
)
def test_paths_of_other_machines_and_devices_are_known(text: str) -> None:
    """Two leading separators of either kind, however they are mixed."""
    assert is_remote(text)


@pytest.mark.parametrize("text", ["", "/", "/a", "\\a", "a//b", "a", "./", "C:\\a"])
def test_paths_of_this_machine_are_not_remote(text: str) -> None:
    """One separator, or none, is this machine's."""
    assert not is_remote(text)


@pytest.mark.parametrize(
    "text",
    [
        "me@host:env",
        "ssh://host/x",
        "docker:x",
        "a1+b.c-d:x",
        "me@host:",
        "http:x",
        "me@h.example:~/env",
    ],
)
def test_addresses_look_like_addresses(text: str) -> None:
    """``user@host:...`` and ``scheme:...``."""
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["C:\\x", "c:/x", "a/b:c", "./me@host:x", ":x", "1a:b", "é:x", "@:x", "plain", "@host:x"],
)
def test_paths_do_not_look_like_addresses(text: str) -> None:
    """A drive, a separator before the colon, and what no scheme begins with."""
    assert not is_address(text)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", "/r/a"),
        ("./a/", "/r/a"),
        ("../a", "/a"),
        ("/x/../a", "/a"),
        ("", "/r"),
        ("a//b", "/r/a/b"),
    ],
)
def test_a_path_of_a_file_is_taken_from_its_folder(text: str, found: str) -> None:
    """Dots and doubled separators are worked out."""
    assert absolute("/r", text) == found


@pytest.mark.needs("POSIX")
def test_dots_after_a_link_lead_where_the_system_leads(tmp_path: Path) -> None:
    """``link/../x`` is beside the link's target; links are otherwise left as they are."""
    base = tmp_path.resolve()
    (base / "far" / "away").mkdir(parents=True)
    link(base / "near", base / "far" / "away")
    assert absolute(str(base), "near/../x") == str(base / "far" / "x")
    assert absolute(str(base), "near/x") == str(base / "near" / "x")


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("\\\\?\\C:\\envs\\a", "C:\\envs\\a"),
        ("\\\\?\\C:\\", "C:\\"),
        ("\\\\?\\UNC\\host\\share", "\\\\?\\UNC\\host\\share"),
        ("\\\\?\\Volume{1}\\a", "\\\\?\\Volume{1}\\a"),
        ("\\\\.\\pipe\\x", "\\\\.\\pipe\\x"),
        ("C:\\a", "C:\\a"),
        ("/a", "/a"),
    ],
)
def test_prefix_of_long_paths_is_no_part_of_a_local_path(path: str, plain: str) -> None:
    """A drive is this machine's with it and without it; shares and devices are spelled as they were."""
    assert without_prefix(path) == plain


@pytest.mark.needs("POSIX")
def test_places_are_compared_by_where_they_lead(tmp_path: Path) -> None:
    """Two names of one folder are the same, and what is in one is in the other."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    alias = link(tmp_path / "alias", "a")
    assert same(str(alias), str(tmp_path / "a"))
    assert is_inside(str(alias / "b"), str(tmp_path / "a"))
    assert is_inside(str(tmp_path / "a"), str(alias))
    assert not is_inside(str(tmp_path / "ab"), str(tmp_path / "a"))
    assert is_inside("/anything", "/")


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("\\\\host\\share", True),
        ("\\\\?\\UNC\\host\\share", True),
        ("\\\\.\\pipe\\x", True),
        ("\\\\?\\C:\\envs\\a", False),
        ("C:\\envs\\a", False),
        ("..\\a", False),
    ],
)
def test_links_to_other_machines_are_known_by_their_text(text: str, *, remote: bool) -> None:
    """Windows spells the target of a local link as a device, which it is not."""
    assert is_remote_link(text) is remote


@pytest.mark.needs("POSIX")
def test_a_link_that_leads_to_another_machine_is_not_followed(tmp_path: Path) -> None:
    """Link after link is read, until one leads there or to no link; a loop leads nowhere."""
    link(tmp_path / "far", "\\\\host\\share")
    first = link(tmp_path / "first", "far")
    loop = link(tmp_path / "loop", "loop")
    assert remote_target(str(first)) == "\\\\host\\share"
    assert remote_target(str(link(tmp_path / "near", tmp_path))) is None
    assert remote_target(str(loop)) is None
    assert remote_target(str(tmp_path / "none")) is None


def test_relative_paths_are_spelled_with_slashes() -> None:
    """An id is the same on every platform."""
    assert relative("/r/a/b", "/r") == "a/b"
    assert relative("/x", "/r") == "../x"


@pytest.mark.parametrize(
    "path",
    [
        *("/a b", "/$(x)", "/a'b", "", "/é", "/plain-1.0_x", "/a\nb"),
        pytest.param('/"', marks=pytest.mark.needs("POSIX")),
    ],
)
def test_a_quoted_path_is_one_word_of_a_shell(path: str) -> None:
    """What a person pastes is what was meant."""
    assert shlex.split(quoted(path)) == [path]


@pytest.mark.needs("POSIX")
def test_possible_paths_are_absolute_and_fit_a_file_system() -> None:
    """No NUL and no half of a surrogate pair; bytes that are not UTF-8 fit."""
    assert is_possible("/a")
    assert is_possible("/\udcff")
    assert not any(map(is_possible, ("a", "", "/a\0", "/\ud800", "~")))
