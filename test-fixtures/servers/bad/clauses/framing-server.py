"""Takes whatever one read gives for whole messages."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def read(self):
        data = os.read(0, 65536)
        if not data:
            return None
        if not data.startswith(b"Content-Length: ") or not data.endswith(b"}\n"):
            return b"[]"
        bodies = [line for line in data.split(b"\n") if line.startswith(b"{")]
        for body in bodies[:-1]:
            self.take(body)
        return bodies[-1]


Broken().run()
