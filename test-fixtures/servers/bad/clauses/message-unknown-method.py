"""Answers any method with null."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def unknown(self, method, params):
        return None


Broken().run()
