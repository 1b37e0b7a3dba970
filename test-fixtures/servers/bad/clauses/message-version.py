"""Leaves out "jsonrpc"."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def write(self, wire):
        super().write({name: value for name, value in wire.items() if name != "jsonrpc"})


Broken().run()
