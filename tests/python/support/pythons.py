"""Pythons beside the one that runs the tests."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from typing import TYPE_CHECKING

from support.files import write
from support.tree import supported_pythons

if TYPE_CHECKING:
    from pathlib import Path


def other_python() -> str:
    """A supported Python of another version than the one that runs the tests."""
    this = "{}.{}".format(*sys.version_info[:2])
    return next(path for path in supported_pythons() if not path.endswith(this))


def pack_python(python: str, folder: Path) -> Path:
    """An archive of a Python as tools download them, whose library is that of ``python`` itself."""
    version = os.path.basename(python).removeprefix("python")
    inside = folder / "python"
    (inside / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy2(python, inside / "bin" / f"python{version}")
    # Without a standard library beside it, an interpreter takes the one that it was built with.
    write(
        inside / "lib" / f"python{version}" / "_sysconfigdata__linux_x86_64-linux-gnu.py",
        "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n",
    )
    for link in ("python3", "python"):
        (inside / "bin" / link).symlink_to(f"python{version}")
    archive = folder / "python.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(inside, "python")
    return archive
