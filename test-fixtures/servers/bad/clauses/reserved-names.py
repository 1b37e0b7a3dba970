"""Binds a reserved name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def methods(self):
        return [*super().methods(), "test/watch"]


Broken().run()
