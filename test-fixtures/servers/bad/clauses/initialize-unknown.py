"""Refuses an initialize of a later version."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def violations(self, method, params):
        if method != "initialize":
            return super().violations(method, params)
        known = {"project_root", "project_trusted", "client_capabilities", "locale"}
        extra = set(params) - known - set(self.members[method])
        return super().violations(method, params) + [(name, "is not known") for name in extra]


Broken().run()
