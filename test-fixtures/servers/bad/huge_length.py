"""Announces a message of 1 GB."""

import sys

print("last words of huge_length", file=sys.stderr, flush=True)
sys.stdin.readline()
sys.stdout.write("Content-Length: 1073741824\r\n\r\n{")
sys.stdout.flush()
for _line in sys.stdin:
    pass
