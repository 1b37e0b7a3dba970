"""Calls a program that ends with another status than 0 an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Failure, Plain


class Broken(Plain):
    def environment_execute(self, id, argv, cwd=None, env=None):
        done = super().environment_execute(id, argv, cwd, env)
        if done["exit_code"]:
            raise Failure(-32603, "the program failed")
        return done


Broken().run()
