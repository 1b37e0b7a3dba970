"""A base server in the fewest lines: reads lines, answers with lines."""

import json
import sys

ENVIRONMENTS = [
    {"id": "3.11/default", "name": "default", "python_version": "3.11.9"},
    {"id": "3.12/docs", "name": "docs", "python_version": "3.12.4"},
    {"id": "3.13/default", "name": "default", "python_version": "3.13.0"},
]
METHODS = ["environment/get", "environment/list", "exit", "initialize", "shutdown"]


def details(environment):
    path = "/envs/" + environment["id"] + "/bin/python"
    return {**environment, "interpreter_path": path, "installed_packages": [], "extra": {}}


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    method, params = message["method"], message.get("params", {})
    if method == "exit":
        break
    if method == "initialize":
        answer = {"methods": METHODS, "protocol_version": "0.1.0"}
    elif method == "environment/list":
        answer = ENVIRONMENTS
    elif method == "environment/get":
        answer = details(next(one for one in ENVIRONMENTS if one["id"] == params["id"]))
    else:
        answer = None
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}), flush=True)
