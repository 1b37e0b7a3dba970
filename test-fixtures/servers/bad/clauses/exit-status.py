"""Ends with status 0 whether or not it was shut down."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def exit(self):
        os._exit(0)


Broken().run()
