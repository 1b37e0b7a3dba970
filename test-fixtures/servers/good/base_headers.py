"""A base server that frames with headers, keeps to the life cycle, and refuses every member that it does not know."""

import json
import sys

METHODS = {
    "initialize": None,
    "shutdown": (),
    "exit": (),
    "environment/list": (),
    "environment/create": ("name", "python_version"),
    "environment/get": ("id",),
    "environment/delete": ("id",),
}
environments = {}
state = "new"


def answer(method, params):
    global state
    if state == "new" and method != "initialize":
        return error(-32002, method + " before initialize")
    if state == "done" or (state == "ready" and method == "initialize"):
        return error(-32600, method + " is not in place")
    if method not in METHODS:
        return error(-32601, method + " is not bound")
    known = METHODS[method]
    if known is not None and set(params) != set(known):
        wrong = [{"path": one, "message": "unexpected or missing"} for one in set(params) ^ set(known)]
        return error(-32602, "wrong params", {"violations": wrong})
    if method == "initialize":
        state = "ready"
        return {"result": {"methods": sorted(METHODS), "protocol_version": "0.1.0"}}
    if method == "shutdown":
        state = "done"
        return {"result": None}
    return environment(method.partition("/")[2], params)


def environment(what, params):
    if what == "list":
        brief = ("id", "name", "python_version")
        return {"result": [{k: environments[id][k] for k in brief} for id in sorted(environments)]}
    if what == "create":
        id = params["name"]
        if id in environments:
            return error(-31002, id + " exists")
        path = "/envs/" + id + "/bin/python"
        environments[id] = {"id": id, **params, "interpreter_path": path}
        environments[id].update(installed_packages=[], extra={})
    else:
        id = params["id"]
        if id not in environments:
            return error(-31001, "no environment has the id " + id)
    if what == "delete":
        del environments[id]
        return {"result": {"id": id}}
    return {"result": environments[id]}


def error(code, message, data=None):
    return {"error": {"code": code, "message": message, **({"data": data} if data else {})}}


while header := sys.stdin.buffer.readline():
    if header.lower().startswith(b"content-length:"):
        length = int(header.split(b":")[1])
    elif not header.strip():
        message = json.loads(sys.stdin.buffer.read(length))
        if message["method"] == "exit":
            sys.exit(0 if state == "done" else 1)
        if "id" in message:
            said = answer(message["method"], message.get("params", {}))
            body = json.dumps({"jsonrpc": "2.0", "id": message["id"], **said}, indent=1).encode()
            sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            sys.stdout.buffer.flush()
