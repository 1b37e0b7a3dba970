from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.apps import layout, path
from workflow_helper.errors import WorkflowError

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "{home}/.local/bin"),
        ({"XDG_BIN_HOME": "/b/../c"}, "/c"),
        ({"XDG_BIN_HOME": "relative"}, "{home}/.local/bin"),
        ({"XDG_DATA_HOME": "/d/share"}, "/d/bin"),
        ({"XDG_DATA_HOME": "/d/share", "XDG_BIN_HOME": "/b"}, "/b"),
    ],
)
def test_folder_of_programs(machine: Machine, environ: dict[str, str], folder: str) -> None:
    """It is the one of XDG, as uv has it, and ``~/.local/bin`` otherwise."""
    machine.environ.update(environ)
    assert layout.programs(machine.host) == folder.format(home=machine.home)


@pytest.mark.needs("POSIX")
def test_path_is_compared_by_where_it_leads(machine: Machine) -> None:
    """A link to the folder counts; a relative entry, and a folder that begins alike, do not."""
    folder = machine.home / ".local" / "bin"
    folder.mkdir(parents=True)
    for entry, found in (
        (str(folder), True),
        (f"{folder}/", True),
        (str(link(machine.home / "bin", folder)), True),
        (f"{folder}2", False),
        ("", False),
        (".local/bin", False),
    ):
        machine.environ["PATH"] = f"/usr/bin:{entry}"
        assert path.is_on_path(machine.host) == found, entry


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("platform", "environ", "file"),
    [
        ("linux", {"SHELL": "/usr/bin/bash"}, ".bashrc"),
        ("darwin", {"SHELL": "/bin/bash"}, ".bash_profile"),
        ("linux", {"SHELL": "/bin/zsh"}, ".zshrc"),
        ("linux", {"SHELL": "/bin/zsh", "ZDOTDIR": "{home}/z"}, "z/.zshrc"),
        ("linux", {"SHELL": "/usr/bin/fish"}, ".config/fish/config.fish"),
        ("linux", {"SHELL": "/usr/bin/fish", "XDG_CONFIG_HOME": "{home}/c"}, "c/fish/config.fish"),
        ("linux", {"SHELL": "/bin/sh"}, ".profile"),
        ("linux", {}, ".profile"),
    ],
)
def test_each_shell_has_its_file(
    machine: Machine, platform: str, environ: dict[str, str], file: str
) -> None:
    """The file is the one that the shell reads in a new terminal."""
    machine.environ.update({key: one.format(home=machine.home) for key, one in environ.items()})
    assert path.offer(machine.host._replace(platform=platform)).file == str(machine.home / file)


def test_windows_has_no_file(machine: Machine) -> None:
    """There a command for PowerShell is told, and nothing is asked."""
    host = machine.host._replace(platform="win32")
    messages: list[str] = []

    def ask(question: str) -> bool:
        raise AssertionError(question)

    path.put_on_path(host, ask=ask, tell=messages.append)
    assert "SetEnvironmentVariable('Path'" in messages[0]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["plain", "with space", "it's", 'quo"te', "$HOME", "ü", "`id`"])
def test_line_is_understood_by_a_shell(machine: Machine, name: str) -> None:
    """Whatever the folder is called, the line puts it and nothing else first on PATH."""
    machine.environ["XDG_BIN_HOME"] = str(machine.home / name)
    line = path.offer(machine.host).line
    done = subprocess.run(
        ["/bin/sh", "-c", f'{line}\nprintf %s "$PATH"'],
        env=machine.environ,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == f"{machine.home / name}:{machine.environ['PATH']}"


@pytest.mark.needs("POSIX")
def test_file_that_is_a_link_stays_one(machine: Machine) -> None:
    """A file that is kept elsewhere is added to there, with its mode."""
    real = write(machine.home / "dotfiles" / "profile", "# mine\n")
    real.chmod(0o600)
    link(machine.home / ".profile", real)
    messages: list[str] = []
    path.put_on_path(machine.host, ask=lambda _: True, tell=messages.append)
    assert (machine.home / ".profile").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert real.read_text().endswith(f'export PATH="$HOME/.local/bin":"$PATH"  {path.MARK}\n')


@pytest.mark.needs("POSIX")
def test_file_that_cannot_be_written_is_told(machine: Machine) -> None:
    """What could not be added is an error with the line to run; it is offered again another time."""
    (machine.home / ".profile").mkdir()
    with pytest.raises(WorkflowError, match=r"\.profile could not be written") as caught:
        path.put_on_path(machine.host, ask=lambda _: True, tell=print)
    assert "export PATH" in (caught.value.hint or "")
    assert not os.path.exists(machine.host.state)
