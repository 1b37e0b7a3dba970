"""Answers with the first environment where none has the id."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_get(self, id):
        return self.environments.get(id) or self.environments["one"]


Broken().run()
