"""Shows a base client what it did not ask for."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_list(self):
        return [{**one, "kind": "venv"} for one in super().environment_list()]


Broken().run()
