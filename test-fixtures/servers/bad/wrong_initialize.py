"""Answers initialize with a shape of its own."""

import json
import sys

print("last words of wrong_initialize", file=sys.stderr, flush=True)


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
        send(id=id, result={"methods": "all of them"})
    elif method == "environment/list":
        send(id=id, result=[])
    else:
        send(id=id, result=None)
