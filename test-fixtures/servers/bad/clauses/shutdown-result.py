"""Answers shutdown with true."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def shutdown(self):
        super().shutdown()
        return True


Broken().run()
