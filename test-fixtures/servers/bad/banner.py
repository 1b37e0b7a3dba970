"""Greets on standard output before it speaks the protocol."""

import sys

print("last words of banner", file=sys.stderr, flush=True)
print("Welcome to the workflow server 1.0!", flush=True)
for _line in sys.stdin:
    pass
