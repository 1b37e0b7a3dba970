"""Sends half a message, and ends."""

import sys

print("last words of half_frame_then_exits", file=sys.stderr, flush=True)
sys.stdin.readline()
sys.stdout.write('Content-Length: 100\r\n\r\n{"jsonrpc"')
