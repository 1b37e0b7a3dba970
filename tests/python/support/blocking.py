"""A project whose building waits for a word, so that a tool can be caught while it installs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from support.files import write

if TYPE_CHECKING:
    from pathlib import Path

_PROJECT = """\
[project]
name = "blocking"
version = "1.0"
requires-python = ">=3.10"
dependencies = []

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
#: Makes an editable wheel; where it is told to wait, it says so into a FIFO, and waits.
_BACKEND = """\
import os, time, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))

def build_editable(folder, settings=None, metadata=None):
    if os.path.exists(os.path.join(HERE, "wait")):
        with open(os.path.join(HERE, "told"), "w") as told:
            told.write(str(os.getpid()))
        time.sleep(600)
    name = "blocking-1.0-py3-none-any.whl"
    about = "blocking-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("blocking.pth", HERE)
        wheel.writestr(about + "/METADATA", "Metadata-Version: 2.1\\nName: blocking\\nVersion: 1.0\\n")
        wheel.writestr(about + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(about + "/RECORD", "")
    return name

build_wheel = build_editable
"""


class Blocking(NamedTuple):
    """The project in a folder."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, *, table: str = "") -> Blocking:
        """A project that waits when it is built; ``table`` goes into its ``pyproject.toml``."""
        write(folder / "pyproject.toml", _PROJECT + table)
        write(folder / "backend.py", _BACKEND)
        os.mkfifo(folder / "told")
        made = cls(folder)
        made.wait(wanted=True)
        return made

    def wait(self, *, wanted: bool) -> None:
        """Have it wait from now on, or no more."""
        if wanted:
            write(self.folder / "wait")
        else:
            (self.folder / "wait").unlink()

    def change(self) -> None:
        """Have tools build it again."""
        path = self.folder / "pyproject.toml"
        write(path, path.read_text().replace('version = "1.0"', 'version = "1.1"'))

    def building(self) -> int:
        """Wait until it is being built; the process that does."""
        return int((self.folder / "told").read_text())
