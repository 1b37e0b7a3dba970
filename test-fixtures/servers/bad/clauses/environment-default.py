"""Has two defaults."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"environment.details": True, "environment.default": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def environment_list(self):
        more = {"default": True} if self.extended else {}
        return [{**one, **more} for one in super().environment_list()]


Broken().run()
