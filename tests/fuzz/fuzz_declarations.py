"""Throws broken TOML at the reader of declarations, as a project's file and as the user's.

    python tests/fuzz/fuzz_declarations.py [--iterations N] [--seconds S] [--seed N]

Whatever the bytes: reading ends without an error of its own, what is wrong is a sentence that names the file, and what is declared
has a name and a table that can be told on the wire.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

from fuzzing import damaged, main
from workflow_helper.discovery.declarations import of_project, of_user
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Host
from workflow_helper.terminal.json_encoder import to_json

if TYPE_CHECKING:
    import random

PIECES = (
    b"[workflow]\n",
    b"[[folder]]\n",
    b"[tool.uv]\n",
    b'wsp = {requires = "hatch", cmd = ["hatch", "wsp"]}\n',
    b'wsp = {script = "./serve.py"}\n',
    b'wsp = "uv"\n',
    b'wsp = {module = "a.b", requires = ["x", "y"]}\n',
    b'wsp.config = "tool.toml"\n',
    b'workflow = "project"\n',
    b"workflow.wsp = {cmd = []}\n",
    b'path = "~/src/**"\n',
    b'policy = "default"\n',
    b"fallback = false\n",
    b"wsp = 1979-05-27T07:32:00Z\n",
    b'"w\\u006frkflow" = {wsp = [[], {}, 1.5]}\n',
    b"\xef\xbb\xbf",
    b"\xff\xfe\x00",
    b"[" * 50,
)


def document(random: random.Random) -> bytes:
    """A file of pieces with some damage done."""
    return damaged(b"".join(random.choices(PIECES, k=random.randrange(1, 10))), random)


def check(data: bytes, _: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    for name in ("pyproject.toml", "pyworkflow.toml"):
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(data)
    project = of_project(FOLDER, Disk())
    user = of_user(HOST, Disk())
    for problem in (*project.problems, *user.problems):
        assert problem.startswith(FOLDER), "a problem names no file"
    found = [project.declaration, user.preference and user.preference.declaration]
    for declaration in (*found, *(rule.declaration for rule in user.folders)):
        if declaration is not None:
            assert declaration.name, "a workflow has no name"
            assert to_json(declaration.launch.to_wire())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FOLDER:
        HOST = Host({}, FOLDER, sys.platform, FOLDER, FOLDER, FOLDER)
        main(__doc__, "files", document, check)
