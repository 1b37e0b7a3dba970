"""An extended server: details, a default of its own, commands, progress, cancelling, a log, and news of changes.

Making an environment called "slow" lasts until it is cancelled, or a minute.
"""

import json
import sys
import threading

METHODS = ["environment/command", "environment/create", "environment/get", "environment/list"]
METHODS += ["exit", "initialize", "shutdown"]
OFFERED = ("command", "environment.default", "environment.details", "environment.watch")
OFFERED += ("cancel", "log", "progress")
environments = {}
cancelled = {}
writing = threading.Lock()


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def details(id, version):
    prefix = "/envs/" + id
    return {
        "id": id,
        "name": id,
        "python_version": version,
        "interpreter_path": prefix + "/bin/python",
        "prefix": prefix,
        "kind": "venv",
        "status": {"state": "ok", "message": ""},
        "managed_by": "extended",
        "default": id == "main",
        "installed_packages": [{"name": "pip", "version": "26.0"}],
        "extra": {},
    }


def listed(environment):
    return {k: v for k, v in environment.items() if k not in ("installed_packages", "extra")}


def create(id, params):
    def report(kind, **more):
        if "progress_token" in params:
            value = {"kind": kind, **more}
            send(method="$/progress", params={"token": params["progress_token"], "value": value})

    name, stop = params["name"], cancelled[id]
    report("begin", title="Creating " + name)
    for percentage in (0, 50, 100):
        report("report", message="working", percentage=percentage)
    stopped = stop.wait(60) if name == "slow" else stop.is_set()
    report("end")
    del cancelled[id]
    if stopped:
        send(id=id, error={"code": -32800, "message": "environment/create was cancelled"})
        return
    environments[name] = details(name, params.get("python_version", "3.13"))
    send(method="environment/changed", params={"ids": [name]})
    send(id=id, result=environments[name])


def answer(id, method, params):
    if method == "initialize":
        info = {"name": "extended", "version": "1.0"}
        offered = dict.fromkeys(OFFERED, True)
        result = {"methods": METHODS, "protocol_version": "0.1.0"}
        return {"result": {**result, "server_info": info, "capabilities": offered}}
    if method == "shutdown":
        return {"result": None}
    if method == "environment/list":
        send(method="log/message", params={"level": "info", "message": "listed"})
        return {"result": [listed(environments[id]) for id in sorted(environments)]}
    if method not in METHODS:
        return {"error": {"code": -32601, "message": method + " is not bound"}}
    if params["id"] not in environments:
        data = {"code": "environment_not_found", "hint": "Create it."}
        return {"error": {"code": -31001, "message": "no such environment", "data": data}}
    if method == "environment/get":
        return {"result": environments[params["id"]]}
    prefix = environments[params["id"]]["prefix"]
    env = {"unset": ["PYTHONHOME"], "set": {"VIRTUAL_ENV": prefix}, "prepend_path": [prefix + "/bin"]}
    return {"result": {"argv": params["argv"], "cwd": params.get("cwd", "/"), "env": env}}


environments["main"], environments["other"] = details("main", "3.12"), details("other", "3.13")
for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    id, method, params = message.get("id"), message["method"], message.get("params", {})
    if method == "exit":
        break
    if method == "$/cancelRequest":
        if params["id"] in cancelled:
            cancelled[params["id"]].set()
    elif method == "environment/create":
        cancelled[id] = threading.Event()
        threading.Thread(target=create, args=(id, params), daemon=True).start()
    else:
        send(id=id, **answer(id, method, params))
