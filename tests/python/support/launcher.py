"""``py`` as a user meets it, and the shared cases of what it starts: ``test-fixtures/vectors/launcher``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from support.command import GUARD, Finished, assert_no_accident
from support.files import link
from support.needs import need
from support.pythons import minor, two_pythons
from support.vectors import VECTORS, build, filled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from support.machine import Machine
    from support.vectors import Built

PY = (sys.executable, "-I", "-m", "python_launcher")

#: Has a Python tell what it is and how it was started.
SHOW = (
    "import json, os, sys; print(json.dumps({'executable': sys.executable, 'prefix': sys.prefix, 'argv': sys.argv[1:], "
    "'python': '%d.%d' % sys.version_info[:2], 'isolated': sys.flags.isolated}))"
)


def py(
    machine: Machine,
    *words: str | bytes,
    cwd: str | PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    command: tuple[str, ...] = PY,
) -> Finished:
    """Run ``py WORDS...`` in the workspace, or in ``cwd``. Whatever is asked, an accident of ours is a failure."""
    done = subprocess.run(
        [*command, *words],
        cwd=machine.workspace if cwd is None else cwd,
        env={**machine.environ, **(environ or {})},
        input=stdin,
        capture_output=True,
        timeout=GUARD,
        check=False,
    )
    finished = Finished(done.returncode, done.stdout, done.stderr)
    assert_no_accident(finished)
    return finished


def with_pythons(machine: Machine) -> Machine:
    """A machine with two Pythons on PATH and no other: the older one in the first folder, the newer one in the second."""
    need("POSIX")  # Pythons are links
    new, old = two_pythons()
    folders = machine.home / "old", machine.home / "new"
    for folder, python in zip(folders, (old, new), strict=True):
        link(folder / os.path.basename(python), python)
    machine.environ["PATH"] = os.pathsep.join(map(str, folders))
    return machine


def cases() -> list[dict[str, Any]]:
    """Every case of what ``py`` starts."""
    return list(json.loads((VECTORS / "launcher" / "starting.json").read_text("utf-8")))


def build_case(case: dict[str, Any], machine: Machine) -> tuple[Built, list[str]]:
    """Make the folders of ``case`` on ``machine``; with the words that ``py`` is given."""
    new, old = two_pythons()
    names = {"{new}": minor(new), "{old}": minor(old), "{show}": SHOW}
    result = filled(case, {**names, "{root}": str(machine.workspace), "{home}": str(machine.home)})
    if "path" in result:
        result.setdefault("env", {})["PATH"] = os.pathsep.join(result["path"])
    for name, which in result.get("pythons", {}).items():
        link(machine.workspace / name, {"new": new, "old": old}[which])
    return build(result, machine), list(result["words"])
