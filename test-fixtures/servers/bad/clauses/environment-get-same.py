"""Says one version in the list and another in detail."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_get(self, id):
        return {**super().environment_get(id), "python_version": "3.9.1"}


Broken().run()
