"""Is in sync, and would install something."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain, text


class Broken(Plain):
    members = {
        **Plain.members,
        "environment/check": {"id": (True, text)},
        "environment/sync": {"id": (True, text)},
    }

    def initialize(self, **params):
        result = super().initialize(**params)
        if self.extended:
            result["capabilities"] = {"environment.sync": True}
            result["server_info"] = {"name": "plain", "version": "1"}
        return result

    def environment_check(self, id):
        self.environment_get(id)
        plan = {"install": [{"name": "six", "version": "1.17.0"}], "remove": []}
        return {"in_sync": True, "message": "", "plan": plan}

    def environment_sync(self, id):
        self.environment_get(id)
        return {"changed": False, "installed": [], "removed": []}


Broken().run()
