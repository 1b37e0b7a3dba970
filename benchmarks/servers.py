"""The protocol: starting a workflow server, asking it, and being flooded by it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rounds import WARM_UP, Command, check, time_of
from setting import Series
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.model import Declaration, Host, ScriptLaunch, Workflow
from workflow_helper.servers.launch import command
from workflow_helper.system.child import Child
from workflow_server.client import Session

if TYPE_CHECKING:
    from setting import Setting

SERVERS = Path(__file__).parents[1] / "test-fixtures" / "servers"
#: How many requests a running server is sent in one round.
WARM = 500
#: The server of the library's own first page.
SDK = """
import sys
sys.path.append({library!r})
from workflow_server import Environment, Server
server = Server("own", "1.0")
@server.list_environments
def environments():
    return [Environment(id="default", name="default", python_version="3.13", interpreter_path="/x/bin/python")]
server.run()
"""
SCRIPT = """# /// script
# requires-python = ">=3.10"
# dependencies = ["iniconfig"]
# ///
import iniconfig
"""


def measure(setting: Setting, rounds: int) -> list[Series]:
    """Starts, warm round trips, and memory: new servers in every round."""
    bare = Command(
        "python -I -S -c pass", [setting.python, "-I", "-S", "-c", "pass"], setting.folder
    )
    check(bare, setting.environ)
    json_alone = Command(
        "python -I -S -c 'import json'",
        [setting.python, "-I", "-S", "-c", "import json"],
        setting.folder,
    )
    cache = f"pycache_prefix={setting.folder / 'pycache'}"
    sdk = (setting.python, "-I", "-S", "-X", cache, "-c", SDK.format(library=setting.helper))
    plain = (setting.python, "-I", "-S", str(SERVERS / "good" / "base_lines.py"))
    peer = Series(bare.name, [])
    start = Series("start of a server to its first answer", [])
    parser = Series(json_alone.name, [])
    by_sdk = Series("start of a server by the SDK to its first answer", [])
    warm = Series("a warm round trip", [])
    second = Series("round trips in a second", [], "1/s")
    script = Series("a provisioned script, warm, to its first answer", [])
    agents = Series("wsp mcp to its first answer", [])
    flooded = Series("memory for 100 MB of notifications", [], "MB")
    provisioned = _Provisioned(setting)
    for number in range(-WARM_UP, rounds):
        took = time_of(bare, setting.environ)
        began = time.perf_counter_ns()
        with _session(plain, setting) as session:
            session.environments()
            started = _since(began)
            trips = [_trip(session) for _ in range(WARM)]
        loaded = time_of(json_alone, setting.environ)
        began = time.perf_counter_ns()
        with _session(sdk, setting) as session:
            session.environments()
            greeted = _since(began)
        again = provisioned.first_answer()
        introduced = _introduced(setting)
        flood = (setting.python, "-I", "-S", str(SERVERS / "bad" / "floods.py"))
        with _session(flood, setting) as session:
            before = _fresh_peak()
            session.request("environment/list")
            grown = max(0.0, _peak() - before)
        if number >= 0:
            peer.values.append(took)
            start.values.append(started)
            parser.values.append(loaded)
            by_sdk.values.append(greeted)
            warm.values.extend(trips)
            second.values.append(1000 * WARM / sum(trips))
            script.values.append(again)
            agents.values.append(introduced)
            flooded.values.append(grown)
    return [peer, parser, start, by_sdk, script, agents, warm, second, flooded]


class _Provisioned:
    """A workflow that is a script with a dependency; its environment is made once, before anything is measured."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._root = setting.folder / "scripted"
        self._root.mkdir()
        server = (SERVERS / "good" / "base_lines.py").read_text()
        (self._root / "serve.py").write_text(
            SCRIPT + re.sub(r'^""".*?"""\n', "", server, count=1, flags=re.DOTALL)
        )
        home = str(setting.folder / "home")
        self._host = Host(setting.environ, home, "linux", home, home, str(setting.folder / "cache"))
        declared_in = str(self._root / "pyproject.toml")
        declaration = Declaration("serve.py", ScriptLaunch("serve.py"), declared_in)
        self._workflow = Workflow(declaration, "W4")
        self.first_answer()

    def first_answer(self) -> float:
        """From the declaration to the first answer, in milliseconds."""
        began = time.perf_counter_ns()
        how = command(self._workflow, str(self._root), self._host, Disk(), Work())
        with Session(Child(how.argv, cwd=how.cwd, environ=how.environ), "serve.py") as session:
            session.environments()
            return _since(began)


def _session(argv: tuple[str, ...], setting: Setting) -> Session:
    return Session(Child(argv, cwd=str(setting.folder), environ=setting.environ), "server")


def _trip(session: Session) -> float:
    began = time.perf_counter_ns()
    session.request("environment/list")
    return _since(began)


def _introduced(setting: Setting) -> float:
    """From the start of the server for agents to its first answer, in milliseconds."""
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench"}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    began = time.perf_counter_ns()
    with subprocess.Popen(
        setting.helper_command("mcp"),
        cwd=setting.folder,
        env=setting.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(asked).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        took = _since(began)
        server.stdin.close()
    assert answer["result"]["serverInfo"]
    return took


def _since(began: int) -> float:
    return (time.perf_counter_ns() - began) / 1e6


def _fresh_peak() -> float:
    """The memory in use now, in MB, from which on the most is noted anew (``man 5 proc``, ``clear_refs``)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    if found is None:
        raise RuntimeError("the system does not tell how much memory a process took")
    return int(found[1]) / 1000
