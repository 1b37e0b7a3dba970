"""Waits for a message that is too large."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def read(self):
        length = 0
        while line := sys.stdin.buffer.readline():
            if line[:1] in b"{[":
                return line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            elif not line.strip() and length:
                return b"".join(iter(lambda: sys.stdin.buffer.read(1), b"")) if length > 1e9 else sys.stdin.buffer.read(length)
        return None


Broken().run()
