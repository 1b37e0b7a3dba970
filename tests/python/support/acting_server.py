"""A workflow server of an own kind, for the command line: an environment that it makes, tasks, and commands."""

from __future__ import annotations

import sys
from pathlib import Path

from support.files import write

_SOURCE = '''\
"""One environment, ``mine`` beside this file, and the task ``tell``. Making "slow" lasts until it is cancelled."""
import json, os, sys, threading

HERE = os.environ.get("PYTHON_WORKFLOW_SCRIPT_DIR") or os.path.dirname(os.path.abspath(__file__))
PREFIX = os.path.join(HERE, "mine")
PYTHON = ["bin", "python"] if os.name == "posix" else ["Scripts", "python.exe"]
OFFERED = ["cancel", "command", "environment.default", "environment.details", "progress", "task"]
METHODS = ["environment/command", "environment/create", "environment/delete", "environment/get", "environment/list",
           "exit", "initialize", "shutdown", "task/command", "task/list"]
stop = threading.Event()
lock = threading.Lock()


def send(**message):
    with lock:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def note(word):
    with open(os.path.join(HERE, "notes"), "a") as file:
        file.write(word + "\\n")


def environment():
    return {"id": "own-id", "name": "mine", "python_version": "%d.%d" % sys.version_info[:2], "prefix": PREFIX,
            "kind": "venv", "interpreter_path": os.path.join(PREFIX, *PYTHON), "default": True,
            "status": {"state": "ok", "message": ""}, "managed_by": "acting"}


def create(id, params):
    def report(**value):
        send(method="$/progress", params={"token": params["progress_token"], "value": value})

    report(kind="begin", title="Weaving " + params["name"])
    report(kind="report", message="half \\x1b]0;evil\\x07 done", percentage=50)
    note("create " + json.dumps([params["name"], params.get("groups"), params.get("extras")]))
    if params["name"] == "slow":
        with open(os.path.join(HERE, "told"), "w") as told:
            told.write("slow")
        stop.wait()
        note("undone")
        report(kind="end")
        send(id=id, error={"code": -32800, "message": "environment/create was cancelled"})
        return
    import venv
    venv.create(PREFIX, symlinks=os.name == "posix")
    report(kind="end")
    send(id=id, result={**environment(), "installed_packages": [], "extra": {}})


def command(argv, cwd):
    env = {"unset": ["GONE"], "set": {"SERVED_BY": str(os.getpid())}, "prepend_path": [os.path.join(PREFIX, PYTHON[0])]}
    return {"result": {"argv": argv, "cwd": cwd, "env": env}}


def answer(method, params):
    if method == "initialize":
        info = {"name": "acting", "version": "1"}
        return {"result": {"methods": METHODS, "protocol_version": "0.1.0", "server_info": info,
                           "capabilities": dict.fromkeys(OFFERED, True)}}
    if method == "environment/list":
        return {"result": [environment()] if os.path.isdir(PREFIX) else []}
    if method == "environment/get":
        return {"result": {**environment(), "installed_packages": [], "extra": {}}}
    if method == "environment/delete":
        import shutil
        note("delete " + params["id"])
        shutil.rmtree(PREFIX)
        return {"result": {"id": params["id"]}}
    if method == "environment/command":
        note("command " + params["cwd"])
        return command(params["argv"], os.path.normpath(os.path.join(HERE, params["cwd"])))
    if method == "task/list":
        return {"result": [{"name": "tell", "description": "Tells"}, {"name": "bare"}]}
    if method == "task/command":
        if params["name"] != "tell":
            return {"error": {"code": -32602, "message": "there is no task " + params["name"]}}
        return command([sys.executable, "-I", "-c", "import sys; print(*sys.argv[1:])", *params.get("argv", [])], HERE)
    return {"result": None}


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    id, method, params = message.get("id"), message["method"], message.get("params", {})
    if method == "exit":
        break
    if method == "$/cancelRequest":
        stop.set()
    elif method == "environment/create":
        threading.Thread(target=create, args=(id, params), daemon=True).start()
    else:
        send(id=id, **answer(method, params))
'''


def declare(folder: Path) -> Path:
    """Have the project in ``folder`` declare the server, which nobody trusts yet; where it notes what it is asked."""
    write(folder / "serve.py", _SOURCE)
    declaration = (
        f'[workflow]\nwsp = {{ cmd = ["{Path(sys.executable).as_posix()}", "serve.py"] }}\n'
    )
    write(folder / "pyworkflow.toml", declaration)
    return folder / "notes"
