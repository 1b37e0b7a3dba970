"""Sends a header block without a length."""

import sys

print("last words of no_length", file=sys.stderr, flush=True)
sys.stdin.readline()
sys.stdout.write("Content-Type: application/json\r\n\r\n{}")
sys.stdout.flush()
for _line in sys.stdin:
    pass
