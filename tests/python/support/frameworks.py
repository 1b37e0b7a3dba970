"""Environments in which tests run: pytest and its plug-ins, as they are installed where these tests run."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.files import packages_in, write
from support.machine import make_venv, uv
from support.pythons import minor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.command import Finished
    from support.machine import Machine

#: pytest with what it needs.
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
#: pytest-xdist with what it needs beside that.
XDIST = ("pytest-xdist", "execnet")


def with_packages(prefix: Path, *names: str) -> Path:
    """A virtual environment at ``prefix`` with copies of what is installed here, without a network or an index."""
    make_venv(prefix)
    packages = packages_in(prefix)
    for name in names:
        for file in distribution(name).files or ():
            source, target = Path(str(file.locate())), packages / file
            if ".." not in file.parts and file.suffix != ".pyc":
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    return prefix


def with_distributions(prefix: Path, *requirements: str, python: str | None = None) -> Path:
    """A virtual environment at ``prefix``, of ``python`` if one is named, with what ``tests/index.txt`` has a line for."""
    if python is None:
        make_venv(prefix)
    else:
        subprocess.run([python, "-m", "venv", "--without-pip", prefix], check=True)
    packages, version = packages_in(prefix), minor(python or sys.executable)
    # By the version and not the Python: uv starts none that is too old for it.
    into = ["--python-version", version, "--target", str(packages)]
    subprocess.run([uv(), "pip", "install", "-q", "--no-config", *into, *requirements], check=True)
    return prefix


def project(machine: Machine, environment: Path | None, files: Mapping[str, str]) -> Path:
    """The machine's workspace with ``files`` by their paths; its ``.venv`` leads to ``environment``, if there is one."""
    for name, text in files.items():
        write(machine.workspace / name, text)
    if environment is not None:
        put_environment(machine.workspace / ".venv", environment)
    return machine.workspace


def put_environment(place: Path, environment: Path) -> None:
    """Have ``place`` be the environment: a link, or on Windows, which makes none, one with the same packages."""
    if os.name == "posix":
        place.symlink_to(environment)
        return
    theirs, ours = packages_in(environment), packages_in(make_venv(place))
    # A copy of the records is enough for those who read what is installed, and what was compiled there is used here.
    for record in theirs.glob("*.dist-info"):
        shutil.copytree(record, ours / record.name)
    (ours / "theirs.pth").write_text(f"{theirs}\n", locale.getpreferredencoding(False))  # noqa: FBT003 - it takes no name


def results(done: Finished) -> dict[str, dict[str, Any]]:
    """The results of a run by id, those of subtests left out; none comes twice."""
    whole_tests = [one for one in done.document["results"] if "subtest" not in one]
    by_id = {one["id"]: one for one in whole_tests}
    assert len(by_id) == len(whole_tests), done.text
    return by_id
