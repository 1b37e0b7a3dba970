"""Answers notifications."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def notified(self, method, params):
        return {"id": None, "result": None}


Broken().run()
