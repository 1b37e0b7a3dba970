"""Damages what is remembered on a machine, and goes on working with it.

    python tests/fuzz/fuzz_state.py [--iterations N] [--seconds S] [--seed N]

Selections, consent, answers, notes of unfinished changes, locks, records of tools and of cached environments, private copies: cut
short, of other types, huge, binary, of another version, somebody else's, or a folder, a link or a pipe in their place. Whatever
there is: each command ends with a sentence, none hangs, no environment of the user's is lost, nothing is written through a link,
and what can be read of what was remembered stays.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fuzzing import damaged, main

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))

from support.files import tree_of, write
from support.forked_command import wsp
from support.machine import Machine, make_venv
from workflow_helper.apps import layout
from workflow_helper.apps.records import ToolRecord
from workflow_helper.apps.records import write as write_tool
from workflow_helper.discovery.environments import in_progress
from workflow_helper.errors import UnusableFile
from workflow_helper.state import test_failures
from workflow_helper.state.record_reader import read

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from workflow_helper.model import Host

#: What may be damaged besides the files that the commands themselves leave.
FOLDERS = (
    *(".local/state/python-workflow/unfinished", ".local/state/python-workflow/locks"),
    *(".local/share/python-workflow/tools", ".cache/python-workflow/environments"),
    *(".cache/python-workflow/consented", ".cache/python-workflow/scripts"),
    *(".local/state/python-workflow", ".cache/python-workflow", ".local/share/python-workflow"),
)
#: Files that hold records which nobody can make again, and the key of these.
RECORDS = {
    "selections.json": "selections",
    "consent.json": "consents",
    "test-failures.json": "failures",
    "path.json": "path",
}
#: What reads, and what writes; no command is about the project that nobody works in.
READING = (
    ("env", "default", "--or-system"),
    ("env", "list", "--all", "--json"),
    ("env", "check"),
    ("explain",),
    ("workflow", "show"),
    ("task", "list"),
    ("tool", "list"),
    ("script", "env", "one.py"),
    ("cache", "dir"),
    ("workflow", "list"),
)
WRITING = (
    ("env", "select", "none"),
    ("env", "select", ".venv"),
    ("env", "forget"),
    ("env", "create", "made"),
    ("env", "delete", "half"),
    ("workflow", "trust"),
    ("workflow", "untrust"),
    ("workflow", "set", "venv"),
    ("cache", "prune"),
    ("cache", "prune", "--all"),
    ("script", "run", "one.py"),
    ("tool", "uninstall", "kept"),
    ("env", "run", "--", "true"),
)
SERVER = """
import json, sys
for line in filter(lambda line: line.startswith("{"), sys.stdin):
    asked = json.loads(line)
    if "id" not in asked:
        sys.exit()
    result = {"methods": ["environment/list", "exit", "initialize", "shutdown"], "protocol_version": "0.1.0"}
    if asked["method"] == "environment/list":
        result = []
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e300, "", "x" * 5000, [], {}, [[]], {"": {}}, "/", "..", "\0", "\ud800"),
    *("made", "/usr", "\x1b[31m", "a\nb", 10**400),
)


def populate(machine: Machine) -> None:
    """Remember something of every kind, by the commands that do."""
    home, host = machine.workspace.parent, machine.host
    for name in ("quiet", "busy", "serving"):
        make_venv(home / name / ".venv")
        write(home / name / ".git" / "HEAD")
        write(home / name / "one.py", "# /// script\n# dependencies = []\n# ///\n")
        wsp(machine, "env", "select", ".venv", cwd=home / name)
    make_venv(home / "busy" / "half")
    write(home / "serving" / "serve.py", SERVER)
    write(home / "serving" / "pyworkflow.toml", '[workflow]\nwsp = {script = "serve.py"}\n')
    for words in (("workflow", "trust"), ("env", "list"), ("script", "run", "one.py")):
        wsp(machine, *words, cwd=home / "serving")
    note_a_change(home / "busy" / ".venv", host)
    note_a_change(home / "busy" / "half", host)
    prefix = make_venv(Path(layout.home("kept", host)) / "0123456789abcdef")
    programs = layout.programs(host)
    write_tool(ToolRecord("kept", str(prefix), "kept", (), None, ("python",), programs), host)
    test_failures.remember("quiet", ["one", "two"], host)
    shutil.rmtree(Path(host.cache, "pycache"), ignore_errors=True)


def note_a_change(prefix: Path, host: Host) -> None:
    """Leave behind what a process does that is killed while it changes packages."""
    text = f"{in_progress.CHANGED} {in_progress.identity(str(prefix)) or ''}"
    write(Path(in_progress.note(str(prefix), host)), text)


def plan(random: random.Random) -> bytes:
    """A seed for one machine's misfortune: all of it is made of it alone."""
    return random.randbytes(8)


def check(data: bytes, _: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    from random import Random

    chance = Random(data)  # noqa: S311 - to be repeated
    machine = fresh()
    top = machine.home.parent
    hit = [damage(chance.choice(paths), machine, chance) for paths in groups(machine, chance)]
    precious = tree_of(top / "precious"), tree_of(top / "quiet")
    before = dict(remembered(machine.host))
    done = [chance.choice(READING), *chance.sample(WRITING, 2), chance.choice(READING)]
    for words in done:
        cwd = top / chance.choice(("busy", "serving"))
        finished = wsp(machine, *words, cwd=cwd)
        assert finished.exit_code in range(5), (hit, words, finished.text)
    assert precious == (tree_of(top / "precious"), tree_of(top / "quiet")), (hit, done)
    for name, was in before.items():
        now = dict(remembered(machine.host)).get(name)
        kept = was == now if isinstance(was, bytes) else is_kept(was, now, str(top / "quiet"))
        assert kept, (hit, done, name, was, now)


def fresh() -> Machine:
    """The machine as it was populated, at the paths that its records name."""
    shutil.rmtree(MACHINE.home.parent)
    shutil.copytree(TEMPLATE, MACHINE.home.parent, symlinks=True)
    return MACHINE


def groups(machine: Machine, chance: random.Random) -> list[list[Path]]:
    """Groups of what can be damaged, of which one each is: what the product keeps, and what it would make, by folder."""
    kept = [machine.home / name for name in FOLDERS]
    found = {"": kept, "locks": list(lock_files(machine.host))}
    for path in (path for folder in kept for path in sorted(folder.rglob("*"))):
        # What is installed or compiled is no state, and there is much of it.
        if not {"lib", "bin", "include", "pycache"} & {*path.parts}:
            found.setdefault(str(path.parent), []).append(path)
    if chance.random() < 0.8:  # what takes all of them away at once hides the rest
        del found[""]
    return chance.sample([*found.values()], chance.choice((1, 4, len(found))))


def lock_files(host: Host) -> Iterator[Path]:
    """Locks that are taken sooner or later."""
    for name in ("selections.json.lock", "consent.json.lock", "locks/tool-kept", "path.json"):
        yield Path(host.state, name)
    yield Path(host.cache, "answers.json.lock")
    yield Path(in_progress.note(str(MACHINE.home.parent / "busy" / "made"), host))


def damage(path: Path, machine: Machine, chance: random.Random) -> tuple[str, str]:
    """Do something to ``path``; what it was."""
    kind = chance.choice(KINDS)
    data = path.read_bytes() if path.is_file() and not path.is_symlink() else b"{}"
    with suppress(OSError):  # another damage took it away
        if kind == "foreign":
            os.lchown(path, 12345, 12345)
            if not path.is_symlink():
                path.chmod(chance.choice((0o000, 0o400, 0o500)))
            return str(path), kind
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "link":
            precious = machine.home.parent / "precious"
            path.symlink_to(
                chance.choice((precious, precious / "thesis", path, "nowhere", "/dev/zero"))
            )
        elif kind == "huge":
            with path.open("wb") as file:
                file.truncate(17 * 1024 * 1024)
        elif kind == "cut":
            path.write_bytes(data[: chance.randrange(len(data) + 1)])
        elif kind == "types":
            path.write_bytes(retyped(data, chance))
        elif kind == "deep":
            path.write_bytes(b'{"version": 1, "selections": ' + b"[" * 100_000)
        else:
            path.write_bytes(damaged(damaged(data, chance), chance) or b"\xff\0")
    return str(path), kind


KINDS = (
    *(
        "foreign",
        "folder",
        "pipe",
        "pipe",
        "link",
        "huge",
        "cut",
        "types",
        "types",
        "deep",
        "bytes",
    ),
)


def retyped(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one of its JSON values in place of which there is another."""
    try:
        document = json.loads(data)
    except ValueError:
        return json.dumps(chance.choice(VALUES)).encode()
    holder: Any = {"": document}
    key: Any = ""
    while isinstance(holder[key], (dict, list)) and holder[key] and chance.random() < 0.8:
        holder = holder[key]
        key = chance.choice([*(holder if isinstance(holder, dict) else range(len(holder)))])
    is_root = holder[key] is document
    holder[key] = chance.choice(VALUES)
    return json.dumps(holder[key] if is_root else document).encode()


def remembered(host: Host) -> Iterator[tuple[str, Any]]:
    """By file, the records in it; its bytes where they cannot be read."""
    for name, kind in RECORDS.items():
        path = Path(host.state, name)
        try:
            yield name, read(str(path), kind)
        except UnusableFile:
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**20:
                yield name, path.read_bytes()


def is_kept(was: dict[str, Any], now: object, key: str) -> bool:
    """Whether what is remembered of the project that nobody works in, and of what is no project, is as it was."""
    busy = str(MACHINE.home.parent)
    mine = {one: record for one, record in was.items() if one == key or not one.startswith(busy)}
    return isinstance(now, dict) and mine.items() <= now.items()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        os.mkdir(os.path.join(where, "machine"))
        MACHINE = Machine.at(Path(where, "machine"))
        write(MACHINE.home.parent / "precious" / "thesis", "years of work\n")
        populate(MACHINE)
        TEMPLATE = Path(where, "template")
        shutil.copytree(MACHINE.home.parent, TEMPLATE, symlinks=True)
        main(__doc__, "states", plan, check)
