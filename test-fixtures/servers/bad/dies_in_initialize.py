"""Ends when it is asked to initialize."""

import json
import sys

print("last words of dies_in_initialize", file=sys.stderr, flush=True)


def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    method, id = message["method"], message.get("id")
    if method == "exit":
        break
    if method == "initialize":
        sys.exit(4)
    elif method == "environment/list":
        send(id=id, result=[])
    else:
        send(id=id, result=None)
