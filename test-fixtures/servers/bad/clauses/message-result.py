"""Has an interpreter at a relative path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_get(self, id):
        return {**super().environment_get(id), "interpreter_path": "bin/python"}


Broken().run()
