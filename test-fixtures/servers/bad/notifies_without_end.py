"""Sends 10,000 notifications a second, and answers."""

import json
import sys
import threading
import time

print("last words of notifies_without_end", file=sys.stderr, flush=True)
writing = threading.Lock()


def notify():
    note = json.dumps({"jsonrpc": "2.0", "method": "x-note", "params": {"text": "x" * 50}})
    while True:
        with writing:
            sys.stdout.write((note + "\n") * 100)
            sys.stdout.flush()
        time.sleep(0.01)


threading.Thread(target=notify, daemon=True).start()


def send(**message):
    with writing:
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
        send(id=id, result=[])
    else:
        send(id=id, result=None)
