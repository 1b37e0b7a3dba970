"""Files and environments for tests, made in one line each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, content: str | bytes = "", *, executable: bool = False) -> Path:
    """A file at ``path`` with the folders above it; texts are written as they are, in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    if executable:
        path.chmod(0o755)
    return path


def link(path: Path, target: Path | str) -> Path:
    """A symbolic link at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def base_python(folder: Path, name: str = "python3.12") -> Path:
    """The program of a Python of this name in ``folder``/bin, of which nothing is ever started; on Windows, what stands for it."""
    program = folder / "bin" / (name if os.name == "posix" else "python.exe")
    if not program.exists():
        write(program, executable=True)
        if os.name == "nt":
            write(program.with_name(f"{name.replace('.', '')}.dll"))
    return program


def drawn_venv(prefix: Path, base: Path, *, version: str | None = "3.12.4") -> Path:
    """All that is read of a virtual environment made from the program ``base``, without making one."""
    about = f"home = {base.parent}\n" + (f"version = {version}\n" if version else "")
    write(prefix / "pyvenv.cfg", about)
    if os.name == "posix":
        link(python_in(prefix), base)
    else:
        write(python_in(prefix))
    return prefix


def site_packages(prefix: Path) -> Path:
    """Where packages are in an environment of Python 3.12."""
    return prefix / ("lib/python3.12/site-packages" if os.name == "posix" else "Lib/site-packages")


def packages_in(prefix: Path) -> Path:
    """Where packages are in a real environment, of whatever version its Python is."""
    (found,) = prefix.glob(
        "lib/python3*/site-packages" if os.name == "posix" else "Lib/site-packages"
    )
    return found


def break_venv(prefix: Path) -> None:
    """Replace the interpreter of an environment by a link to nowhere; Windows makes no links, so there it is gone."""
    python = python_in(prefix)
    python.unlink()
    if os.name == "posix":
        python.symlink_to("/nowhere/python3")


def lose_base(prefix: Path) -> None:
    """Have the Python be gone that an environment was made of, of which Windows has a copy in it, and POSIX a link."""
    if os.name == "posix":
        break_venv(prefix)
        return
    about = prefix / "pyvenv.cfg"
    lines = about.read_text("utf-8").splitlines()
    lost = ["home = C:\\nowhere" if line.startswith("home = ") else line for line in lines]
    write(about, "\n".join([*lost, ""]))


def python_in(prefix: Path) -> Path:
    """Where the interpreter of a virtual environment is."""
    return prefix / ("bin/python" if os.name == "posix" else "Scripts/python.exe")


def tree_of(folder: Path) -> dict[str, bytes | str | None]:
    """All below ``folder`` by relative path: bytes of files, targets of links, ``None`` for folders."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found
