"""Lists environments before initialize."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def too_early(self, method, params):
        if method == "environment/list":
            return self.environment_list()
        return super().too_early(method, params)


Broken().run()
