"""What a ``.python-version`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, write
from workflow_helper.discovery.interpreters.choose import meant
from workflow_helper.discovery.python_version_file import pinned, release
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Interpreter

if TYPE_CHECKING:
    from support.machine import Machine

PYTHONS = (
    Interpreter("/opt/3.14/bin/python3.14", "3.14.2", "cpython", "path"),
    Interpreter("/p/versions/3.12-dev/bin/python3.12", "3.12.9", "cpython", "pyenv"),
    Interpreter("/p/versions/3.11.7/bin/python3.11", "3.11.7", "cpython", "pyenv"),
    Interpreter("/opt/3.11.2/bin/python3.11", "3.11.2", "cpython", "uv"),
    Interpreter("/p/versions/pypy3.10-7.3.12/bin/pypy3", "3.10.12", "pypy", "pyenv"),
    Interpreter("/opt/pypy3.9/bin/pypy3", "3.9.18", "pypy", "path"),
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"3.11\n", "/p/versions/3.11.7/bin/python3.11"),
        (b"3.12-dev\n", "/p/versions/3.12-dev/bin/python3.12"),
        (b"3.11-dev\n", "/p/versions/3.11.7/bin/python3.11"),
        (b"# ours\n\n3.11.2 # as on the server\n", "/opt/3.11.2/bin/python3.11"),
        (b"3.13.1 3.12 3.11\n", "/p/versions/3.12-dev/bin/python3.12"),
        (b"3.13.1\r\n3.14\r\n", "/opt/3.14/bin/python3.14"),
        (b"\xef\xbb\xbf3.11\n", "/p/versions/3.11.7/bin/python3.11"),
        ("\ufeff3.11\r\n".encode("utf-16-le"), "/p/versions/3.11.7/bin/python3.11"),
        ("\ufeff3.11\r\n".encode("utf-16-be"), "/p/versions/3.11.7/bin/python3.11"),
        (b"pypy3.10-7.3.12\n", "/p/versions/pypy3.10-7.3.12/bin/pypy3"),
        (b"pypy3.9-7.3.99\n", "/opt/pypy3.9/bin/pypy3"),
        (b"cpython-3.11.7-linux-x86_64-gnu\n", "/p/versions/3.11.7/bin/python3.11"),
        (b"pypy-3.9.18-linux-x86_64-gnu\n", "/opt/pypy3.9/bin/pypy3"),
        (b"cpython@3.11.2\n", "/opt/3.11.2/bin/python3.11"),
        (b"python3.14\n", "/opt/3.14/bin/python3.14"),
        (b">=3.11, <3.12\n", "/p/versions/3.11.7/bin/python3.11"),
        (b"3.13\n", None),
        (b"my-virtualenv\n", None),
        (b"//host/share/python\n", None),
    ],
)
def test_each_form_names_a_python(machine: Machine, text: bytes, path: str | None) -> None:
    """The first word that is installed counts, in any spelling and coding; what is none names no other Python."""
    root = str(write(machine.workspace / ".python-version", text).parent)
    pin = pinned(root, machine.host, Disk())
    assert pin is not None
    found = meant(pin, PYTHONS, root, machine.host, Disk())
    assert (found[0].path if found else None) == path


@pytest.mark.needs("POSIX")
def test_a_path_names_its_interpreter_unless_that_lies_in_the_project(machine: Machine) -> None:
    """What a folder holds is not to be started because a file beside it says so."""
    outside = base_python(machine.home / "my python")
    inside = base_python(machine.workspace / "py")
    found = []
    for program in (outside, inside):
        write(machine.workspace / ".python-version", f"{program}\n")
        pin = pinned(str(machine.workspace), machine.host, Disk())
        assert pin is not None
        found.append(meant(pin, (), str(machine.workspace), machine.host, Disk()))
    assert [one.path for one in found[0]] == [str(outside)]
    assert found[1] == ()


@pytest.mark.needs("POSIX")
def test_system_is_the_python_of_path_behind_no_shim(machine: Machine) -> None:
    """The word ``system`` is pyenv's for what there is without it."""
    program = base_python(machine.home / "own")
    program.with_name("python3").symlink_to(program.name)
    write(machine.home / "pyenv" / "shims" / "python3", "#!/bin/sh\n", executable=True)
    path = f"{machine.home}/pyenv/shims:{program.parent}"
    host = machine.host._replace(environ={"PATH": path})
    root = str(write(machine.workspace / ".python-version", "system\n").parent)
    pin = pinned(root, host, Disk())
    assert pin is not None
    assert [one.path for one in meant(pin, (), root, host, Disk())] == [f"{program.parent}/python3"]


@pytest.mark.needs("POSIX")
def test_the_nearest_file_up_to_the_repositorys_top_counts(machine: Machine) -> None:
    """An empty one says nothing, and what lies above the repository is another matter."""
    top = machine.workspace / "repository"
    below = top / "services" / "api"
    write(machine.workspace / ".python-version", "3.8\n")
    write(below / ".python-version", "# none\n")
    (top / ".git").mkdir()
    assert pinned(str(below), machine.host, Disk()) is None
    write(top / ".python-version", "3.12\n")
    found = pinned(str(below), machine.host, Disk())
    assert found is not None
    assert found.description == f"3.12 ({top}/.python-version)"


@pytest.mark.parametrize("data", [b"3.11 \xff\n", b"\xff\xfe\x00\xd8x"])
def test_a_file_that_cannot_be_read_is_told(machine: Machine, data: bytes) -> None:
    """Bytes that are no text are an error that names the file."""
    path = write(machine.workspace / ".python-version", data)
    found = pinned(str(machine.workspace), machine.host, Disk())
    assert found is not None
    assert str(path) in found.unfit


def test_the_release_to_install_is_the_first_number(machine: Machine) -> None:
    """What nobody can install by its name is passed over."""
    write(machine.workspace / ".python-version", "my-virtualenv 3.13-dev 3.12\n")
    found = pinned(str(machine.workspace), machine.host, Disk())
    assert found is not None
    assert release(found) == "3.13"
