"""``wsp serve --config``: a file that maps the protocol's methods to commands and functions."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from support.checking import broken
from support.command import wsp
from support.files import write
from support.launching import serving
from support.servers import PATIENT, nothing_left_behind, until
from workflow_helper.errors import (
    Cancelled,
    EnvironmentNotFound,
    ExecutionFailed,
    MethodNotFound,
    Protected,
    RequestFailed,
)
from workflow_helper.servers import template
from workflow_helper.servers.adapter import TIMEOUT
from workflow_helper.system.child import Child
from workflow_server.api import Wait
from workflow_server.client import Session
from workflow_server.conformance import check

if TYPE_CHECKING:
    from support.machine import Machine

ONE = {"id": "a", "name": "default", "python_version": "3.12"}
PYTHON = (sys.executable, "-I", "-S", "-c")
#: Prints the words that follow.
ECHO = (*PYTHON, "import sys; print(*sys.argv[1:])")
FAILS = (*PYTHON, "raise SystemExit(1)")
#: What a program that fails is called.
NAME = re.escape(os.path.basename(sys.executable))
LIST = {"command": [*ECHO, json.dumps([ONE]).replace("{", "{{").replace("}", "}}")]}
#: Prints its arguments and what it was started with, as JSON.
TELL = """#!/usr/bin/env python3
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "input": sys.stdin.read(), "environ": dict(os.environ)}))
"""


def adapter(machine: Machine, **handlers: Any) -> str:
    """A JSON file with these handlers, named by the last word of their method; its path."""
    whole = {f"environment/{name}": entry for name, entry in handlers.items()}
    return str(write(machine.workspace / "tool.json", json.dumps({"handlers": whole})))


def refused(machine: Machine, text: str, name: str = "tool.json") -> str:
    """What ``wsp serve`` says of a file that it does not serve: one sentence, after which it ends with status 1."""
    path = write(machine.workspace / name, text)
    done = wsp(machine, "serve", "--config", str(path))
    assert (done.exit_code, done.stdout) == (1, b"")
    (sentence,) = done.stderr.decode().splitlines()
    assert sentence.startswith(f"wsp: {path}: ")
    return sentence


def reason(error: pytest.ExceptionInfo[ExecutionFailed]) -> object:
    """What programs tell the failure by."""
    assert error.value.wire_code == -31004
    return error.value.data["reason"]


@pytest.fixture
def tell(machine: Machine) -> list[str]:
    """The command of a program beside the file that tells how it was started; on Windows, which starts no script, of its Python."""
    write(machine.workspace / "tell", TELL, executable=True)
    return ["./tell"] if os.name == "posix" else [sys.executable, "-I", "tell"]


# -- the two notations ------------------------------------------------------------------------------------------

TOML = f"""
[handlers."environment/list"]
command = {json.dumps(LIST["command"])}

[handlers."environment/create"]
command = {json.dumps([*PYTHON, "", "{name}"])}
"""
TOML += """\
template = { id = "{name}", name = "{name}", python_version = "{python_version}", interpreter_path = "", installed_packages = [], extra = { n = 1, b = true, of = ["{name}!"] } }
"""


@pytest.mark.parametrize("name", ["tool.toml", "TOOL.TOML"])
def test_toml_is_served(machine: Machine, name: str) -> None:
    """A TOML file is an adapter, however its ending is spelled; templates are filled in however deep."""
    path = write(machine.workspace / name, TOML)
    with serving(machine, "--config", str(path)) as session:
        assert [
            one.id for one in session.request("environment/list") and session.environments()
        ] == ["a"]
        made = session.request("environment/create", {"name": "docs", "python_version": "3.12"})
    assert made == {
        "id": "docs",
        "name": "docs",
        "python_version": "3.12",
        "interpreter_path": "",
        "installed_packages": [],
        "extra": {"n": 1, "b": True, "of": ["docs!"]},
    }


def test_json_is_served(machine: Machine) -> None:
    """A JSON file says the same."""
    with serving(machine, "--config", adapter(machine, list=LIST)) as session:
        assert session.request("environment/list") == [ONE]


@pytest.mark.needs("forks")
def test_adapter_keeps_the_protocol(machine: Machine) -> None:
    """The conformance kit finds nothing to say against an adapter whose tool does its part."""
    path = adapter(machine, list=LIST)
    argv = [sys.executable, "-I", "-m", "workflow_helper", "serve", "--config", path]
    root = str(machine.workspace)
    report = check(argv, lambda: Child(argv, cwd=root, environ=machine.environ), root=root)
    assert broken(report) == set()


def test_only_what_is_mapped_is_bound(machine: Machine) -> None:
    """What the file does not map is no method of the server; the life cycle is its own."""
    with serving(machine, "--config", adapter(machine, list=LIST)) as session:
        assert session.methods == {
            "$/cancelRequest",
            "environment/list",
            "exit",
            "initialize",
            "shutdown",
        }
        with pytest.raises(MethodNotFound):
            session.request("environment/get", {"id": "a"})


# -- commands ---------------------------------------------------------------------------------------------------


def test_words_are_filled_in(machine: Machine, tell: list[str]) -> None:
    """Members of the params stand in for whole words and parts of words, and argv for as many as it has."""
    command = [*tell, "{id}", "--x={id}-y", "{{id}}", "{argv}", "", "$HOME *"]
    path = adapter(machine, execute={"command": command})
    with serving(machine, "--config", path) as session:
        ran = session.execute("a b", ["-c", "x; y", ""])
    assert json.loads(ran.stdout)["argv"] == [
        "a b",
        "--x=a b-y",
        "{id}",
        "-c",
        "x; y",
        "",
        "",
        "$HOME *",
    ]


def test_command_runs_in_the_project_without_input(machine: Machine, tell: list[str]) -> None:
    """A command runs in the project's folder, with nothing to read, and spared what a shell's activation left."""
    path = adapter(machine, execute={"command": tell})
    machine.environ["VIRTUAL_ENV"] = "/nowhere"
    with serving(machine, "--config", path) as session:
        document = json.loads(session.execute("a", ["x"]).stdout)
        (machine.workspace / "sub").mkdir()
        inside = json.loads(session.execute("a", ["x"], cwd="sub", env={"A": "b"}).stdout)
    assert (document["cwd"], document["input"]) == (str(machine.workspace), "")
    assert "VIRTUAL_ENV" not in document["environ"]
    assert document["environ"]["PYTHON_WORKFLOW_PROJECT_TRUSTED"] == "true"
    assert (inside["cwd"], inside["environ"]["A"]) == (str(machine.workspace / "sub"), "b")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"x": 3}, "3"),
        ({"x": 1.5}, "1.5"),
        ({"x": "{id}"}, "{id}"),
        ({"x": None}, "unsupported-template-value"),
        ({"x": True}, "unsupported-template-value"),
        ({"x": ["a"]}, "unsupported-template-value"),
        ({"x": {}}, "unsupported-template-value"),
        ({"x": "a\0b"}, "unsupported-template-value"),
        ({}, "missing-template-key"),
    ],
)
def test_values_are_put_as_text_or_refused(params: dict[str, Any], expected: str) -> None:
    """Texts and numbers are put as they read; what has no one spelling, and what is missing, fails by its name."""
    if expected.endswith(("-value", "-key")):
        with pytest.raises(ExecutionFailed) as caught:
            template.words(["{x}"], params)
        assert reason(caught) == expected
    else:
        assert template.words(["{x}"], params) == [expected]


def test_argv_that_is_no_list_of_texts_is_refused(machine: Machine, tell: list[str]) -> None:
    """A method without argv has none to put, and says so."""
    path = adapter(
        machine, get={"command": [*tell, "{argv}"]}, execute={"command": [*tell, "-{argv}"]}
    )
    with serving(machine, "--config", path) as session:
        with pytest.raises(ExecutionFailed) as caught:
            session.get("a")
        assert reason(caught) == "missing-template-key"
        with pytest.raises(ExecutionFailed) as caught:
            session.execute("a", ["x"])
        assert reason(caught) == "unsupported-template-value"


# -- results ----------------------------------------------------------------------------------------------------


def test_failing_command_fails_the_request(machine: Machine) -> None:
    """A status that is not 0 is an error that tells what the command said, except for ``exec``, which gives it."""
    sh = [*PYTHON, "import sys; print('why', file=sys.stderr); sys.exit(7)"]
    path = adapter(
        machine,
        list={"command": sh},
        get={"command": sh, "result": "exec"},
        create={"command": sh, "template": {"id": "{name}"}},
        delete={"command": sh, "result": "none"},
        execute={"command": sh},
    )
    params = {
        "list": {},
        "create": {"name": "a", "python_version": "3.12"},
        "delete": {"id": "a"},
    }
    with serving(machine, "--config", path) as session:
        for name, given in params.items():
            with pytest.raises(ExecutionFailed, match=rf"{NAME} failed \(7\): why") as caught:
                session.request(f"environment/{name}", given)
            assert reason(caught) == "non-zero-exit"
        assert session.execute("a", ["x"]) == (7, "", f"why{os.linesep}")


def test_output_that_is_no_json_fails_the_request(machine: Machine) -> None:
    """Prose where JSON was to come is an error, and so is JSON of another shape."""
    path = adapter(machine, list={"command": [*ECHO, "a, b"]}, get={"command": [*ECHO, "[]"]})
    with serving(machine, "--config", path) as session:
        with pytest.raises(ExecutionFailed) as caught:
            session.request("environment/list")
        assert reason(caught) == "invalid-json-output"
        with pytest.raises(RequestFailed):
            session.request("environment/get", {"id": "a"})


def test_delete_tells_the_id(machine: Machine) -> None:
    """Whatever the tool says when it deletes, the answer is the id."""
    entry = {"command": [*ECHO, "done"], "template": {"id": "{id}"}}
    with serving(machine, "--config", adapter(machine, delete=entry)) as session:
        assert session.request("environment/delete", {"id": "a"}) == {"id": "a"}


def test_command_is_cancelled(machine: Machine) -> None:
    """Cancelling a request ends its command."""
    started = machine.home / "started"
    waits = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(1000)"
    path = adapter(machine, list={"command": [*PYTHON, waits]})
    cancelled = threading.Event()

    def cancel() -> None:
        until(started.exists)
        cancelled.set()

    with nothing_left_behind(), serving(machine, "--config", path) as session:
        cancelling = threading.Thread(target=cancel)
        cancelling.start()
        with pytest.raises(Cancelled):
            session.request("environment/list", wait=Wait(cancelled=cancelled))
        cancelling.join()


def test_command_that_takes_too_long_is_ended(machine: Machine) -> None:
    """A command has 30 seconds, here fewer; then it is ended, and the request fails as timed out."""
    assert TIMEOUT == 30
    path = adapter(
        machine, delete={"command": [*PYTHON, "import time; time.sleep(1000)"], "result": "none"}
    )
    script = (
        "from workflow_helper.servers import adapter; from workflow_helper.operations.serve import serve;"
        f"adapter.TIMEOUT = 0.5; raise SystemExit(serve(None, {path!r}))"
    )
    argv = [sys.executable, "-I", "-c", script]
    child = Child(argv, cwd=str(machine.workspace), environ=machine.environ)
    with nothing_left_behind(), Session(child, "hurried", bounds=PATIENT) as session:
        with pytest.raises(ExecutionFailed, match=r"longer than 0\.5 s") as caught:
            session.delete("a")
        assert reason(caught) == "timeout"


# -- functions --------------------------------------------------------------------------------------------------

MODULE = """
import os
print("imported")

def listed(params):
    print("called")
    return [{"id": str(sorted(params)), "name": "default", "python_version": "3.12"}]

async def got(params):
    return {"id": params["id"], "name": "n", "python_version": "3.12", "interpreter_path": "/x",
            "installed_packages": [], "extra": {"pid": os.getpid(), "parent": os.getppid()}}

def failing(params):
    raise ValueError("odd")

constant = 3
"""


def test_function_answers(machine: Machine) -> None:
    """A function beside the file takes the params and gives the result, in the server's process alone."""
    write(machine.workspace / "mine" / "wsp.py", MODULE)
    path = adapter(
        machine,
        list={"import": "mine.wsp.listed"},
        get={"import": "mine.wsp.got"},
        delete={"import": "mine.wsp.failing"},
    )
    with serving(machine, "--config", path) as session:
        assert session.request("environment/list")[0]["id"] == "[]"
        assert session.get("b").id == "b"
        with pytest.raises(RequestFailed, match="ValueError: odd"):
            session.delete("a")


def test_nothing_beside_the_file_shadows_what_python_brings(machine: Machine) -> None:
    """Modules of the project named as the standard library's are not imported in their place."""
    write(machine.workspace / "wspmine.py", MODULE)
    for name in ("json", "threading", "sitecustomize", "tomllib", "pip"):
        write(machine.workspace / f"{name}.py", "raise SystemExit('the project was run')\n")
    with serving(
        machine, "--config", adapter(machine, list={"import": "wspmine.listed"})
    ) as session:
        assert len(session.environments()) == 1


# -- environments that are not there ---------------------------------------------------------------------------


def test_an_environment_that_the_tool_does_not_list_is_not_found(machine: Machine) -> None:
    """A command that fails for an id that nothing lists says so; for one that is listed its own failure is told."""
    path = adapter(
        machine,
        list=LIST,
        get={"command": FAILS},
        execute={"command": FAILS},
    )
    with serving(machine, "--config", path) as session:
        with pytest.raises(EnvironmentNotFound, match="no environment 'none'"):
            session.get("none")
        with pytest.raises(EnvironmentNotFound, match="no environment 'none'"):
            session.execute("none", ["x"])
        with pytest.raises(ExecutionFailed, match=f"{NAME} failed"):
            session.get(ONE["id"])
        assert session.execute(ONE["id"], ["x"]).exit_code == 1


# -- trust ------------------------------------------------------------------------------------------------------


def test_untrusted_project_is_only_asked_about(machine: Machine, tell: list[str]) -> None:
    """Where the project is not trusted, commands that ask run, and are told; what changes or runs is refused."""
    write(machine.workspace / "wspmine.py", MODULE)
    code = "import os; os.environ['PYTHON_WORKFLOW_PROJECT_TRUSTED'] == 'false' and print([])"
    sh = [*PYTHON, code]
    path = adapter(
        machine,
        list={"command": sh},
        execute={"command": tell},
        delete={"import": "wspmine.failing"},
    )
    with serving(machine, "--config", path, trusted=False) as session:
        assert session.environments() == ()
        with pytest.raises(Protected, match="not trusted"):
            session.execute("a", ["x"])
        with pytest.raises(Protected, match="not trusted"):
            session.delete("a")


# -- what is not served -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handlers", "expected"),
    [
        ({"environment/list": 3}, "handlers.'environment/list' should be a table"),
        ({"environment/nonesuch": LIST}, "'environment/nonesuch' is not a method"),
        ({"initialize": LIST}, "handlers.'initialize' cannot be mapped"),
        ({"shutdown": LIST}, "handlers.'shutdown' cannot be mapped"),
        ({"environment/list": {}}, "exactly one of 'import' and 'command'"),
        ({"environment/list": {**LIST, "import": "a.b"}}, "exactly one of"),
        ({"environment/list": {**LIST, "cwd": "x"}}, "'environment/list'.cwd is not known"),
        ({"environment/list": {"import": "a.b", "result": "json"}}, "result is not known"),
        ({"environment/list": {"command": []}}, "command should be a non-empty list of strings"),
        (
            {"environment/list": {"command": [sys.executable, 3]}},
            "command should be a non-empty list of strings",
        ),
        (
            {"environment/list": {"command": "echo"}},
            "command should be a non-empty list of strings",
        ),
        ({"environment/list": {"command": ["nonesuch-x"]}}, "'nonesuch-x', which was not found"),
        ({"environment/list": {"command": ["./nonesuch"]}}, "'./nonesuch', which was not found"),
        (
            {"environment/list": {"command": [sys.executable, "{"]}},
            "command[1] has an unmatched brace",
        ),
        (
            {"environment/list": {"command": [sys.executable, "a}b"]}},
            "command[1] has an unmatched brace",
        ),
        (
            {"environment/list": {"command": [sys.executable, "{a b}"]}},
            "{a b}, which names no member",
        ),
        ({"environment/list": {**LIST, "result": "xml"}}, "result should be"),
        ({"environment/create": LIST}, "template should be a table"),
        ({"environment/list": {**LIST, "template": {}}}, "is only for the result 'template'"),
        (
            {"environment/create": {**LIST, "template": {"a": ["{"]}}},
            "'environment/create'.template.a[0] has an unmatched brace",
        ),
        ({"environment/list": {"import": "nodots"}}, "should name a function in a module"),
        ({"environment/list": {"import": "a b.c"}}, "should be a dotted path"),
        ({"environment/list": {"import": "nonesuch.x"}}, "nonesuch, which cannot be imported"),
        ({"environment/list": {"import": "json.nonesuch"}}, "which is not callable"),
        ({"environment/list": {"import": "string.digits"}}, "which is not callable"),
        ({"python/list": LIST}, "needs python/find, python/install"),
        ({}, "'handlers' should be a table"),
        ([], "'handlers' should be a table"),
    ],
)
def test_mistake_is_told_before_anything_is_served(
    machine: Machine, handlers: object, expected: str
) -> None:
    """Whatever is wrong with the file is one sentence that names the key."""
    assert expected in refused(machine, json.dumps({"handlers": handlers}))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("tool.yaml", "handlers: {}", ".toml or .json"),
        ("tool", "", ".toml or .json"),
        ("tool.json", "{", "is not valid JSON"),
        ("tool.json", "[]", "should be an object"),
        ("tool.json", "[" * 100_000, "is not valid JSON"),
        ("tool.json", "3", "should be an object"),
        ("tool.json", '{"handlers": {}, "other": 1}', "'other' is not a key"),
        ("tool.toml", "handlers", "is not valid TOML"),
        ("tool.toml", "", "'handlers' should be a table"),
        (
            "tool.toml",
            f"[handlers.'environment/create']\ncommand={json.dumps(FAILS)}\ntemplate={{a=2026-01-01}}",
            "template.a",
        ),
    ],
)
def test_file_that_is_none_is_told(machine: Machine, name: str, text: str, expected: str) -> None:
    """A file of another kind, or one that does not parse, is one sentence that names the file."""
    assert expected in refused(machine, text, name)


def test_file_that_is_not_there_is_told(machine: Machine) -> None:
    """A file that does not exist is one sentence too."""
    done = wsp(machine, "serve", "--config", "nonesuch.toml")
    assert done.exit_code == 1
    assert b"nonesuch.toml does not exist" in done.stderr


def test_module_that_prints_or_exits_is_no_message(machine: Machine) -> None:
    """A module that ends the process when it is imported is a mistake like any other, and what it prints is a log."""
    write(machine.workspace / "ending.py", "print('hello')\nraise SystemExit(0)\n")
    path = adapter(machine, list={"import": "ending.x"})
    done = wsp(machine, "serve", "--config", path)
    assert (done.exit_code, done.stdout) == (1, b"")
    assert b"ending, which cannot be imported: SystemExit" in done.stderr
