"""Ends with status 2 at the end of its input."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def end_of_input(self):
        os._exit(2)


Broken().run()
