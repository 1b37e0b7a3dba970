"""Makes strings of numbers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def send(self, message):
        super().send({**message, "id": str(message["id"])})


Broken().run()
