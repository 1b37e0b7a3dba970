"""Refuses members that it does not know."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def violations(self, method, params):
        members = params if method == "initialize" else self.members[method]
        unknown = [(name, "is not known") for name in params if name not in members]
        return super().violations(method, params) + unknown


Broken().run()
