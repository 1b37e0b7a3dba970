"""Describe an interpreter by its name and the files around it; it is never started."""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.filesystem.user_dirs import join, name_of, parent
from workflow_helper.model import Interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The beginnings of interpreters' names, and the implementations that they tell.
STEMS = {"python": "cpython", "pypy": "pypy", "graalpy": "graalpy"}
#: The number of folders above an interpreter whose names may have its version.
MOST_ABOVE = 6
#: ``3.12``, ``3.12.4``, ``3.13.0rc1``, ``3.13t``; not the end of another number.
VERSION = r"(?<![\d.])(3\.\d+(?:\.\d+(?:(?:a|b|rc)\d+)?)?)(t?)(?![\d.])"


class Name(NamedTuple):
    """The parts of an interpreter's file name."""

    implementation: str
    #: ``"3.12"``, ``"3"``, or empty.
    version: str
    freethreaded: bool


def parse_name(file: str, *, windows: bool = False) -> Name | None:
    """Parse ``python3.12``, ``pypy3`` or ``python.exe``; return ``None`` for any other program.

    ``python2``, ``python3-config``, ``python3.11-gdb`` and ``pythonw`` are other programs.
    """
    if windows:
        file, dot, ending = file.lower().rpartition(".")
        if not dot or ending != "exe":
            return None
    for stem, implementation in STEMS.items():
        if file.startswith(stem):
            version = file[len(stem) :]
            freethreaded = version.endswith("t")
            version = version.removesuffix("t")
            major, dot, minor = version.partition(".")
            if (
                major in ("", "3")
                and (minor.isdecimal() if dot else True)
                and not (freethreaded and not minor)
            ):
                return Name(implementation, version, freethreaded)
    return None


def interpreters_in(folder: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the paths in ``folder`` that are named like an interpreter, the most specific names first."""
    # A folder may have thousands of programs, so most are skipped by a quick check.
    stems = tuple(STEMS)
    names = [
        name
        for name in disk.names(folder)
        if (name.lower() if host.windows else name).startswith(stems)
        and parse_name(name, windows=host.windows)
    ]
    for name in sorted(names, key=len, reverse=True):
        yield join(host, folder, name)


def folders_like(pattern: str, host: Host, disk: Disk) -> Iterator[str]:
    """Yield the folders that ``pattern`` names, in which a part of the path may hold one ``*``."""
    separator = "\\" if host.windows else "/"
    head, star, tail = pattern.partition("*")
    if not star:
        yield pattern
        return
    above, _, begin = head.rpartition(separator)
    end, further, below = tail.partition(separator)
    for name in disk.names(above or separator):
        if name.startswith(begin) and name.endswith(end) and len(name) >= len(begin) + len(end):
            yield from folders_like(above + separator + name + further + below, host, disk)


def newest_in(folder: str, begin: str, host: Host, disk: Disk) -> str | None:
    """Return the newest entry of ``folder`` named like a release that begins with ``begin``; ``None`` where there is none."""
    numbers = {
        name: tuple(map(int, name.split(".")))
        for name in disk.names(folder)
        if name.startswith(begin) and all(map(str.isdecimal, name.split(".")))
    }
    return join(host, folder, max(numbers, key=lambda one: numbers[one])) if numbers else None


def environment_of(path: str, host: Host, disk: Disk) -> str | None:
    """Return the folder of the virtual environment that the interpreter at ``path`` belongs to, or ``None``."""
    beside = parent(host, path)
    for folder in (parent(host, beside), beside):
        if disk.is_file(join(host, folder, "pyvenv.cfg")):
            return folder
    return None


def prefix_of(path: str, host: Host, disk: Disk) -> str | None:
    """Return the folder of the virtual or conda environment of the interpreter at ``path``; ``None`` for one of the machine.

    Conda's base is the machine's.
    """
    virtual = environment_of(path, host, disk)
    if virtual is not None:
        return virtual
    beside = parent(host, path)
    prefix = beside if host.windows else parent(host, beside)
    if not disk.is_folder(join(host, prefix, "conda-meta")):
        return None
    from workflow_helper.discovery.conda_folders import is_base

    return None if is_base(prefix, host, disk) else prefix


def describe(
    path: str, source: str, host: Host, disk: Disk, *, wholly: bool = True
) -> Interpreter | None:
    """Return the interpreter at ``path``; ``None`` if there is none.

    A link is followed first. Scripts, such as the shims of version managers, do not count, and neither does a possible
    Python 2. Unless ``wholly``, the version may lack the patch number if finding it takes longer.
    """
    if not disk.is_program(path):
        return None
    real = real_path(path)
    name = parse_name(name_of(host, real), windows=host.windows)
    if name is None or _is_script(real):
        return None
    beside = parent(host, real)
    prefix = beside if host.windows else parent(host, beside)
    minor, freethreaded = name.version, name.freethreaded
    if "." not in minor:
        found = _minor_by_library(prefix, name, host, disk)
        if found is None and not minor and name.implementation == "cpython":
            return None
        minor, freethreaded = found or ("", False)
    version, is_freethreaded = _version_by_headers(prefix, minor, host, disk), False
    if version is None and (wholly or not minor):
        version, is_freethreaded = _version_by_folders(real, minor, host)
    implementation = name.implementation
    if implementation == "cpython" and (freethreaded or is_freethreaded):
        implementation = "cpython+freethreaded"
    return Interpreter(path, version or minor or None, implementation, source)


def _minor_by_library(prefix: str, name: Name, host: Host, disk: Disk) -> tuple[str, bool] | None:
    """Return ``("3.12", False)`` by the standard library's folder or, on Windows, by the library beside the program."""
    found = set()
    if host.windows:
        from workflow_helper.discovery.environments.health import minor_of_dll

        for file in disk.names(prefix):
            build = minor_of_dll(file)
            if build is not None:
                (major, minor), freethreaded = build
                found.add((f"{major}.{minor}", freethreaded))
    else:
        for folder in disk.names(join(host, prefix, "lib")):
            name_parts = parse_name(folder)
            if (
                name_parts is not None
                and name_parts.implementation == name.implementation
                and "." in name_parts.version
            ):
                found.add((name_parts.version, name_parts.freethreaded))
    return found.pop() if len(found) == 1 else None


def _version_by_headers(prefix: str, minor: str, host: Host, disk: Disk) -> str | None:
    """Return the version with its patch, by the C headers."""
    for folder in (
        ("Include", "") if host.windows else (f"python{minor}", f"python{minor}t", f"pypy{minor}")
    ):
        header = join(
            host, prefix, *([folder] if host.windows else ["include", folder]), "patchlevel.h"
        )
        if minor and (exact := _by_header(header, disk)) and _is_of(exact, minor):
            return exact
    return None


def _version_by_folders(real: str, minor: str, host: Host) -> tuple[str | None, bool]:
    """Return the version with its patch, by the name of a folder above; and whether it is free-threaded."""
    import re

    above = parent(host, real)
    version, freethreaded = None, False
    for _ in range(MOST_ABOVE):
        name = name_of(host, above)
        for found, mark in re.findall(VERSION, name):
            if version is None and found.count(".") > 1 and (not minor or _is_of(found, minor)):
                version = found
                freethreaded = bool(mark) or "freethreaded" in name
        above = parent(host, above)
    return version, freethreaded


def _by_header(path: str, disk: Disk) -> str | None:
    try:
        text = disk.text(path) or ""
    except UnusableFile:
        return None
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["#define", "PY_VERSION"] and len(words) > 2:
            return words[2].strip('"').rstrip("+")
    return None


def _is_of(version: str, minor: str) -> bool:
    return version == minor or version.startswith(
        (f"{minor}.", f"{minor}a", f"{minor}b", f"{minor}rc")
    )


def _is_script(path: str) -> bool:
    try:
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError):
        return False
    try:
        return os.read(handle, 2) == b"#!"
    except OSError:
        return False
    finally:
        os.close(handle)
