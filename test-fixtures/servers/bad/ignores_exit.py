"""Ends neither at exit, nor at the end of its input, nor when told to."""

import json
import signal
import sys
import time

print("last words of ignores_exit", file=sys.stderr, flush=True)

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    method, id = message["method"], message.get("id")
    if method == "exit":
        time.sleep(600)
    if method == "initialize":
        methods = ["environment/list", "exit", "initialize", "shutdown"]
        send(id=id, result={"methods": methods, "protocol_version": "0.1.0"})
    elif method == "environment/list":
        send(id=id, result=[])
    else:
        send(id=id, result=None)
