"""Does not name all that it binds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def methods(self):
        return [name for name in super().methods() if name != "environment/delete"]


Broken().run()
