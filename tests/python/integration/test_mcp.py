"""``wsp mcp`` as agents' clients meet it: the official one, and pipes on which anything can be said."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.agent import Agent, official
from support.bench import PATHS
from support.command import GUARD, wsp
from support.documented import shown
from support.files import link, lose_base, write
from support.machine import TREE, make_venv
from support.processes import see_it_end
from support.tooling import Tooling
from workflow_helper.mcp.tools import TOOLS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

GUIDE = "guides/agents.md"
PROJECT = """\
[project]
name = "shop"
version = "1.0"
dependencies = ["demo"]
[dependency-groups]
test = ["checker"]
"""
#: Writes its process's id, then goes on for longer than any test.
SLEEPS = (
    "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(600)"
)


def error(result: Any) -> Any:
    """Return the error that a call ended in."""
    assert result["isError"], result
    return result["_meta"]["python-workflow/error"]


def document_of(result: Any) -> Any:
    """Return the document that a call answered with."""
    assert not result["isError"], result
    return result["structuredContent"]


def waited_for(path: Path) -> str:
    """Return what a file holds, once it holds something."""
    while not path.is_file() or not path.read_text():
        time.sleep(0.005)
    return path.read_text()


@pytest.mark.needs("POSIX")
def test_the_official_client_uses_every_tool(tmp_path: Path) -> None:
    """In the newest revision each tool does its work within the client's roots, and what is outside is refused."""
    machine = Tooling.of(tmp_path, "uv")
    for name in ("demo", "checker", "further"):
        machine.offer(name)
    root = machine.workspace
    write(root / "pyproject.toml", PROJECT)
    link(root / "out", tmp_path)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("check_environment", {}),
        ("create_environment", {"groups": ["test"]}),
        ("default_environment", {"folder": str(root / "pyproject.toml")}),
        ("list_environments", {"folder": "."}),
        ("explain_environment", {}),
        ("check_environment", {"environment": ".venv"}),
        ("sync_environment", {}),
        ("install_packages", {"packages": ["further"]}),
        ("ensure_environment", {"packages": ["further"], "groups": ["test"]}),
        ("list_packages", {}),
        ("run_in_environment", {"command": ["demo", "7"]}),
        ("list_tasks", {}),
        ("run_task", {"name": "none"}),
        ("default_environment", {"folder": str(tmp_path)}),
        ("create_environment", {"folder": "out"}),
        ("ensure_environment", {"folder": "out"}),
        ("run_in_environment", {"command": ["demo"], "cwd": ".."}),
        ("check_environment", {"environment": str(machine.home)}),
        ("install_packages", {"packages": ["--index-url=x"], "more": 1}),
    ]
    recorded = official(machine, calls, mode="auto", roots=[root.as_uri()])
    assert recorded["version"] == "2026-07-28"
    assert "check_environment" in recorded["instructions"]
    assert {name for name, _ in calls} == {tool["name"] for tool in recorded["tools"]}
    done = [document_of(result) for result in recorded["results"][:12]]
    assert [done[0]["state"], done[1]["state"], done[5]["state"]] == ["none", "in_sync", "in_sync"]
    assert done[2]["environment"]["prefix"] == str(root / ".venv")
    assert [one["id"] for one in done[3]["environments"]] == [".venv"]
    assert done[4]["workflow"]["name"] == "venv"
    assert not done[6]["changed"]
    assert [one["name"] for one in done[7]["installed"]] == ["further"]
    assert done[8]["environment"]["id"] == ".venv"
    assert {one["name"] for one in done[9]["packages"]} == {"demo", "checker", "further"}
    assert (done[10]["exit_code"], '"prefix"' in done[10]["stdout"]) == (7, True)
    assert done[11]["tasks"] == []
    codes = [error(result)["code"] for result in recorded["results"][12:]]
    assert codes == [
        "method_not_found",
        "out_of_bounds",
        "out_of_bounds",
        "out_of_bounds",
        "out_of_bounds",
        "not_found",
        "usage",
    ]
    assert any(".venv" in message for message in recorded["progress"])


@pytest.mark.needs("mcp client")
def test_the_official_client_shakes_hands(machine: Machine) -> None:
    """In the older revisions it is served as well, with its roots."""
    make_venv(machine.workspace / ".venv")
    calls: list[tuple[str, dict[str, Any]]] = [("list_packages", {}), ("explain_environment", {})]
    named = official(machine, calls, mode="legacy", roots=[machine.workspace.as_uri()])
    assert named["version"] == "2025-11-25"
    assert document_of(named["results"][0])["packages"] == []
    assert document_of(named["results"][1])["environment"]["id"] == ".venv"


@pytest.mark.needs("mcp client")
def test_the_official_client_falls_back(machine: Machine) -> None:
    """One that did not wait for the server's start shakes hands, and what comes late of its first question is passed over."""
    make_venv(machine.workspace / ".venv")
    calls: list[tuple[str, dict[str, Any]]] = [("explain_environment", {})]
    roots = [machine.workspace.as_uri()]
    recorded = official(machine, calls, mode="auto", roots=roots, patience=0.001)
    assert recorded["version"] == "2025-11-25"
    assert document_of(recorded["results"][0])["environment"]["id"] == ".venv"


def test_without_roots_only_the_folder_is_touched(machine: Machine) -> None:
    """A client that names none is bound by ``--folder``, and without that by nothing: no folder is at hand."""
    make_venv(machine.workspace / ".venv")
    folder = str(machine.workspace)
    with Agent(machine, "--folder", folder) as agent:
        agent.introduce()
        assert document_of(agent.call("default_environment"))["environment"]["id"] == ".venv"
        assert error(agent.call("default_environment", folder="/"))["code"] == "out_of_bounds"
    with Agent(machine) as agent:
        agent.introduce()
        message = error(agent.call("default_environment", folder=folder))
        assert (message["code"], "--folder" in message["hint"]) == ("out_of_bounds", True)


def test_roots_are_asked_for_again_when_they_change(machine: Machine) -> None:
    """What the client named last holds, within ``--folder``; several have to be told apart, and odd ones count as none."""
    inner, other = machine.workspace / "inner", machine.home / "other"
    write(inner / "a.py")
    write(other / "a.py")
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce(roots={"listChanged": True})

        def name(*uris: object) -> None:
            request = agent.hear()
            assert request["method"] == "roots/list"
            agent.send(id=request["id"], result={"roots": [{"uri": uri} for uri in uris]})

        name("https://example.com/", 7, "file://elsewhere/share", other.as_uri())
        assert "do not overlap" in error(agent.call("list_environments"))["hint"]
        agent.send(method="notifications/roots/list_changed")
        name(inner.as_uri(), other.as_uri())
        assert document_of(agent.call("list_environments"))["root"] == str(machine.workspace)
        assert error(agent.call("create_environment"))["code"] == "out_of_bounds"
        agent.send(method="notifications/roots/list_changed")
        name(inner.as_uri(), machine.workspace.as_uri())
        message = error(agent.call("list_environments"))
        assert (message["code"], str(inner) in message["message"]) == ("usage", True)


def test_what_a_project_declares_runs_with_consent_alone(machine: Machine) -> None:
    """An untrusted project's workflow is not started, whatever tool is called, and the agent is sent to the user."""
    write(machine.workspace / "serve.py", "import pathlib; pathlib.Path('ran').touch()")
    write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = { script = "serve.py" }\n')
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce()
        bare = document_of(agent.call("check_environment"))
        assert (bare["state"], "Only the user" in bare["hint"]) == ("none", True)
        make_venv(machine.workspace / ".venv")
        assert document_of(agent.call("list_environments"))["trouble"]["code"] == "not_trusted"
        assert document_of(agent.call("check_environment"))["state"] == "unknown"
        assert document_of(agent.call("list_tasks"))["summary"]
        refused = [
            agent.call("create_environment"),
            agent.call("sync_environment", recreate=True),
            agent.call("install_packages", packages=["demo"]),
            agent.call("run_in_environment", command=["python", "-c", "open('ran', 'w')"]),
            agent.call("run_task", name="any"),
        ]
    for result in refused:
        message = error(result)
        assert message["code"] == "not_trusted"
        assert "Only the user" in message["hint"]
        assert "--workflow" not in message["hint"]
    assert not (machine.workspace / "ran").exists()
    assert wsp(machine, "workflow", "list", "--json").document["trusted"] == []


KINDS: dict[str, dict[str, str]] = {
    "a uv project": {"pyproject.toml": PROJECT, "uv.lock": ""},
    "a requirements.txt": {"requirements.txt": "demo\n"},
    "a poetry project": {
        "pyproject.toml": '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.10,<4"\n'
    },
    "a script": {
        "test_it.py": '# /// script\n# requires-python = ">=3.10"\n# dependencies = ["demo"]\n# ///\n'
    },
    "a declared server": {
        "pyproject.toml": '[workflow]\nwsp = { script = "server.py" }\n',
        "server.py": shown("spec/writing-a-server.md", "server.py sdk"),
    },
}
#: What the answers of ``check_environment`` tell an agent to call.
ADVICE = re.compile(r"[Cc]all (\w+)")


@pytest.mark.slow
@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("kind", KINDS)
def test_an_agent_makes_a_projects_tests_runnable(tmp_path: Path, kind: str) -> None:
    """Who does as the tools say, and no more, ends with tests that run, in whatever kind of project."""
    machine = Tooling.of(tmp_path, "uv")
    machine.offer("demo")
    machine.offer("checker")
    link(machine.home / "tools" / "poetry", PATHS["tools"]["poetry"])
    test = "import unittest\nclass T(unittest.TestCase):\n    def test(self): "
    needed = any("demo" in text for text in KINDS[kind].values())
    files = {"test_it.py": "", **KINDS[kind]}
    files["test_it.py"] += test + ("import demo\n" if needed else "pass\n")
    for name, text in files.items():
        if text:
            write(machine.workspace / name, text)
    if kind == "a declared server":
        assert wsp(machine, "workflow", "trust").exit_code == 0
    about = {"folder": "test_it.py"} if kind == "a script" else {}
    called = []
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce()
        while (state := document_of(agent.call("check_environment", **about)))["state"] in (
            "none",
            "out_of_sync",
        ):
            (tool,) = ADVICE.findall(state["hint"])
            assert tool not in called, state
            called.append(tool)
            document_of(agent.call(tool, **about))
        ran = document_of(
            agent.call(
                "run_in_environment", command=["python", "-m", "unittest", "test_it"], **about
            )
        )
    assert ran["exit_code"] == 0, ran
    assert "Ran 1 test" in ran["stderr"]
    assert not (machine.workspace / ".venv").exists() or kind in (
        "a uv project",
        "a requirements.txt",
    )


def test_what_a_script_lacks_stands_in_its_metadata(tmp_path: Path) -> None:
    """Its environment is the default there, and no other tool changes it."""
    machine = Tooling.of(tmp_path, "uv")
    machine.offer("demo")
    write(machine.workspace / "test_it.py", KINDS["a script"]["test_it.py"])
    about = {"folder": "test_it.py"}
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce()
        assert (
            document_of(agent.call("default_environment", **about))["hint"]
            == "Call ensure_environment."
        )
        refused = [
            agent.call("create_environment", **about),
            agent.call("sync_environment", **about),
            agent.call("install_packages", packages=["demo"], **about),
            agent.call("ensure_environment", packages=["demo"], **about),
        ]
        assert {error(one)["code"] for one in refused} == {"usage"}
        made = document_of(agent.call("ensure_environment", **about))["environment"]
        assert document_of(agent.call("default_environment", **about))["environment"] == made


def test_a_broken_environment_is_recreated_only_where_that_is_said(machine: Machine) -> None:
    """What is broken is told with the way out, which deletes nothing unless it is allowed."""
    make_venv(machine.workspace / ".venv")
    lose_base(machine.workspace / ".venv")
    path = (os.path.dirname(sys.executable), machine.environ["PATH"])
    machine.environ["PATH"] = os.pathsep.join(path)
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce()
        checked = document_of(agent.call("check_environment"))
        assert (checked["state"], "recreate=true" in checked["hint"]) == ("broken", True)
        assert error(agent.call("sync_environment"))["code"] == "broken"
        assert error(agent.call("run_in_environment", command=["python"]))["code"] == "broken"
        assert document_of(agent.call("sync_environment", recreate=True))["recreated"]
        assert (
            document_of(agent.call("default_environment"))["environment"]["status"]["state"] == "ok"
        )


def test_calls_run_side_by_side_and_end_when_nobody_wants_them(machine: Machine) -> None:
    """A slow call holds up no other; cancelled it ends with its process and is not answered; a time limit ends it as well."""
    make_venv(machine.workspace / ".venv")
    folder = machine.workspace
    with Agent(machine, "--folder", str(folder)) as agent:
        agent.introduce()
        slow = {"name": "run_in_environment", "arguments": {"command": ["python", "-c", SLEEPS]}}
        request = agent.begin("tools/call", **slow, _meta={"progressToken": "t"})
        pid = int(waited_for(folder / "pid"))
        assert agent.request("ping")["result"] == {}
        assert document_of(agent.call("list_packages"))["packages"] == []
        agent.send(method="notifications/cancelled", params={"requestId": request})
        see_it_end(pid)
        long = "import sys; sys.stdout.buffer.write(b'x' * 70_000 + b'\\nend\\n')"
        run = document_of(agent.call("run_in_environment", command=["python", "-c", long]))
        assert (run["truncated"], len(run["stdout"]), run["stdout"][-5:]) == (
            True,
            30_000,
            "\nend\n",
        )
        (folder / "pid").unlink()
        slow["arguments"]["timeout"] = 1  # type: ignore[index]
        late = agent.request("tools/call", **slow)["result"]
        assert error(late)["code"] == "program_failed"
        # Under load it may be over before it has written anything.
        if (folder / "pid").is_file() and (written := (folder / "pid").read_text()):
            see_it_end(int(written))
        assert [one for one in agent.others if one.get("id") == request] == []
        assert agent.others[0]["params"]["progressToken"] == "t"


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("end", ["input", "signal"])
def test_it_ends_with_its_client(machine: Machine, end: str) -> None:
    """At the end of its input, or asked to, the server ends at once, and what it started with it."""
    make_venv(machine.workspace / ".venv")
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        agent.introduce()
        command = ["python", "-c", SLEEPS]
        agent.begin("tools/call", name="run_in_environment", arguments={"command": command})
        pid = int(waited_for(machine.workspace / "pid"))
        assert agent.process.stdin is not None
        if end == "input":
            agent.process.stdin.close()
        else:
            agent.process.send_signal(signal.SIGTERM)
        status = agent.process.wait(GUARD)
        assert status == (0 if end == "input" else 128 + signal.SIGTERM)
        see_it_end(pid)
        assert agent.process.stderr is not None
        assert agent.process.stderr.read() == b""


def test_garbage_is_answered_and_passed_over(machine: Machine) -> None:
    """Whatever a line holds, the server answers with an error of JSON-RPC where it can, and goes on."""
    with Agent(machine, "--folder", str(machine.workspace)) as agent:
        early = agent.request("tools/list")
        assert early["error"]["code"] == -32600
        assert agent.introduce("1999-01-01")["protocolVersion"] == "2025-11-25"
        for line, code in (
            (b"hello", -32700),
            (b"Content-Length: 2", -32700),
            (b"\xff\xfe", -32700),
            (b"7", -32600),
            (b'{"jsonrpc":"1.0","method":"ping","id":1}', -32600),
            (b'{"jsonrpc":"2.0","method":"ping","id":1,"params":[1]}', -32600),
            (b'{"jsonrpc":"2.0","method":"tools/call","id":1,"params":{"name":"rm"}}', -32602),
            (b'{"jsonrpc":"2.0","method":"tools/call","id":1,"params":{"_meta":7}}', -32602),
            (b'{"jsonrpc":"2.0","method":"resources/list","id":1}', -32601),
            (b'{"jsonrpc":"2.0","method":"initialize","id":1}', -32600),
        ):
            agent.write(line)
            assert agent.hear()["error"]["code"] == code, line
        meta = {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}
        refused = agent.request("tools/list", _meta=meta)["error"]
        assert (refused["code"], refused["data"]["requested"]) == (-32022, "2099-01-01")
        agent.send(id=99, result={})
        agent.send(method="notifications/cancelled", params={"requestId": 12})
        agent.write(b"")
        wrong: list[dict[str, Any]] = [{"command": []}, {"command": "ls"}, {"timeout": 0}]
        for given in wrong:
            assert error(agent.call("run_in_environment", **given))["code"] == "usage"
        assert error(agent.call("list_tasks", folder="\0"))["code"] == "usage"
        assert error(agent.call("list_tasks", folder="none"))["code"] == "not_found"
        batch = (
            b'[{"jsonrpc":"2.0","method":"ping","id":8},{"jsonrpc":"2.0","method":"ping","id":9}]'
        )
        agent.write(batch)
        assert [agent.hear()["id"], agent.hear()["id"]] == [8, 9]


def test_what_the_guide_shows_works_as_it_stands(tmp_path: Path) -> None:
    """Each command of the page ends well in this order, and each client's file starts a server that answers."""
    machine = Tooling.of(tmp_path, "uv")
    machine.offer("demo")
    write(machine.workspace / "pyproject.toml", PROJECT)
    for line in shown(GUIDE, "terminal").splitlines():
        words = shlex.split(line.removeprefix("$ "))
        assert words[0] == "wsp"
        assert wsp(machine, *words[1:]).exit_code == 0, line
    tables = (
        json.loads(shown(GUIDE, "mcpServers"))["mcpServers"],
        tomllib.loads(shown(GUIDE, "codex"))["mcp_servers"],
        json.loads(shown(GUIDE, "servers"))["servers"],
    )
    for table in tables:
        server = table["python-workflow"]
        root = str(machine.workspace)
        words = [word.replace("${workspaceFolder}", root) for word in server["args"]]
        assert [server["command"], words[0]] == ["wsp", "mcp"]
        with Agent(machine, *words[1:]) as agent:
            if len(words) > 1:
                agent.introduce()
            else:
                agent.introduce(roots={})
                request = agent.hear()
                agent.send(
                    id=request["id"], result={"roots": [{"uri": machine.workspace.as_uri()}]}
                )
            assert document_of(agent.call("default_environment"))["environment"]["id"] == ".venv"


def test_the_guide_tells_of_every_tool() -> None:
    """The page's table has each tool, and says right whether it changes something."""
    page = (TREE / "docs" / GUIDE).read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", page, re.MULTILINE))
    assert {name: is_changing == "no" for name, is_changing in rows.items()} == {
        tool.name: tool.read_only for tool in TOOLS
    }
