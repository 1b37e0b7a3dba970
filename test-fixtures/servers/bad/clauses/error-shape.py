"""Sends errors without a message."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def send(self, message):
        if "error" in message:
            message = {**message, "error": {"code": message["error"]["code"]}}
        super().send(message)


Broken().run()
