"""Leaves its answers in a buffer until the end."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def write(self, wire):
        self.held = [*getattr(self, "held", ()), wire]

    def end_of_input(self):
        for wire in self.held:
            super().write(wire)
        super().end_of_input()


Broken().run()
