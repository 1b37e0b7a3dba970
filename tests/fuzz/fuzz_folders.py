"""Makes hostile folders and asks about each what an editor asks when it is opened.

    python tests/fuzz/fuzz_folders.py [--iterations N] [--seconds S] [--seed N]

Links in loops and chains, files where folders belong and folders where files do, pipes, broken bytes, names that are no text, a great
depth. Whatever there is: the answers come, within three seconds of work, and each can be told on the wire.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from fuzzing import damaged, main
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host, Question
from workflow_helper.resolver.resolve import environments, resolve
from workflow_helper.terminal.json_encoder import to_json

if TYPE_CHECKING:
    import random

NAMES = (
    *(".venv", "venv", ".python-envs", "pyproject.toml", "pyworkflow.toml", "uv.lock", "hatch.toml"),
    *("Pipfile", ".pdm-python", "poetry.toml", "pdm.toml", "tox.ini", "noxfile.py", "environment.yml"),
    *(".python-version", "requirements.txt", ".git", ".tox", ".nox", ".pixi", "pixi.toml", "sub"),
    *("pyvenv.cfg", "bin", "lib", "python", "python3", "conda-meta", ".project", "\udcff", "a\nb"),
)  # fmt: skip
TEXTS = (
    b"home = /usr/bin\nversion = 3.12.1\n",
    b"[workflow]\nwsp = 'uv'\n",
    b"[project]\nname = 'x'\nrequires-python = '>=3.10'\n[tool.uv]\n[tool.hatch.envs.default]\npath = '..'\n",
    b"../../.venv\n",
    b"sub\n.venv\nvenv\n",
    b"//host/share\n",
    b"user@host:/srv\n",
    b"3.12\n",
    b"\xff\xfe3\x00.\x001\x00\n\x00",
    b"name: x\nprefix: ..\n",
    b"\0" * 20,
    b"[" * 3000,
    b"",
)
SECONDS = 3.0
BLOCKED = 60.0


def plan(random: random.Random) -> bytes:
    """A seed for one folder: the folder is made of it alone."""
    return random.randbytes(8)


def check(data: bytes, _: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    from random import Random

    shutil.rmtree(FOLDER, ignore_errors=True)
    os.mkdir(FOLDER)
    fill(FOLDER, Random(data), 0)  # noqa: S311 - to be repeated
    start, busy = time.monotonic(), time.process_time()
    for trusted in (False, True):
        question = Question(FOLDER, editor=True, trusted=trusted, static=True)
        found = resolve(question, HOST, Disk())
        for step in found.trail:
            assert to_json(step.to_wire())
        for one in (found.environment, found.workflow):
            assert one is None or to_json(one.to_wire())
        for environment in environments(question, HOST, Disk())[1]:
            assert to_json(environment.to_wire())
    # A machine that has other work takes longer, and not more work; what blocks has no work.
    assert time.process_time() - busy < SECONDS, "it takes too long"
    assert time.monotonic() - start < BLOCKED, "it blocks"


def fill(folder: str, random: random.Random, depth: int) -> None:
    """Put anything under any of the names."""
    for name in random.sample(NAMES, random.randrange(1, 9)):
        path = os.path.join(folder, name)
        with suppress(OSError):
            kind = random.randrange(7)
            if kind == 0 and depth < 6:
                os.mkdir(path)
                fill(path, random, depth + 1)
            elif kind == 1:
                os.symlink(random.choice((*NAMES, ".", "..", "/", path, "nowhere")), path)
            elif kind == 2:
                os.mkfifo(path)
            elif kind == 3:
                chain(path, random.randrange(1, 200))
            else:
                with open(path, "xb") as file:
                    file.write(damaged(random.choice(TEXTS), random))


def chain(path: str, length: int) -> None:
    """Links behind one another, the last of which leads nowhere."""
    for number in range(length):
        os.symlink(f"{path}{number + 1}", f"{path}{number or ''}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as top:
        FOLDER = os.path.join(top, "folder")
        HOST = Host({"PATH": "/usr/bin"}, top, sys.platform, top, top, top)
        main(__doc__, "folders", plan, check)
