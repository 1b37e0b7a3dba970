"""A workflow server that answers each method as a test says, whatever that is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.files import write

if TYPE_CHECKING:
    from pathlib import Path

#: An environment that nothing is wrong with, but that it is nowhere.
ENVIRONMENT = {
    "id": "good",
    "name": "good",
    "python_version": "3.12.4",
    "interpreter_path": "/usr/bin/env",
    "prefix": "/usr",
    "kind": "venv",
    "default": False,
}
_CAPABILITIES = ("command", "environment.default", "environment.details", "task")
_SOURCE = """\
import json, os, sys, time

with open(os.path.abspath(__file__) + ".json") as file:
    answers = json.load(file)
for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    if message["method"] == "exit":
        break
    answer = answers.get(message["method"], {"result": None})
    if "stderr" in answer:
        sys.stderr.buffer.write(answer["stderr"].encode("utf-8", "surrogatepass"))
        sys.stderr.flush()
        os._exit(3)
    time.sleep(answer.pop("seconds", 0))
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
"""


def telling(path: Path, **answers: object) -> str:
    """Write the server to ``path``; by method, with ``_`` for ``/``, its answer: ``result``, ``error`` or ``stderr``."""
    replies = {name.replace("_", "/"): answer for name, answer in answers.items()}
    offered = {
        "methods": sorted({*replies, "environment/list", "exit", "initialize", "shutdown"}),
        "protocol_version": "0.1.0",
        "server_info": {"name": "telling", "version": "1"},
        "capabilities": dict.fromkeys(_CAPABILITIES, True),
    }
    replies = {"initialize": {"result": offered}, "environment/list": {"result": []}, **replies}
    write(path, _SOURCE)
    write(path.with_name(f"{path.name}.json"), json.dumps(replies))
    return str(path)
