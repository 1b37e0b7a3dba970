"""The Pythons of this machine that are supported, beside the one that runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from functools import cache
from typing import TYPE_CHECKING

from support.files import write
from support.tree import supported_pythons

if TYPE_CHECKING:
    from pathlib import Path

#: What of a standard library no test needs.
_LEFT_OUT = ("test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages", "__pycache__")


def minor(python: str) -> str:
    """Return ``"3.12"`` of the path of a ``python3.12``, or of what its answer is where the name tells none, as on Windows."""
    version = os.path.basename(python).removeprefix("python")
    return version if version[:1].isdigit() else _told(python)


@cache
def _told(python: str) -> str:
    ask = "import sys; print('{}.{}'.format(*sys.version_info))"
    return subprocess.run(
        [python, "-I", "-c", ask], capture_output=True, text=True, check=True
    ).stdout.strip()


def versions() -> list[str]:
    """Return the versions of the machine's supported Pythons, such as ``3.12``, the newest first, each once."""
    found = {minor(path) for path in supported_pythons()}
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])[::-1]


def two_pythons() -> tuple[str, str]:
    """Return two Pythons of different versions, by their programs' paths, the newer one first.

    A test that depends on their difference needs two of them: where there is one, both are that.
    """
    newest, older = pythons_of(2)
    return newest, older


def pythons_of(count: int) -> tuple[str, ...]:
    """Return ``count`` Pythons of different versions, by their programs' paths, the newest first.

    A test that depends on their difference needs as many: where there are fewer, some are the same.
    """
    known = versions()
    return tuple(_python(known[index % len(known)]) for index in range(count))


def other_python() -> str:
    """Return a supported Python of another version than the one that runs the tests.

    A test that depends on that needs two of them: where there is one, it is this one.
    """
    return (_others(supported_pythons()) or supported_pythons())[0]


def other_cpython() -> str:
    """Return a CPython of another version than the one that runs the tests.

    A test that depends on that needs ``"another CPython"``: where there is none, it is the one that runs the tests.
    """
    pythons = [path for path in supported_pythons() if "pypy" not in path]
    return (_others(pythons) or pythons)[0]


def _others(pythons: list[str]) -> list[str]:
    this = "{}.{}".format(*sys.version_info[:2])
    return [path for path in pythons if minor(path) != this]


def _python(version: str) -> str:
    return next(path for path in supported_pythons() if minor(path) == version)


def this_python() -> str:
    """Return the Python that the environment of the tests was made of, by its program's path."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def folder_with(python: str, folder: Path, name: str = "python3") -> str:
    """Return a folder for PATH where ``name`` is ``python``: ``folder``; on Windows, which links nothing, that of ``python``."""
    if os.name == "nt":
        return os.path.dirname(python)
    folder.mkdir()
    (folder / name).symlink_to(python)
    return str(folder)


def pack_python(python: str, folder: Path) -> Path:
    """Return an archive of the CPython ``python``, in ``folder``, as tools download them.

    Its standard library is that of ``python`` itself where the interpreter finds it from anywhere, else a copy.
    """
    name = f"python{minor(python)}"
    inside = folder / "python"
    (inside / "bin").mkdir(parents=True, exist_ok=True)
    packed_python = inside / "bin" / name
    shutil.copy2(python, packed_python)
    if subprocess.run([packed_python, "-I", "-c", ""], capture_output=True, check=False).returncode:
        _copy_library(python, inside)
    write(
        inside / "lib" / name / "_sysconfigdata__linux_x86_64-linux-gnu.py",
        "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n",
    )
    for link in ("python3", "python"):
        (inside / "bin" / link).symlink_to(name)
    archive = folder / "python.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        packed.add(inside, "python")
    return archive


def _copy_library(python: str, inside: Path) -> None:
    """Copy what a Python that looks for its library beside itself needs there."""
    top = os.path.dirname(os.path.dirname(os.path.realpath(python)))
    library = f"python{minor(python)}"
    ignore = shutil.ignore_patterns(*_LEFT_OUT)
    shutil.copytree(os.path.join(top, "lib", library), inside / "lib" / library, ignore=ignore)
    for folder in ("", "lib"):
        for name in os.listdir(os.path.join(top, folder)):
            if name.startswith("lib") and sysconfig.get_config_var("SHLIB_SUFFIX") in name:
                shutil.copy2(os.path.join(top, folder, name), inside / folder / name)
