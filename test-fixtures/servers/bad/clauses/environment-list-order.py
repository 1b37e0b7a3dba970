"""Lists the newest first."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_list(self):
        return super().environment_list()[::-1]


Broken().run()
