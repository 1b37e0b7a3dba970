"""Answers in an encoding of its own."""

import json
import sys

print("last words of invalid_utf8", file=sys.stderr, flush=True)


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
        sys.stdout.buffer.write(b'{"jsonrpc": "2.0", "id": %d, "result": "caf\xe9"}\n' % id)
        sys.stdout.buffer.flush()
    else:
        send(id=id, result=None)
