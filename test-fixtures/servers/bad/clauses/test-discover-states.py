"""Runs the tests that it is to find."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Failure, Plain, text

TESTS = {"configuration": (True, text), "update_token": (True, lambda value: isinstance(value, (str, int)))}
METHODS = {"test/configurations": {}, "test/discover": TESTS, "test/run": TESTS}


class Broken(Plain):
    def __init__(self):
        super().__init__()
        self.members = {**self.members, **METHODS}

    def methods(self):
        own = super().methods()
        return own if self.extended else [one for one in own if one not in METHODS]

    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"test.configurations": True, "test.run": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def test_configurations(self):
        return [{"id": "unit", "environment": "one"}]

    def test_discover(self, configuration, update_token):
        if configuration != "unit":
            raise Failure(-32602, "no such configuration")
        updates = [{"id": "test_a", "state": "found"}, {"id": "test_a", "state": "passed"}]
        self.send({"method": "test/update", "params": {"token": update_token, "updates": updates}})
        return {"status": 0}

    test_run = test_discover


Broken().run()
