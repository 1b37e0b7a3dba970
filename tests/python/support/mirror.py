"""Where uv gets Pythons from, offline: an archive of one of this machine's, and the list that names it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

from support.files import write
from support.needs import need
from support.pythons import pack_python

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


def mirror_of(python: str, machine: Machine, folder: Path) -> Path:
    """Have uv on ``machine`` find the Python ``python``, by its program's path, in ``folder``; the list, to be changed."""
    need("POSIX")  # what is in the archive are links
    archive = pack_python(python, folder)
    ask = [python, "-I", "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    listing = write(folder / "downloads.json", json.dumps(dict([_download(archive, version)])))
    machine.environ["UV_PYTHON_DOWNLOADS_JSON_URL"] = listing.as_uri()
    return listing


def _download(archive: Path, version: str) -> tuple[str, dict[str, object]]:
    arch = os.uname().machine
    major, minor, patch = map(int, version.split("."))
    return f"cpython-{version}-linux-{arch}-gnu", {
        "name": "cpython",
        "arch": {"family": arch, "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "url": archive.as_uri(),
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
    }
