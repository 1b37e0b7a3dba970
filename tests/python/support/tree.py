"""This tree, and what setup installed for its tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

#: The top folder of the repository.
ROOT = Path(__file__).parents[3]


@cache
def bundle() -> Path:
    """Return the folder of the helper as the extension carries it, built from the tree as it is now."""
    node = shutil.which("node")
    assert node is not None
    build = [node, str(ROOT / "scripts" / "build.mjs")]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ROOT / "dist" / "helper"


def supported_pythons() -> list[str]:
    """The machine's Pythons that the helper supports, newest first, as absolute paths."""
    return _installed("pythons")


def old_pythons() -> list[str]:
    """The machine's Pythons that are too old for the helper, as absolute paths."""
    return _installed("oldPythons")


def crates() -> Path | None:
    """Return the folder of what the documented server in Rust depends on; ``None`` where set-up could not have it."""
    folder = _paths().get("crates")
    return None if folder is None else Path(folder)


def real_projects() -> dict[str, Path]:
    """Return, by the names of others' projects, folders with the ``source`` and the ``environment`` of each that set-up brought."""
    projects: dict[str, str] = _paths().get("projects", {})
    return {name: Path(folder) for name, folder in projects.items()}


def tools() -> dict[str, str]:
    """Return the paths of the tools that set-up brought, by their names."""
    found: dict[str, str] = _paths()["tools"]
    return found


def _installed(key: str) -> list[str]:
    return [str(path) for path in _paths()[key]]


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = json.loads((ROOT / ".cache" / "paths.json").read_text("utf-8"))
    return paths
