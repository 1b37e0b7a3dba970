"""Answers each message of a batch by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def write(self, wire):
        for one in wire if isinstance(wire, list) else [wire]:
            super().write(one)


Broken().run()
