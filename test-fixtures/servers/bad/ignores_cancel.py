"""Offers to be cancelled, and does not listen."""

import json
import sys
import time

print("last words of ignores_cancel", file=sys.stderr, flush=True)


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
        info = {"name": "ignores_cancel", "version": "1"}
        result = {"methods": methods, "protocol_version": "0.1.0", "server_info": info}
        send(id=id, result={**result, "capabilities": {"cancel": True}})
    elif method == "environment/list":
        time.sleep(600)
    else:
        send(id=id, result=None)
