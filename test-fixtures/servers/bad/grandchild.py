"""Dies when asked, and leaves a child that holds its pipes and does not end when told to."""

import json
import subprocess
import sys

print("last words of grandchild", file=sys.stderr, flush=True)


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
        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        streams = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}
        subprocess.Popen([sys.executable, "-I", "-S", "-c", deaf], **streams)
        sys.exit(6)
    else:
        send(id=id, result=None)
