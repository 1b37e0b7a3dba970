"""Tells its capabilities and not its name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def initialize(self, **params):
        return {**super().initialize(**params), **({"capabilities": {}} if self.extended else {})}


Broken().run()
