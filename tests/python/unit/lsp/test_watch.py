from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_helper.lsp.watch import GLOBS, MOST, NAMES, WatchedPlace, places

if TYPE_CHECKING:
    from pathlib import Path


def test_names_anywhere_in_the_workspace() -> None:
    """The globs name each file of PEP 832, each declaration, and the markers of tools."""
    for name in (
        ".venv",
        "pyvenv.cfg",
        ".python-envs",
        "pyproject.toml",
        "pyworkflow.toml",
        "uv.lock",
    ):
        assert name in NAMES
        assert any(name in glob for glob in GLOBS)


def test_what_the_globs_see_is_not_watched_twice(tmp_path: Path) -> None:
    """In the workspace only what no glob covers is watched by itself."""
    workspace = tmp_path / "ws"
    (workspace / "env" / "bin").mkdir(parents=True)
    used = [workspace / "x" / ".venv", workspace / "env", workspace / "env" / "bin" / "python3"]
    found = places([str(path) for path in used], [str(workspace)])
    assert found == (WatchedPlace(str(workspace), "env"),)


def test_the_same_names_elsewhere_are_watched(tmp_path: Path) -> None:
    """Outside the workspace, beside a folder of a similar name too, every path is watched where it is."""
    (tmp_path / "ws2").mkdir()
    used = [str(tmp_path / "ws2" / name) for name in (".venv", "pyproject.toml")]
    assert places(used, [str(tmp_path / "ws")]) == (
        WatchedPlace(str(tmp_path / "ws2"), "{.venv,pyproject.toml}"),
    )


def test_what_is_not_there_yet(tmp_path: Path) -> None:
    """A path in a folder that does not exist is watched for by the part that would come first."""
    used = [str(tmp_path / "a" / "b" / "c.toml"), str(tmp_path / "a" / "d")]
    assert places(used, []) == (WatchedPlace(str(tmp_path), "a"),)


def test_odd_names_become_globs(tmp_path: Path) -> None:
    """Characters that mean something in a glob match any one character instead."""
    used = [str(tmp_path / "a[1]{b,c}*")]
    assert places(used, []) == (WatchedPlace(str(tmp_path), "a?1??b?c??"),)


def test_the_root_of_the_file_system_is_no_name() -> None:
    """The root itself is not watched."""
    assert places(["/"], []) == ()


def test_no_more_than_an_editor_bears(tmp_path: Path) -> None:
    """The number of watched folders is bounded; the first asked for are kept."""
    for number in range(MOST + 5):
        (tmp_path / f"f{number}").mkdir()
    used = [str(tmp_path / f"f{number}" / "x") for number in range(MOST + 5)]
    found = places(used, [])
    assert len(found) == MOST
    assert WatchedPlace(str(tmp_path / "f0"), "x") in found
