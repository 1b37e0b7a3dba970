"""Offers what it does not bind."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"command": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result


Broken().run()
