"""Has tests run in an environment that it does not list."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def __init__(self):
        super().__init__()
        self.members = {**self.members, "test/configurations": {}}

    def methods(self):
        own = super().methods()
        return own if self.extended else [one for one in own if one != "test/configurations"]

    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"test.configurations": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def test_configurations(self):
        return [{"id": "lost", "environment": "nowhere"}]


Broken().run()
