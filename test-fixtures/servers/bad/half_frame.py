"""Sends half a message, and waits."""

import sys

print("last words of half_frame", file=sys.stderr, flush=True)
sys.stdin.readline()
sys.stdout.write('Content-Length: 100\r\n\r\n{"jsonrpc"')
sys.stdout.flush()
for _line in sys.stdin:
    pass
