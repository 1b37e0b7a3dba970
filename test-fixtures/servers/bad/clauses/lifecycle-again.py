"""Is initialized as often as you like."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def again(self, params):
        return self.initialize(**params)


Broken().run()
