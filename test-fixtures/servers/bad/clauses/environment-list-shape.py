"""Leaves out python_version."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_list(self):
        return [{"id": one["id"], "name": one["name"]} for one in super().environment_list()]


Broken().run()
