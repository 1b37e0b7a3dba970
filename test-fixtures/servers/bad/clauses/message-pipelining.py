"""Forgets what came in the same write as initialize."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def initialize(self, **params):
        import select

        while select.select([0], [], [], 0)[0] and os.read(0, 65536):
            pass
        sys.stdin = os.fdopen(os.dup(0))
        return super().initialize(**params)


Broken().run()
