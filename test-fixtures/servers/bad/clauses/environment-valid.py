"""Answers params that lack a member with an internal error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Failure, Plain


class Broken(Plain):
    def in_place(self, method, params):
        try:
            return super().in_place(method, params)
        except Failure as failure:
            if failure.wire["code"] == -32602 and method == "environment/get":
                raise Failure(-32603, "something went wrong") from None
            raise


Broken().run()
