"""Ends at a body that is not JSON."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def take(self, body):
        json.loads(body)
        super().take(body)


Broken().run()
