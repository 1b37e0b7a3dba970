"""A workflow server whose answers and misdeeds a test changes while it runs, by a file beside it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, NamedTuple

from support.processes import runs

if TYPE_CHECKING:
    from pathlib import Path

_SOURCE = '''\
# /// script
# requires-python = ">=3.10"
# dependencies = []
# ///
"""Tells of one environment, the one that the file `says` names, and writes its process id into `pids`.

It dies with its last words when `says` begins with "die", and says nothing when that is "silence". With WATCH it tells
when `says` changes.
"""
import json, os, sys, threading, time

# It runs from a private copy where a project declares it.
FOLDER = os.environ.get("PYTHON_WORKFLOW_SCRIPT_DIR") or os.path.dirname(os.path.abspath(__file__))
WATCH = {watch}
PYTHON = ["bin", "python"] if os.name == "posix" else ["Scripts", "python.exe"]


def says():
    while True:
        try:
            with open(os.path.join(FOLDER, "says")) as file:
                return file.read()
        except PermissionError:  # on Windows, in the instant in which it is replaced
            time.sleep(0.01)


def send(**message):
    print(json.dumps({{"jsonrpc": "2.0", **message}}), flush=True)


def watch():
    before = says()
    while True:
        time.sleep(0.01)
        now = says()
        if now != before:
            before = now
            send(method="environment/changed", params={{}})


def listed():
    said = says()
    if said.startswith("die"):
        print(said, file=sys.stderr, flush=True)
        os._exit(3)
    while says() == "silence":
        time.sleep(0.01)
    prefix = os.path.normpath(os.path.join(FOLDER, says()))
    return {{"id": "default", "name": "default", "python_version": "3.12",
            "interpreter_path": os.path.join(prefix, *PYTHON)}}


with open(os.path.join(FOLDER, "pids"), "a") as file:
    file.write(f"{{os.getpid()}}\\n")
for line in sys.stdin:
    if not line.startswith("{{"):
        continue
    message = json.loads(line)
    method, id = message["method"], message.get("id")
    if method == "exit":
        break
    if method == "initialize":
        methods = ["environment/list", "environment/get", "exit", "initialize", "shutdown"]
        result = {{"methods": methods, "protocol_version": "0.1.0"}}
        if WATCH:
            result["capabilities"] = {{"environment.watch": True}}
            threading.Thread(target=watch, daemon=True).start()
        send(id=id, result=result)
    elif method == "environment/list":
        told = listed()
        send(id=id, result=[{{name: told[name] for name in ("id", "name", "python_version")}}])
    elif method == "environment/get":
        send(id=id, result={{**listed(), "installed_packages": [], "extra": {{}}}})
    else:
        send(id=id, result=None)
'''


class WorkflowServer(NamedTuple):
    """``serve.py`` in a folder."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, says: str, *, watch: bool = False) -> WorkflowServer:
        """A server in ``folder`` that tells of the environment ``says``, a path from there."""
        server = cls(folder)
        server.say(says)
        (folder / "serve.py").write_text(_SOURCE.format(watch=watch))
        return server

    @property
    def script(self) -> Path:
        """Where it is."""
        return self.folder / "serve.py"

    def say(self, says: str) -> None:
        """Have it tell of another environment, ``"die..."`` or be in ``"silence"``."""
        new = self.folder / "says.new"
        new.write_text(says)
        while True:
            try:
                new.replace(self.folder / "says")
            except PermissionError:  # on Windows, while the server reads it
                time.sleep(0.01)
                continue
            break

    def edit(self) -> None:
        """Change the script itself."""
        with self.script.open("a") as file:
            file.write("# edited\n")

    @property
    def started(self) -> int:
        """How often it was started."""
        return len(self._pids())

    @property
    def alive(self) -> list[int]:
        """Those of its processes that run now."""
        return [pid for pid in self._pids() if runs(pid)]

    def _pids(self) -> list[int]:
        with contextlib.suppress(FileNotFoundError):
            return [int(line) for line in (self.folder / "pids").read_text().split()]
        return []
