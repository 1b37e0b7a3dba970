"""Marks two environments as the default."""

import json
import sys

print("last words of two_defaults", file=sys.stderr, flush=True)


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
        result = {"methods": methods, "protocol_version": "0.1.0"}
        offered = {"environment.details": True, "environment.default": True}
        info = {"name": "two_defaults", "version": "1"}
        send(id=id, result={**result, "server_info": info, "capabilities": offered})
    elif method == "environment/list":
        one = {"id": "a", "name": "a", "python_version": "3.12", "default": True}
        send(id=id, result=[one, {**one, "id": "b"}])
    else:
        send(id=id, result=None)
