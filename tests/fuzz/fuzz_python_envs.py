"""Throws broken lists and redirects at the reader of ``.python-envs`` and ``.venv``.

    python tests/fuzz/fuzz_python_envs.py [--iterations N] [--seconds S] [--seed N]

Whatever the bytes: reading ends, with the file's own error at most; each environment is named once; the last line that is not
blank is the last that is named; what cannot be used says why and names the file.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from fuzzing import damaged, main
from workflow_helper.discovery.pep832 import dot_venv, python_envs
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    import random

    from workflow_helper.discovery.pep832 import RedirectEntry

PIECES = (
    b"envs/a\n",
    b"./envs/../envs/a\r\n",
    b"envs/b",
    b"\n",
    b"  \t\r\n",
    b"ssh@example.com:custom\n",
    b"conda:base\n",
    b"//host/share\n",
    b"\\\\host\\share\n",
    b"C:\\envs\n",
    b"$(touch x); `touch y`\n",
    b"/" * 5000 + b"\n",
    b"\xef\xbb\xbf",
    b"\xff\xfee\x00n\x00",
    b"\x00",
    "\N{SNOWMAN}\u2028x\n".encode(),
)


def listing(random: random.Random) -> bytes:
    """A file of pieces with some damage done."""
    return damaged(b"".join(random.choices(PIECES, k=random.randrange(0, 10))), random)


def check(data: bytes, _: random.Random) -> None:
    """Raise :class:`AssertionError` where a rule is broken."""
    for name in (".python-envs", ".venv"):
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(data)
    redirect = dot_venv(FOLDER, Disk())
    assert redirect is not None
    assert redirect.problem is None or FOLDER in redirect.problem
    named = outcome()
    if isinstance(named, str):
        assert named.startswith(FOLDER), "the error names no file"
        return
    paths = [one.path for one in named]
    assert len(paths) == len(set(paths)), "an environment is named twice"
    lines = [line.removesuffix("\r") for line in data.decode().removeprefix("\ufeff").split("\n")]
    written = [line for line in lines if line.strip()]
    assert bool(written) == bool(named)
    assert not named or named[-1].text == written[-1], "the last line is not the last"
    for one in named:
        assert one.problem is None or FOLDER in one.problem, "a problem names no file"


def outcome() -> tuple[RedirectEntry, ...] | str:
    """What is listed, or the sentence of the error."""
    try:
        return python_envs(FOLDER, Disk()) or ()
    except UnusableFile as error:
        return str(error)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FOLDER:
        for folder in ("a", "b"):
            os.makedirs(os.path.join(FOLDER, "envs", folder))
        main(__doc__, "files", listing, check)
