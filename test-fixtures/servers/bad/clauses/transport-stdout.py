"""Prints a banner."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def run(self):
        print("plain 1.0 is ready", flush=True)
        super().run()


Broken().run()
