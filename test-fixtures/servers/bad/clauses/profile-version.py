"""Says that it speaks another version."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def initialize(self, **params):
        return {**super().initialize(**params), "protocol_version": "1.0"}


Broken().run()
