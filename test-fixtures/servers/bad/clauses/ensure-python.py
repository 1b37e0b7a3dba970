"""Gives what there is, whatever Python is asked for."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain, text, texts


class Broken(Plain):
    members = {
        **Plain.members,
        "environment/ensure": {
            "python": (False, text),
            "packages": (False, texts),
        },
    }

    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"environment.ensure": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def environment_ensure(self, python=None, packages=()):
        return self.environments["one"]


Broken().run()
