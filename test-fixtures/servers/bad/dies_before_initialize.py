"""Ends with status 3 before it is asked anything."""

import sys

print("last words of dies_before_initialize", file=sys.stderr, flush=True)
sys.exit(3)
