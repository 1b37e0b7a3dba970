"""Goes on after shutdown."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def too_late(self, method, params):
        return self.in_place(method, params)


Broken().run()
