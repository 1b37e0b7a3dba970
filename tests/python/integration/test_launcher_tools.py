"""``py run``, ``py x``, ``pyx``, ``py tool`` and ``py extension install``, with real packages and environments."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.launcher import PY, SHOW, py
from support.mirror import mirror_of
from support.pythons import minor, two_pythons
from support.terminal import Terminal
from support.tooling import Tooling

if TYPE_CHECKING:
    from pathlib import Path

#: What the console script ``pyx`` is, for the Python that runs the tests.
PYX = (
    sys.executable,
    "-I",
    "-c",
    "from python_launcher.__main__ import console_once; console_once()",
)


@pytest.fixture(params=["uv", "pip"])
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Tooling:
    """A machine with uv, or with pip alone, whose package index is a folder."""
    return Tooling.of(tmp_path, str(request.param))


def script(machine: Tooling, *needs: str, body: str = SHOW) -> Path:
    """A script with inline metadata."""
    listed = ", ".join(f'"{one}"' for one in needs)
    block = f"# /// script\n# dependencies = [{listed}]\n# ///\n"
    return write(machine.workspace / "script.py", f"{block}{body}\n")


def test_a_script_is_just_run(machine: Tooling) -> None:
    """With what it asks for, in an environment that is made once; as a process of its own, with its words and its input."""
    machine.offer("shapes")
    body = "import shapes, sys; print(shapes.VERSION, sys.argv[1:], sys.stdin.read()); sys.exit(5)"
    script(machine, "shapes", body=body)
    first = py(machine, "run", "script.py", "--list", "x", stdin=b"in")
    again = py(machine, "script", "script.py", "--list", "x", stdin=b"in")
    for done in (first, again):
        assert (done.exit_code, done.stdout) == (5, b"1.0 ['--list', 'x'] in\n"), done.text
    # A second start installs nothing, and says nothing.
    assert again.stderr == b""


@pytest.mark.needs(pythons=2)
def test_a_script_that_asks_for_nothing_is_started_as_without_the_word(machine: Tooling) -> None:
    """By ``py``'s own order: here what its first line says."""
    old = two_pythons()[1]
    write(machine.workspace / "-plain.py", f"#!/usr/bin/env python{minor(old)}\n{SHOW}\n")
    done = py(machine, "run", "--", "-plain.py", "-c")
    assert done.exit_code == 0, done.text
    assert (done.document["python"], done.document["argv"]) == (minor(old), ["-c"])


def test_a_script_that_cannot_be_run_is_told_in_a_sentence(machine: Tooling) -> None:
    """One that is not there, one whose metadata has a mistake, and one that asks for what nobody has."""
    done = py(machine, "run", "gone.py")
    assert (done.exit_code, done.stdout) == (1, b"")
    assert b"gone.py: does not exist" in done.stderr
    write(machine.workspace / "odd.py", "# /// script\n# dependencies = 3\n# ///\n")
    done = py(machine, "run", "odd.py")
    assert done.exit_code == 1
    assert b"(line 2)" in done.stderr
    script(machine, "no-such-package")
    done = py(machine, "run", "script.py")
    assert done.exit_code == 1
    assert b"no-such-package" in done.stderr


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("words", [("run", "script.py"), ("x", "--python", "{old}", "demo")])
@pytest.mark.needs("another CPython")
def test_a_python_that_is_not_there_is_installed_after_a_question(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """On a terminal; where nobody can be asked, a sentence says how."""
    machine = Tooling.of(tmp_path, "uv")
    older = two_pythons()[1]
    old = minor(older)
    (machine.home / "pythons" / f"python{old}").unlink()
    mirror_of(older, machine, tmp_path / "mirror")
    machine.environ["PATH"] = f"{machine.home / 'tools'}:{machine.home / 'pythons'}"
    machine.offer("demo")
    block = f'# /// script\n# requires-python = "=={old}.*"\n# dependencies = []\n# ///\n'
    write(machine.workspace / "script.py", f"{block}{SHOW}\n")
    argv = (*PY, *(word.format(old=old) for word in words))
    done = py(machine, command=argv)
    assert (done.exit_code, done.stdout) == (1, b"")
    assert b"wsp python install" in done.stderr
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ) as terminal:
        assert f"Python {old} is not on this machine".encode() in terminal.until(b"[y/N] ")
        terminal.type(b"y\n")
        if words[0] == "x":
            terminal.until(b"demo")  # it reads its input
            terminal.type(b"\x04")
        output, status = terminal.ended()
    assert f'"python": "{old}"'.encode() in output
    assert status == 0


def test_a_tool_is_run_once(machine: Tooling) -> None:
    """``py x``, ``py tool run`` and ``pyx`` are one: nothing is installed, and a second run makes nothing."""
    machine.offer("hello")
    first = py(machine, "x", "hello", "--from", "-3", stdin=b"in")
    assert first.exit_code == 0, first.text
    document = first.document
    assert (document["argv"], document["stdin"], document["version"]) == (
        ["--from", "-3"],
        "in",
        "1.0",
    )
    for words, command in ((("tool", "run"), PY), ((), PYX)):
        again = py(machine, *words, "hello", "7", command=command)
        assert (again.exit_code, again.stderr) == (7, b"")
        assert again.document["prefix"] == document["prefix"]
    assert list(machine.bin.glob("*")) == []


def test_pyx_tells_its_mistakes_by_its_own_name(machine: Tooling) -> None:
    """Without a tool there is nothing to run."""
    done = py(machine, command=PYX)
    assert (done.exit_code, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"pyx: ")


def test_a_tool_is_installed_listed_upgraded_and_uninstalled(machine: Tooling) -> None:
    """And nothing of it is left; ``wsp`` sees the same tools."""
    machine.offer("hello", programs=["hello", "goodbye"])
    done = py(machine, "tool", "install", "hello", "--python", minor(two_pythons()[1]))
    assert done.exit_code == 0, done.text
    assert b"hello 1.0 is installed" in done.stdout
    assert str(machine.bin) in done.stderr.decode()  # which is not on PATH
    assert sorted(path.name for path in machine.bin.iterdir()) == ["goodbye", "hello"]
    (listed,) = py(machine, "tool", "list", "--json").document["tools"]
    assert (listed["name"], listed["by"]) == ("hello", "wsp")
    assert machine.listed()["hello"] == listed
    machine.offer("hello", "2.0")
    done = py(machine, "tool", "upgrade", "--json")
    assert [one["tool"]["version"] for one in done.document["tools"]] == ["2.0"]
    done = py(machine, "tool", "upgrade", "hello")
    assert b"the newest" in done.stdout
    assert py(machine, "tool", "uninstall", "hello").exit_code == 0
    assert machine.remains() == {}
    done = py(machine, "tool", "list")
    assert (done.exit_code, done.stdout) == (3, b"")
    assert (
        py(machine, "tool", "uninstall", "hello", "--json").document["error"]["code"] == "not_found"
    )


def test_an_extension_is_installed_called_and_uninstalled(machine: Tooling) -> None:
    """``py extension install greet`` installs the tool py-greet; ``py greet`` calls it at once, PATH or not."""
    machine.offer("py_greet", programs=["py-greet"])
    done = py(machine, "extension", "install", "greet")
    assert done.exit_code == 0, done.text
    called = py(machine, "greet", "-3", "7", "--list")
    assert (called.exit_code, called.document["argv"]) == (0, ["-3", "7", "--list"])
    document = py(machine, "extension", "list", "--json").document
    assert document["extensions"] == [
        {"name": "greet", "path": str(machine.bin / "py-greet"), "shadowed": False}
    ]
    assert py(machine, "extension", "uninstall", "greet").exit_code == 0
    assert machine.remains() == {}
    done = py(machine, "greet")
    assert done.exit_code == 2


def test_an_extension_may_come_from_a_package_of_another_name(machine: Tooling) -> None:
    """With ``--from``; it is taken away by its own name. A package without such a program is none."""
    machine.offer("toolbox", programs=["py-greet", "toolbox"])
    assert py(machine, "extension", "install", "greet", "--from", "toolbox").exit_code == 0
    assert py(machine, "greet").exit_code == 0
    assert py(machine, "extension", "uninstall", "greet").exit_code == 0
    done = py(machine, "extension", "install", "other", "--from", "toolbox")
    assert done.exit_code == 1
    assert b"py-other" in done.stderr
    assert machine.remains() == {}


def test_a_built_in_s_name_is_no_extension_s(machine: Tooling) -> None:
    """Nothing is installed that would never be called."""
    machine.offer("py_run", programs=["py-run"])
    done = py(machine, "extension", "install", "run")
    assert done.exit_code == 2
    assert b"never be called" in done.stderr
    assert machine.remains() == {}


def test_somebody_else_s_extension_is_not_uninstalled(machine: Tooling) -> None:
    """It is told where it is."""
    path = write(machine.home / "programs" / "py-greet", "#!/bin/sh\n", executable=True)
    machine.environ["PATH"] += f"{os.pathsep}{path.parent}"
    done = py(machine, "extension", "uninstall", "greet")
    assert done.exit_code == 1
    assert str(path).encode() in done.stderr
    assert path.exists()
