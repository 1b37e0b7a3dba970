"""Sends notifications instead of an answer."""

import json
import sys

print("last words of floods_for_good", file=sys.stderr, flush=True)


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
        methods = ["environment/list", "exit", "initialize", "shutdown"]
        send(id=id, result={"methods": methods, "protocol_version": "0.1.0"})
    elif method == "environment/list":
        note = json.dumps({"jsonrpc": "2.0", "method": "log/message", "params": {"level": "info", "message": "x" * 900}})
        while True:
            sys.stdout.write((note + "\n") * 100)
    else:
        send(id=id, result=None)
