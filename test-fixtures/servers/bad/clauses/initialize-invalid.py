"""Takes an initialize without a name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def violations(self, method, params):
        return [] if method == "initialize" else super().violations(method, params)


Broken().run()
