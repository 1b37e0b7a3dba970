from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.model import Host
from workflow_helper.system.which import find_program

if TYPE_CHECKING:
    from pathlib import Path


def program(path: Path, *, executable: bool = True) -> Path:
    """A file that could be a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755 if executable else 0o644)
    return path


def host(path: str, platform: str = "linux", **more: str) -> Host:
    """A machine with this PATH."""
    return Host({"PATH": path, **more}, "/home/me", platform, "/c", "/s", "/x", 1000)


@pytest.mark.needs("POSIX")
def test_the_first_on_path_is_found(tmp_path: Path) -> None:
    """The first PATH entry that holds the program wins, as an absolute path."""
    first, second = program(tmp_path / "a" / "uv"), program(tmp_path / "b" / "uv")
    assert find_program("uv", host(f"/nowhere:{first.parent}:{second.parent}")) == str(first)


@pytest.mark.needs("POSIX")
def test_what_cannot_be_executed_is_passed_over(tmp_path: Path) -> None:
    """A file without the execute bit, and a folder, are no programs."""
    program(tmp_path / "a" / "uv", executable=False)
    (tmp_path / "b" / "uv").mkdir(parents=True)
    found = program(tmp_path / "c" / "uv")
    assert find_program("uv", host(":".join(str(tmp_path / x) for x in "abc"))) == str(found)


def test_none_where_there_is_none(tmp_path: Path) -> None:
    """A program that PATH does not hold is not found, nor anything without a PATH."""
    assert find_program("uv", host(str(tmp_path))) is None
    assert find_program("uv", Host({}, "/h", "linux", "/c", "/s", "/x")) is None


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "../work/bin"])
def test_relative_entries_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """An entry of PATH that means another folder in each folder finds nothing."""
    work = tmp_path / "work"
    program(work / "uv")
    program(work / "bin" / "uv")
    monkeypatch.chdir(work)
    assert find_program("uv", host(entry)) is None


def test_current_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder on PATH finds nothing, under whatever name it is there."""
    work = program(tmp_path / "work" / "uv").parent
    (tmp_path / "link").symlink_to(work)
    monkeypatch.chdir(work)
    assert find_program("uv", host(f"{work}:{tmp_path / 'link'}:{work}/")) is None


@pytest.mark.needs("POSIX")
def test_programs_of_the_workspace_are_ignored(tmp_path: Path) -> None:
    """A workspace's own bin folder on PATH, also behind a link, does not choose what runs."""
    planted = program(tmp_path / "ws" / ".venv" / "bin" / "uv")
    (tmp_path / "link").symlink_to(planted.parent)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(planted)
    path = f"{planted.parent}:{tmp_path / 'link'}:{tmp_path / 'bin'}"
    assert find_program("uv", host(path), outside=(str(tmp_path / "ws"),)) is None
    real = program(tmp_path / "wsx" / "uv")
    assert find_program(
        "uv", host(f"{path}:{real.parent}"), outside=(str(tmp_path / "ws"),)
    ) == str(real)


def test_link_of_the_workspace_to_a_program_elsewhere(tmp_path: Path) -> None:
    """A link that the workspace holds is its word, wherever it leads."""
    real = program(tmp_path / "opt" / "other")
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "uv").symlink_to(real)
    assert find_program("uv", host(str(tmp_path / "ws")), outside=(str(tmp_path / "ws"),)) is None


@pytest.mark.needs("POSIX")
def test_absolute_and_relative_names(tmp_path: Path) -> None:
    """An absolute name is taken at its word, also against the workspace; a relative one never."""
    found = program(tmp_path / "ws" / "uv")
    assert find_program(str(found), host("")) == str(found)
    assert find_program(str(found), host(""), outside=(str(tmp_path / "ws"),)) is None
    assert find_program("ws/uv", host(str(tmp_path))) is None


@pytest.mark.needs("POSIX")
def test_behind_the_shims_of_pyenv(tmp_path: Path) -> None:
    """The program behind pyenv's shim is found: the global version's, or that of PYENV_VERSION."""
    root = tmp_path / "pyenv"
    shims = program(root / "shims" / "uv").parent
    old, new = (program(root / "versions" / name / "bin" / "uv") for name in ("3.11", "3.12"))
    (root / "version").write_text("3.13\n3.12\n")
    assert find_program("uv", host(str(shims))) == str(new)
    assert find_program("uv", host(str(shims), PYENV_VERSION="3.11")) == str(old)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("version", ["system\n", "../../ws\n", "3.9\n", None])
def test_shims_without_a_program_behind_are_passed_over(
    tmp_path: Path, version: str | None
) -> None:
    """A shim that leads to no version of pyenv's own is passed over, and PATH goes on."""
    root = tmp_path / "pyenv"
    shims = program(root / "shims" / "uv").parent
    program(root / "versions" / "3.12" / "bin" / "uv")
    program(tmp_path / "ws" / "bin" / "uv")
    if version is not None:
        (root / "version").write_text(version)
    later = program(tmp_path / "bin" / "uv")
    assert find_program("uv", host(f"{shims}:{later.parent}")) == str(later)


@pytest.mark.needs("POSIX")
def test_home_is_not_a_workspace_of_others(tmp_path: Path) -> None:
    """A program in the user's home is found although the home itself is the folder that is worked in."""
    found = program(tmp_path / ".local" / "bin" / "uv")
    here = host(str(found.parent))._replace(home=str(tmp_path))
    assert find_program("uv", here, outside=[str(tmp_path)]) == str(found)
    assert find_program("uv", here, outside=[str(tmp_path / ".local")]) is None
