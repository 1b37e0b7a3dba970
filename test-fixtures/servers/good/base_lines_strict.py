"""A base server that reads lines, and answers each that is no request with an error, as it should answer whole bodies."""

import json
import sys

METHODS = ["environment/list", "initialize", "shutdown"]
state = "new"


def send(id, **answer):
    print(json.dumps({"jsonrpc": "2.0", "id": id, **answer}), flush=True)


def refuse(id, code):
    send(id, error={"code": code, "message": "see the specification"})


for line in sys.stdin:
    if not line.startswith(("{", "[")):
        continue
    try:
        message = json.loads(line)
    except ValueError:
        refuse(None, -32700)
        continue
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        refuse(None, -32600)
        continue
    method, params, id = message["method"], message.get("params") or {}, message.get("id")
    if "id" not in message:
        if method == "exit":
            sys.exit(state != "done")
    elif state == "new" and method != "initialize":
        refuse(id, -32002)
    elif state == "done" or (state == "ready" and method == "initialize"):
        refuse(id, -32600)
    elif method not in METHODS:
        refuse(id, -32601)
    elif method == "environment/list":
        send(id, result=[])
    elif method == "shutdown":
        state = "done"
        send(id, result=None)
    elif {"client_name", "client_protocol_version"} <= params.keys():
        state = "ready"
        send(id, result={"methods": METHODS, "protocol_version": "0.1.0"})
    else:
        refuse(id, -32602)
