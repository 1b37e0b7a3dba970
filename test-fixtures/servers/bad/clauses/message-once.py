"""Answers each list twice."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_list(self):
        self.twice = True
        return super().environment_list()

    def send(self, message):
        super().send(message)
        if self.__dict__.pop("twice", False):
            super().send(message)


Broken().run()
