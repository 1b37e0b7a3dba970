"""Passes over params that are wrong."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Failure, Plain


class Broken(Plain):
    members = {**Plain.members, "environment/ensure": {}}

    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"environment.ensure": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def environment_ensure(self):
        raise Failure(-31003, "there is no such Python")


Broken().run()
