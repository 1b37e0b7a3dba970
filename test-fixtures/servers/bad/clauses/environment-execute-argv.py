"""Runs programs through a shell."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def environment_execute(self, id, argv, cwd=None, env=None):
        quoted = "'" + argv[2].replace("'", "") + "'" if len(argv) > 2 else ""
        line = " ".join([*argv[:2], quoted, *argv[3:]])
        return super().environment_execute(id, ["/bin/sh", "-c", line], cwd, env)


Broken().run()
