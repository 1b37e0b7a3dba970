"""Waits for the end of its input before it exits."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def exit(self):
        sys.stdin.buffer.read()
        super().exit()


Broken().run()
