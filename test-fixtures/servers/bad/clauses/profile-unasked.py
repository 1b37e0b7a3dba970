"""Sends progress to a client that did not announce it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_list(self):
        if not self.extended:
            value = {"kind": "begin", "title": "Listing"}
            self.write({"jsonrpc": "2.0", "method": "$/progress", "params": {"token": 1, "value": value}})
        return super().environment_list()


Broken().run()
