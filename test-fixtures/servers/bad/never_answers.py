"""Reads, and never says anything."""

import sys

print("last words of never_answers", file=sys.stderr, flush=True)
for _line in sys.stdin:
    pass
