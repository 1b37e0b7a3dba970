"""What a test may need of its machine that not every machine has, and that set-up cannot bring everywhere.

A test says so by ``@pytest.mark.needs(pythons=2)`` or ``@pytest.mark.needs("unshare")``. Where it is missing, the test is not
run, and ``npm test`` ends with its name and the one command that would let it run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from shutil import which
from typing import TYPE_CHECKING, NamedTuple

import pytest
from workflow_helper.filesystem import file_id

from support.forking import CAN_FORK
from support.machine import TREE
from support.other_machine import can_be
from support.pythons import minor, other_cpython, versions
from support.tree import crates, old_pythons, real_projects, tools

if TYPE_CHECKING:
    from collections.abc import Callable


class Need(NamedTuple):
    """Something of a machine that tests may need."""

    is_here: Callable[[], bool]
    #: What it is, after "needs".
    what: str
    #: The one command that brings it.
    command: str


def leave_out(items: list[pytest.Item]) -> None:
    """Skip the tests of ``items`` that need what this machine lacks, each with what it needs and how to get it."""
    for item in items:
        for mark in item.iter_markers("needs"):
            if (reason := lacking(*mark.args, **mark.kwargs)) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


def need(*names: str) -> None:
    """Do not run the test that asks, where the machine lacks one of ``names``: for what many tests make, which needs it."""
    if (reason := lacking(*names)) is not None:
        pytest.skip(reason)


def lacking(*names: str, pythons: int = 1) -> str | None:
    """Return why a test that needs all this cannot run here: what is missing, and how to get it.

    ``pythons`` counts supported Pythons of different versions. ``None`` when nothing is missing.
    """
    needs = [_NEEDS[name] for name in names]
    if pythons > 1:
        needs.append(
            Need(
                lambda: len(versions()) >= pythons,
                f"{pythons} supported Pythons of different versions",
                "uv python install 3.11 3.12 3.13",
            )
        )
    missing = [need for need in needs if not need.is_here()]
    return (missing and f"needs {missing[0].what}; to run it: {missing[0].command}") or None


@cache
def _can_unshare() -> bool:
    try:
        done = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


@cache
def _tells_births() -> bool:
    """Return whether a folder's birth stays what it was when something is put into it, which Wine does not do."""
    if os.name == "posix":
        return True
    with tempfile.TemporaryDirectory() as folder:
        born = file_id.of(folder)
        os.utime(folder, (0, 0))
        return file_id.of(folder) == born


def _is_wine() -> bool:
    if sys.platform == "win32":
        import ctypes

        return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
    return False


@cache
def _can_trace() -> bool:
    try:
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0


_NEEDS = {
    "POSIX": Need(
        lambda: os.name == "posix",
        "POSIX: its paths, links, modes, signals and terminals",
        "npm test, on Linux or macOS",
    ),
    "Linux": Need(
        lambda: sys.platform == "linux",
        "Linux, where the product's folders are told without a library",
        "npm test, on Linux",
    ),
    "forks": Need(
        lambda: CAN_FORK,
        "a system that forks: a program is started for each of hundreds of questions, which takes too long on Wine",
        "npm test, on Linux or macOS",
    ),
    "ended streams": Need(
        lambda: not _is_wine(),
        "a system that tells when a program closes its streams, which Wine does when it ends",
        "npm test, on Windows itself, Linux or macOS",
    ),
    "births": Need(
        _tells_births,
        "a system that tells when a folder was made, and not when it was last changed",
        "npm test, on Windows itself, Linux or macOS",
    ),
    "git": Need(
        lambda: which("git") is not None and (TREE / ".git").exists(),
        "git, and a tree of its own making",
        "git clone of this project, then npm test",
    ),
    "node": Need(lambda: which("node") is not None, "Node.js", "sudo apt-get install -y nodejs"),
    "go": Need(lambda: which("go") is not None, "Go", "sudo apt-get install -y golang-go"),
    "cargo": Need(lambda: which("cargo") is not None, "Rust", "sudo apt-get install -y cargo"),
    "neovim": Need(
        lambda: which("nvim") is not None,
        "Neovim 0.7 or newer",
        "sudo apt-get install -y neovim",
    ),
    "crates": Need(
        lambda: crates() is not None, "Rust's package registry at set-up", "npm run setup"
    ),
    "mcp client": Need(
        lambda: "mcp" in tools(),
        "the official client of the Model Context Protocol, which set-up brings",
        "npm test, on Linux or macOS",
    ),
    "real projects": Need(
        lambda: bool(real_projects()), "projects of others, from set-up", "npm run setup"
    ),
    "strace": Need(_can_trace, "strace", "sudo apt-get install -y strace"),
    "another machine": Need(
        cache(can_be),
        "root, namespaces and an OpenSSH server, to be another machine too",
        "sudo apt-get install -y openssh-server",
    ),
    "another CPython": Need(
        lambda: minor(other_cpython()) != "{}.{}".format(*sys.version_info[:2]),
        "a supported CPython of another version",
        "uv python install 3.11 3.12 3.13",
    ),
    "older python": Need(
        lambda: any("2.7" not in path for path in old_pythons()),
        "a Python older than 3.10",
        "uv python install 3.9",
    ),
    "unshare": Need(
        _can_unshare,
        "user and mount namespaces, which a container may not give",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
}
