"""The Pythons of a machine, found and described without starting one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import python_in
from support.ground import Ground
from support.machine import make_venv
from workflow_helper.discovery.interpreters import (
    conda,
    install_folders,
    managers,
    path,
    pyenv,
    registry,
    uv,
)
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.discovery.interpreters.describe import describe, parse_name
from workflow_helper.errors import UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host, Interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.machine import Machine


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A machine of the test's own, without the system's folders."""
    monkeypatch.setattr(install_folders, "EVERYWHERE", ("~/.local/bin",))
    monkeypatch.setattr(install_folders, "LINUX", ())
    return Ground(tmp_path)


def program(path: Path, data: bytes = b"\x7fELF") -> Path:
    """A file that may be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def installed(ground: Ground, **environ: str) -> list[Interpreter]:
    """The Pythons of the machine, the best first."""
    return list(interpreters.installed(ground.host(**environ), Disk()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python", ("cpython", "", False)),
        ("python3", ("cpython", "3", False)),
        ("python3.12", ("cpython", "3.12", False)),
        ("python3.13t", ("cpython", "3.13", True)),
        ("pypy", ("pypy", "", False)),
        ("pypy3.10", ("pypy", "3.10", False)),
        ("graalpy", ("graalpy", "", False)),
    ],
)
def test_names_of_interpreters(name: str, expected: tuple[str, str, bool]) -> None:
    """The name of an interpreter's file tells its implementation and as much of its version as it holds."""
    assert parse_name(name) == expected
    assert parse_name(f"{name.capitalize()}.EXE", windows=True) == expected


@pytest.mark.parametrize(
    "name",
    [
        "python2",
        "python2.7",
        "python3-config",
        "python3.11-config",
        "python3.11-gdb",
        "pythonw",
        "python3.",
        "pythont",
        "python3t",
        "python3.11.exe",
        "pypy3-c",
        "bpython",
        "ipython3",
        "",
    ],
)
def test_other_programs(name: str) -> None:
    """A Python 2, and programs that only begin like an interpreter, are none."""
    assert parse_name(name) is None


@pytest.mark.needs("POSIX")
def test_path_is_read_in_order_and_each_python_once(ground: Ground) -> None:
    """Names that lead to one file are one Python, under its most telling name in the first folder of PATH."""
    real = program(ground.top / "real/bin/python3.11")
    first, second = ground.folder("first"), ground.folder("second")
    (first / "python3").symlink_to(real)
    (first / "python3.11").symlink_to(real)
    (second / "python").symlink_to(real)
    program(first / "python3-config")
    assert installed(ground, PATH=f"{first}:{second}:{real.parent}") == [
        Interpreter(f"{first}/python3.11", "3.11", "cpython", "path")
    ]


def test_relative_and_missing_entries_of_path(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that depend on the current folder are not looked at, and missing ones are no trouble."""
    program(ground.top / "bin/python3.12")
    monkeypatch.chdir(ground.top)
    assert installed(ground, PATH="bin::.:/nowhere:\0") == []


@pytest.mark.needs("POSIX")
def test_scripts_and_shims_are_looked_behind(ground: Ground) -> None:
    """Pyenv's shims are no Pythons; the versions behind them are."""
    shim = program(ground.home / ".pyenv/shims/python3.12", b"#!/bin/sh\n")
    wrapper = program(ground.top / "bin/python3.12", b"#!/bin/sh\n")
    real = program(ground.home / ".pyenv/versions/3.12.1/bin/python3.12")
    assert installed(ground, PATH=f"{shim.parent}:{wrapper.parent}") == [
        Interpreter(str(real), "3.12.1", "cpython", "pyenv")
    ]


@pytest.mark.needs("POSIX")
def test_pyenv_root_moves_it(ground: Ground) -> None:
    """PYENV_ROOT says where pyenv's versions are."""
    program(ground.top / "pe/versions/pypy3.10-7.3.15/bin/pypy3.10")
    program(ground.top / "pe/versions/3.13.0t/bin/python3.13t")
    program(ground.top / "pe/versions/2.7.18/bin/python2.7")
    found = installed(ground, PYENV_ROOT=f"{ground.top}/pe")
    assert [(p.version, p.implementation) for p in found] == [
        ("3.13.0", "cpython+freethreaded"),
        ("3.10", "pypy"),
    ]


@pytest.mark.needs("POSIX")
def test_environments_are_no_pythons_of_the_machine(ground: Ground) -> None:
    """A virtual environment, pyenv's own among them, and a conda environment are left out; conda's base is not."""
    virtual = ground.environment(ground.home / ".pyenv/versions/mine")
    base = ground.home / "miniforge3"
    program(base / "bin/python3.12")
    (base / "conda-meta").mkdir()
    (base / "condabin").mkdir()
    activated = base / "envs/x"
    program(activated / "bin/python3.12")
    (activated / "conda-meta").mkdir()
    found = installed(ground, PATH=f"{virtual}/bin:{activated}/bin")
    assert [(p.path, p.source) for p in found] == [(f"{base}/bin/python3.12", "conda")]


@pytest.mark.needs("POSIX")
def test_virtual_environment_does_not_hide_its_python(ground: Ground) -> None:
    """A Python that an environment earlier on PATH links to is found under its own name."""
    real = program(ground.top / "real/bin/python3.12")
    environment = ground.environment(ground.top / "env")
    (environment / "bin/python3.12").symlink_to(real)
    found = installed(ground, PATH=f"{environment}/bin:{real.parent}")
    assert [p.path for p in found] == [str(real)]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("opt/python/3.11.7/bin/python3.11",), "3.11.7"),
        (("uv/cpython-3.12.4-linux-x86_64-gnu/bin/python3.12",), "3.12.4"),
        (("pdm/cpython@3.12.4/bin/python3.12",), "3.12.4"),
        (("Cellar/python@3.12/3.12.4_1/Frameworks/P/Versions/3.12/bin/python3.12",), "3.12.4"),
        (("x/3.14.0rc1/bin/python3.14",), "3.14.0rc1"),
        (("app-3.10.2/bin/python3.11",), "3.11"),
        (("x/bin/python3.11",), "3.11"),
        (("x/bin/python3", "x/lib/python3.9/os.py"), "3.9"),
        (("x/bin/python3", "x/lib/python3.9/os.py", "x/lib/python3.8/os.py"), None),
        (("x/bin/python3",), None),
        (("x/24.1.3.12/bin/python3",), None),
    ],
)
def test_version_by_the_surroundings(
    ground: Ground, files: tuple[str, ...], expected: str | None
) -> None:
    """The version is read from the file's name, the library's folder, and names of folders that agree."""
    found = program(ground.top / files[0])
    for file in files[1:]:
        program(ground.top / file)
    python = interpreters.inspect(str(found), ground.host(), Disk())
    assert python is not None
    assert python.version == expected


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("3.12.4/bin/python3.12", "3.12"),
        ("3.12.4/bin/python3", "3.12.4"),
        ("x/bin/python3", None),
    ],
)
def test_version_that_need_not_be_whole_is_told_all_the_same(
    ground: Ground, file: str, expected: str | None
) -> None:
    """Where the patch does not matter, the folders above are read only for what nothing nearer tells."""
    found = program(ground.top / file)
    python = describe(str(found), "path", ground.host(), Disk(), wholly=False)
    assert python is not None
    assert python.version == expected


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('#define PY_VERSION\t"3.11.2"\n', "3.11.2"),
        ('#define PY_VERSION "3.11.0rc2+"\n', "3.11.0rc2"),
        ('#define PY_VERSION "3.12.1"\n', "3.11"),
        ("#define PY_VERSION\n", "3.11"),
        ("\0", "3.11"),
    ],
)
def test_version_by_the_headers(ground: Ground, text: str, expected: str) -> None:
    """The C headers tell the patch, as far as they are this Python's."""
    found = program(ground.top / "usr/bin/python3.11")
    header = ground.top / "usr/include/python3.11/patchlevel.h"
    header.parent.mkdir(parents=True)
    header.write_text(text)
    python = interpreters.inspect(str(found), ground.host(), Disk())
    assert python is not None
    assert python.version == expected


def test_unversioned_python_may_be_an_old_one(ground: Ground) -> None:
    """A ``python`` whose version nothing tells could be a Python 2, so it is not taken."""
    assert (
        interpreters.inspect(str(program(ground.top / "x/bin/python")), ground.host(), Disk())
        is None
    )


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("kind", ["missing", "folder", "not executable", "FIFO", "loop", "other"])
def test_what_is_no_interpreter(ground: Ground, kind: str) -> None:
    """A path that leads to no program, or to another one, is no interpreter."""
    target = ground.top / "python3.12"
    if kind == "folder":
        target.mkdir()
    elif kind == "not executable":
        target.write_bytes(b"\x7fELF")
    elif kind == "FIFO":
        os.mkfifo(target, 0o777)
    elif kind == "loop":
        target.symlink_to(target.name)
    elif kind == "other":
        target.symlink_to(program(ground.top / "mise"))
    assert interpreters.inspect(str(target), ground.host(), Disk()) is None


@pytest.mark.needs("POSIX")
def test_interpreter_of_an_environment_can_be_inspected(ground: Ground) -> None:
    """The interpreter of an environment is described by the Python that it links to."""
    real = program(ground.top / "3.12.4/bin/python3.12")
    environment = ground.environment(ground.top / "env")
    (environment / "bin/python").unlink()
    (environment / "bin/python").symlink_to(real)
    python = interpreters.inspect(f"{environment}/bin/python", ground.host(), Disk())
    assert python == Interpreter(f"{environment}/bin/python", "3.12.4", "cpython", "given")


@pytest.mark.needs("POSIX")
def test_patch_release_is_told_by_the_environment(ground: Ground) -> None:
    """Where the name of a Python tells no patch release, as that of Debian's, what its environment tells counts."""
    real = program(ground.top / "usr/bin/python3.12")
    environment = ground.environment(ground.top / "env")
    (environment / "pyvenv.cfg").write_text(f"home = {real.parent}\nversion = 3.12.4\n")
    (environment / "bin/python").unlink()
    (environment / "bin/python").symlink_to(real)
    python = interpreters.inspect(f"{environment}/bin/python", ground.host(), Disk())
    assert python == Interpreter(f"{environment}/bin/python", "3.12.4", "cpython", "given")


def test_interpreter_of_a_real_environment_can_be_inspected(machine: Machine) -> None:
    """Also on Windows, where its name and what is beside it tell no version."""
    path = str(python_in(make_venv(machine.workspace / ".venv")))
    python = interpreters.inspect(path, machine.host, Disk())
    version = ".".join(map(str, sys.version_info[:3]))
    assert python == Interpreter(path, version, sys.implementation.name, "given")


@pytest.mark.needs("POSIX")
def test_best_first(ground: Ground) -> None:
    """Released CPythons come first, the newest first and those on PATH before equals; then all others."""
    versions = ground.home / ".pyenv/versions"
    for name, file in (
        ("3.9.18", "python3.9"),
        ("3.14.0rc1", "python3.14"),
        ("3.12.4", "python3.12"),
        ("3.13.1t", "python3.13t"),
    ):
        program(versions / name / "bin" / file)
    on_path = program(ground.top / "opt/3.12.4/bin/python3.12")
    plain = program(ground.top / "usr/bin/python3.12")
    unknown = program(ground.top / "odd/bin/python3")
    pypy = program(ground.top / "pp/bin/pypy3.10")
    folders = ":".join(str(file.parent) for file in (unknown, pypy, plain, on_path))
    assert [(p.version, p.source) for p in installed(ground, PATH=folders)] == [
        ("3.12.4", "path"),
        ("3.12.4", "pyenv"),
        ("3.12", "path"),
        ("3.9.18", "pyenv"),
        ("3.14.0rc1", "pyenv"),
        ("3.13.1", "pyenv"),
        ("3.10", "path"),
        (None, "path"),
    ]


@pytest.mark.needs("POSIX")
def test_changes_show_at_once(ground: Ground) -> None:
    """What is installed, removed or replaced between two looks is seen, and what an answer depends on is told."""
    bin_folder = ground.folder("bin")
    host, disk = ground.host(PATH=str(bin_folder)), Disk()
    link = bin_folder / "python3.12"
    for version in ("3.12.1", "3.12.2", "3.12.3"):
        assert interpreters.installed(host, disk) == ()
        assert str(bin_folder) in disk.seen
        link.symlink_to(program(ground.top / version / "bin/python3.12"))
        for _ in range(2):
            assert [p.version for p in interpreters.installed(host, disk)] == [version]
        link.unlink()


@pytest.mark.needs("POSIX")
def test_old_answer_is_kept_while_nothing_changes(ground: Ground) -> None:
    """An unchanged machine is not searched again, and its variables are part of what may change."""
    folder = program(ground.top / "a/python3.12").parent
    for place in (folder / "python3.12", folder, folder.parent):
        os.utime(place, (1, 1))
    environ = {"PATH": str(folder)}
    host = ground.host()._replace(environ=environ)
    first = interpreters.installed(host, Disk())
    fresh = Disk()
    assert interpreters.installed(host, fresh) is first
    assert f"{folder}/python3.12" in fresh.seen
    environ["PATH"] = ""
    assert interpreters.installed(host, Disk()) == ()


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("environ", "file", "source"),
    [
        ({}, "home/.local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu/bin/python3.12", "uv"),
        ({"UV_PYTHON_INSTALL_DIR": "{top}/u"}, "u/cpython-3.12.4-x/bin/python3.12", "uv"),
        ({"XDG_DATA_HOME": "{top}/d"}, "d/uv/python/cpython-3.12.4-x/bin/python3.12", "uv"),
        ({}, "home/.local/share/hatch/pythons/3.12/python/bin/python3.12", "hatch"),
        ({}, "home/.local/share/mise/installs/python/3.12.4/bin/python3.12", "mise"),
        ({"ASDF_DATA_DIR": "{top}/a"}, "a/installs/python/3.12.4/bin/python3.12", "asdf"),
        ({}, "home/.rye/py/cpython@3.12.4/bin/python3.12", "rye"),
        ({}, "home/.local/share/pdm/python/cpython@3.12.4/bin/python3.12", "pdm"),
        ({}, "home/.local/share/pypoetry/python/cpython@3.12.4/bin/python3.12", "poetry"),
        ({}, "home/.local/bin/python3.12", "install folder"),
        ({}, "home/miniconda3/bin/python3.12", "conda"),
        ({"CONDA_EXE": "{top}/c/bin/conda"}, "c/bin/python3.12", "conda"),
    ],
)
def test_sources(ground: Ground, environ: dict[str, str], file: str, source: str) -> None:
    """Each manager's Pythons are found in its own folder, also where a variable moved it."""
    found = program(ground.top / file)
    if source == "conda":
        for name in ("conda-meta", "condabin"):
            (found.parent.parent / name).mkdir()
    variables = {name: value.format(top=ground.top) for name, value in environ.items()}
    assert [(p.path, p.source) for p in installed(ground, **variables)] == [(str(found), source)]


@pytest.mark.needs("POSIX")
def test_apples_placeholder_is_passed_over(ground: Ground) -> None:
    """MacOS' /usr/bin/python3 opens a dialog where no Python is installed, so it is never taken."""
    host = ground.host("darwin", PATH="/usr/bin")
    found = [file for source in (path, install_folders) for _, file in source.find(host, Disk())]
    assert "/usr/bin/python3" not in found


class FakeRegistry:
    """A registry of the test's own, by its keys' whole names."""

    def __init__(self, keys: Mapping[str, Mapping[str, str]]) -> None:
        self.keys = keys

    def below(self, key: str) -> list[str]:
        """The names right below ``key``."""
        inside = (
            name[len(key) + 1 :].split("\\")[0] for name in self.keys if name.startswith(f"{key}\\")
        )
        return list(dict.fromkeys(inside))

    def value(self, key: str, name: str) -> str | None:
        """The value of that name."""
        return self.keys.get(key, {}).get(name)


def test_registry_of_windows() -> None:
    """PEP 514: the named executable, else python.exe in the folder; the launcher's key is no company."""
    top = "HKEY_CURRENT_USER\\Software\\Python"
    keys = FakeRegistry(
        {
            f"{top}\\PythonCore\\3.12\\InstallPath": {
                "": "C:\\P312",
                "ExecutablePath": "C:\\P312\\py.exe",
            },
            f"{top}\\PythonCore\\3.11\\InstallPath": {"": "C:\\P311\\"},
            f"{top}\\PythonCore\\3.10\\InstallPath": {"": "relative"},
            f"{top}\\PythonCore\\3.9": {},
            f"{top}\\PyLauncher\\x\\InstallPath": {"": "C:\\no"},
            "HKEY_LOCAL_MACHINE\\Software\\Python\\Anaconda\\x\\InstallPath": {"": "D:\\conda"},
        }
    )
    host = Host({}, "C:\\Users\\me", "win32", "", "", "")
    assert list(registry.find(host, Disk(), keys)) == [
        ("registry", "C:\\P312\\py.exe"),
        ("registry", "C:\\P311\\python.exe"),
        ("registry", "D:\\conda\\python.exe"),
    ]


def test_registry_elsewhere(ground: Ground) -> None:
    """On other platforms there is no registry."""
    assert list(registry.find(ground.host(), Disk())) == []


def test_windows_folders_are_spelled_its_way() -> None:
    """Every source looks into folders of Windows' own, spelled in its way."""
    disk = Disk()
    host = Host(
        {"PATH": '"C:\\py";rel', "ProgramFiles": "C:\\PF"}, "C:\\Users\\me", "win32", "", "", ""
    )
    for source in (path, pyenv, uv, managers, install_folders, conda):
        assert list(source.find(host, disk)) == []
    looked = set(disk.seen)
    assert {"C:\\py", "C:\\", "C:\\PF"} <= looked | {name + "\\" for name in looked}
    assert "C:\\Users\\me\\AppData\\Roaming\\uv\\python" in looked
    assert "C:\\Users\\me\\.pyenv\\pyenv-win\\versions" in looked
    assert "C:\\Users\\me\\AppData\\Local\\Programs\\Python" in looked
    assert "C:\\Users\\me\\AppData\\Local\\Microsoft\\WindowsApps" in looked
    assert not [name for name in looked if "/" in name]


MACHINE = tuple(
    Interpreter(f"/{version}/{kind}", version, kind, "path")
    for version, kind in (
        ("3.13.1", "cpython"),
        ("3.12.4", "cpython"),
        ("3.12", "cpython"),
        ("3.1.5", "cpython"),
        ("3.14.0rc1", "cpython"),
        ("3.13.1", "cpython+freethreaded"),
        ("3.10", "pypy"),
        (None, "cpython"),
    )
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("3.12", ["3.12.4", "3.12"]),
        ("3.12.4", ["3.12.4"]),
        (" 3.1 ", ["3.1.5"]),
        ("3", ["3.13.1", "3.12.4", "3.12", "3.1.5", "3.14.0rc1", "3.10"]),
        ("python3.12", ["3.12.4", "3.12"]),
        ("cpython@3.13", ["3.13.1"]),
        ("3.13t", ["3.13.1"]),
        ("3.14.0rc1", ["3.14.0rc1"]),
        ("pypy", ["3.10"]),
        ("PyPy3.10", ["3.10"]),
        ("pypy-3.9", []),
        ("graalpy", []),
        (">=3.11,<3.13", ["3.12.4", "3.12"]),
        (">=3.12.2", ["3.13.1", "3.12.4", "3.12", "3.14.0rc1"]),
        ("==3.12.*", ["3.12.4", "3.12"]),
        ("~=3.10", ["3.13.1", "3.12.4", "3.12", "3.14.0rc1", "3.10"]),
    ],
)
def test_specifications(spec: str, expected: list[str]) -> None:
    """A specification keeps the order of the candidates and takes those that it means."""
    assert [python.version for python in interpreters.matching(spec, MACHINE)] == expected


def test_free_threaded_builds_are_meant_only_by_their_mark() -> None:
    """``3.13`` means the usual build and ``3.13t`` the free-threaded one."""
    assert [p.implementation for p in interpreters.matching("3.13t", MACHINE)] == [
        "cpython+freethreaded"
    ]
    assert [p.implementation for p in interpreters.matching("3.13", MACHINE)] == ["cpython"]


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "x",
        "3.x",
        "3.12.4.1",
        ">=",
        ">3.x",
        "3..1",
        "t",
        "pypy3.a",
        "\N{ARABIC-INDIC DIGIT THREE}",
    ],
)
def test_bad_specifications(spec: str) -> None:
    """A word that names no Python is an error of usage that says what could be said instead."""
    with pytest.raises(UsageError) as caught:
        interpreters.matching(spec, MACHINE)
    assert caught.value.hint
