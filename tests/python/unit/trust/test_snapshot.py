"""Private copies of what was consented to."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from support.files import link, tree_of, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.trust import fingerprint, snapshot

if TYPE_CHECKING:
    from support.machine import Machine


def taken(machine: Machine, **launch: object) -> snapshot.Snapshot:
    """The copy of what the workspace declares."""
    read = declaration(launch, machine.workspace / "pyworkflow.toml")
    found = snapshot.take(read, str(machine.workspace), machine.host)
    root = str(machine.workspace)
    assert found.digest == fingerprint.digest(read, root, machine.host, Disk())
    return found


def names(found: snapshot.Snapshot) -> list[str]:
    """The files of the copy, relative to its top."""
    top = Path(found.script.partition(found.digest)[0]) / found.digest
    return [name for name, data in tree_of(top).items() if isinstance(data, bytes)]


def test_script_is_alone(machine: Machine) -> None:
    """What lies beside it, and was not declared, is not there."""
    write(machine.workspace / "tools" / "serve.py", "x")
    write(machine.workspace / "tools" / "json.py", "evil")
    found = taken(machine, script="tools/serve.py")
    assert names(found) == ["serve.py"]
    assert found.origin == str(machine.workspace / "tools" / "serve.py")


def test_declared_files_lie_as_they_did(machine: Machine) -> None:
    """A script finds them where they were to it, in a folder above too; whether one may be executed stays."""
    for name in ("tools/serve.py", "lib/a.py", "lib/b/c.txt", "lib/.git/index"):
        write(machine.workspace / name, name)
    write(machine.workspace / "run.sh", executable=True)
    found = taken(machine, script="tools/serve.py", files=["lib", "run.sh"])
    assert names(found) == ["lib/a.py", "lib/b/c.txt", "run.sh", "tools/serve.py"]
    assert os.access(Path(found.script).parent.parent / "run.sh", os.X_OK)


@pytest.mark.needs("POSIX")
def test_folder_is_copied_whole(machine: Machine) -> None:
    """With what its links lead to inside the project, and nothing that they lead to outside."""
    write(machine.workspace / "server" / "__main__.py")
    write(machine.workspace / "shared" / "a.py", "a")
    write(machine.home / "outside" / "b.py")
    link(machine.workspace / "server" / "shared", "../shared")
    link(machine.workspace / "server" / "outside", machine.home / "outside")
    found = taken(machine, script="server")
    assert names(found) == ["server/__main__.py", "server/shared/a.py"]


@pytest.mark.needs("POSIX")
def test_what_somebody_wrote_into_a_copy_is_gone_from_the_next(machine: Machine) -> None:
    """A copy that is not what was consented to, to the byte and to the file, is recreated."""
    write(machine.workspace / "serve.py", "x = 1")
    first = taken(machine, script="serve.py")
    copy = Path(first.script)
    write(copy.parent / "json.py", "evil")
    assert names(taken(machine, script="serve.py")) == ["serve.py"]
    copy.unlink()
    copy.write_text("y = 2")
    assert Path(taken(machine, script="serve.py").script).read_text() == "x = 1"


@pytest.mark.needs("POSIX")
def test_what_is_installed_counts_and_is_not_copied(machine: Machine) -> None:
    """A dependency on a folder of this machine changes the digest, and is not a file to import."""
    source = write(machine.workspace / "dep" / "dep.py", "1")
    meta = f'# /// script\n# dependencies = ["dep @ file://{source.parent}"]\n# ///\n'
    write(machine.workspace / "serve.py", meta)
    first = taken(machine, script="serve.py")
    assert names(first) == ["serve.py"]
    source.write_text("2")
    assert taken(machine, script="serve.py").digest != first.digest


def test_copies_that_nothing_was_started_from_are_pruned(machine: Machine) -> None:
    """One that was not taken for long goes, with what a kill left; one that was taken again stays, and so does what is no copy."""
    write(machine.workspace / "old.py", "old")
    write(machine.workspace / "new.py", "new!")
    old, new = (
        os.path.dirname(taken(machine, script=name).script) for name in ("old.py", "new.py")
    )
    left = write(Path(f"{old}.0123abcd") / "half.py", "half").parent
    beside = write(Path(old).parent / "notes.txt", "mine")
    for path in (old, new, left, beside):
        os.utime(path, (0, 0))
    taken(machine, script="new.py")
    assert snapshot.prune(machine.host, days=30, now=time.time()) == len("old" + "half")
    assert sorted(os.listdir(beside.parent)) == sorted([os.path.basename(new), "notes.txt"])
    assert taken(machine, script="old.py").script == os.path.join(old, "old.py")


def test_what_is_pruned_never_leaves_the_cache(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a folder above the cache has a dot in its name, as ``~/.cache`` has: a kill leaves nothing elsewhere."""
    write(machine.workspace / "old.py", "old")
    host = machine.host._replace(cache=str(machine.home / ".cache" / "python.workflow"))
    read = declaration({"script": "old.py"}, machine.workspace / "pyworkflow.toml")
    copy = Path(snapshot.take(read, str(machine.workspace), host).script).parent
    os.utime(copy, (0, 0))
    targets: list[str] = []
    rename = os.rename

    def noted(old: str, new: str) -> None:
        targets.append(os.path.dirname(new))
        rename(old, new)

    monkeypatch.setattr(os, "rename", noted)
    assert snapshot.prune(host, days=30, now=time.time()) == len("old")
    assert targets == [str(copy.parent)]
