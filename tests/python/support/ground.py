"""A machine of a test's own: a home folder, an environment of variables, and files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workflow_helper.discovery.tools.contract import Place


class Ground:
    """A home, and files beside it; ``environ`` is all that the environment holds besides."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.home = self.folder("home")
        self.environ: dict[str, str] = {}

    def folder(self, name: str) -> Path:
        """A folder, made when it is not there."""
        path = self.top / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def files(self, name: str, files: Mapping[str, str]) -> Path:
        """A folder with files in it, by their paths relative to it."""
        folder = self.folder(name)
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    def environment(self, path: Path) -> Path:
        """What a tool takes for a virtual environment at ``path``."""
        (path / "bin").mkdir(parents=True, exist_ok=True)
        (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (path / "bin" / "python").write_bytes(b"\x7fELF")
        (path / "bin" / "python").chmod(0o755)
        return path

    def host(self, platform: str = "linux", **environ: str) -> Host:
        """The machine as discovery knows it."""
        top = str(self.top)
        return Host(
            {"HOME": str(self.home), **self.environ, **environ},
            str(self.home),
            platform,
            f"{top}/config",
            f"{top}/state",
            f"{top}/cache",
            os.getuid() if hasattr(os, "getuid") else None,
        )

    def seen(self, root: Path, *enclosing: Path, **environ: str) -> Folder:
        """``root`` as a tool's module looks at it."""
        above = tuple(str(path) for path in enclosing)
        return Folder(str(root), above, self.host(**environ), Disk())

    def places(self, tool: str, root: Path, *enclosing: Path, **environ: str) -> tuple[Place, ...]:
        """Where ``tool`` keeps the environments of ``root``."""
        return BUNDLED[tool].places(self.seen(root, *enclosing, **environ))

    def default(self, tool: str, root: Path, *enclosing: Path, **environ: str) -> str | None:
        """The place of the default environment; at most one is."""
        found = [p.prefix for p in self.places(tool, root, *enclosing, **environ) if p.default]
        assert len(found) <= 1
        return found[0] if found else None
