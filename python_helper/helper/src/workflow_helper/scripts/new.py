"""Create a minimal script with inline metadata (PEP 723)."""

from __future__ import annotations

import os

from workflow_helper.discovery.script_metadata import CLOSING, OPENING, TYPE
from workflow_helper.errors import AlreadyExists, PythonUnavailable
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.scripts.environment import python_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def new_script(path: str, host: Host, disk: Disk) -> None:
    """Write a script to ``path``, which is absolute, for the best Python of the machine and without dependencies.

    Raises:
        AlreadyExists: The path exists already.
    """
    if os.path.lexists(path):
        raise AlreadyExists(f"{path} exists", "Name a file that does not exist yet.")
    try:
        version = python_for(None, path, host, disk).version
    except PythonUnavailable:
        version = None
    lines = f"{requires(version)}dependencies = []\n".splitlines()
    block = "\n".join((OPENING + TYPE, *(f"# {line}" for line in lines), CLOSING))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = f"{block}\n\n\n{program(os.path.basename(path))}"
    write_whole(path, text.encode(), replace=False)


def requires(version: str | None) -> str:
    """Return the line ``requires-python`` for the release of ``version`` and newer ones; empty if it is unknown."""
    release = ".".join((version or "").split(".")[:2])
    return f'requires-python = ">={release}"\n' if release.count(".") == 1 else ""


def program(name: str) -> str:
    """Return the text of a program that prints a greeting from ``name``."""
    import json

    greeting = json.dumps(f"Hello from {name}!", ensure_ascii=False)
    return f"""\
def main() -> None:
    print({greeting})


if __name__ == "__main__":
    main()
"""
