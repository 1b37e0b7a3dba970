"""Writes 20 MB to its standard error before it answers."""

import json
import sys

print("last words of floods_stderr", file=sys.stderr, flush=True)


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
        for _ in range(20000):
            sys.stderr.write("x" * 999 + "\n")
        sys.stderr.write("last words of floods_stderr\n")
        sys.stderr.flush()
        send(id=id, result=[])
    else:
        send(id=id, result=None)
