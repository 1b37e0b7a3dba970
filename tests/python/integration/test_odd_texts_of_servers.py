"""What a workflow server says that no path or no text can be: told in a sentence, or spelled out, and no way to forge a row."""

from __future__ import annotations

import sys
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from support.command import assert_no_accident
from support.forked_command import wsp
from support.language_client import LanguageClient, uri
from support.telling_server import ENVIRONMENT, telling

if TYPE_CHECKING:
    from support.command import Finished
    from support.machine import Machine

ODD: list[dict[str, Any]] = [
    {"prefix": "/a\0b", "interpreter_path": "/a\0b/bin/python"},
    {"prefix": "/\ud800", "interpreter_path": "/\ud800/bin/python"},
    {"interpreter_path": "/usr/\0python"},
    {"id": "\udfff", "name": "\ud800"},
    {"id": "x\n* forged  Python 3.12  workflow  /bin/evil", "name": "a\tb"},
    {"name": "\x1b[31mred\x1b]0;title\x07"},
    {"python_version": "3.\ud800"},
    {"python_version": "3.12\n* forged"},
    {"kind": "ve\nnv\0"},
    {"status": {"state": "broken", "message": "\ud800\n\x1b[2J* forged"}},
    {"status": {"state": "broken", "message": "long " * 200_000}},
]
QUESTIONS = [("env", "list"), ("env", "default"), ("env", "show"), ("explain",), ("env", "check")]
FORMS: tuple[tuple[str, ...], ...] = ((), ("--json",))


def answers_of(machine: Machine, server: str) -> dict[tuple[str, ...], Finished]:
    """Ask each question in both forms: nothing ends in an error of our own, drives a terminal, or is endless."""
    answers = {}
    for words in product(QUESTIONS, FORMS):
        question = sum(words, ())
        done = answers[question] = wsp(machine, *question, "--workflow", server)
        output = (done.stdout + done.stderr).decode("utf-8")
        assert all(letter.isprintable() or letter == "\n" for letter in output)
        assert len(output) < 30_000
    return answers


def check_list(answers: dict[tuple[str, ...], Finished], known: set[str], odd: int) -> None:
    """See that the ``known`` entries are listed, and so many odd ones, each on one row, by an id of its own."""
    rows = answers["env", "list"].stdout.decode().splitlines()
    assert len(rows) == len(known) + odd
    assert not any(row.startswith("* forged") for row in rows)
    listed = answers["env", "list", "--json"].document["environments"]
    ids = {one["id"] for one in listed}
    assert len(listed) == len(ids) == len(known) + odd
    assert known < ids
    assert all(text.isprintable() for text in ids)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_one_odd_default_is_that_entrys_trouble(machine: Machine, odd: dict[str, Any]) -> None:
    """The others are listed, each on one row, and every question about it is answered in plain text."""
    entry = {**ENVIRONMENT, "id": "odd", "prefix": "/odd", "default": True, **odd}
    listed = {"result": [entry, ENVIRONMENT, {**ENVIRONMENT, "id": "last", "prefix": "/last"}]}
    server = telling(machine.home / "serve.py", environment_list=listed)
    check_list(answers_of(machine, server), {"good", "last"}, 1)


def test_odd_entries_are_their_own_trouble(machine: Machine) -> None:
    """However many there are, of which none is the default, they and the others are listed, each on one row."""
    entries = [
        {**ENVIRONMENT, "id": f"odd {number}", "prefix": f"/{number}", **odd}
        for number, odd in enumerate(ODD)
    ]
    listed = {"result": [*entries, ENVIRONMENT]}
    server = telling(machine.home / "serve.py", environment_list=listed)
    check_list(answers_of(machine, server), {"good"}, len(ODD))


@pytest.mark.parametrize("path", ["/a\0b", "/\ud800"])
def test_a_path_that_cannot_be_is_a_broken_environment(machine: Machine, path: str) -> None:
    """With a sentence that spells it out, and no place."""
    entry = {**ENVIRONMENT, "prefix": path, "interpreter_path": f"{path}/bin/python"}
    server = telling(machine.home / "serve.py", environment_list={"result": [entry]})
    document = wsp(machine, "env", "list", "--json", "--workflow", server).document
    [environment] = document["environments"]
    assert (environment["prefix"], environment["interpreter_path"]) == ("", None)
    assert environment["status"]["state"] == "broken"
    assert "a path that no file system can hold" in environment["status"]["message"]
    assert environment["status"]["message"].isprintable()


@pytest.mark.parametrize(
    "text", ["\ud800", "a\0b", "\x1b[2J", "x\nwsp: all is well", "e" * 20_000_000]
)
def test_an_error_is_one_plain_sentence(machine: Machine, text: str) -> None:
    """Its message and its hint, as text and as a document."""
    error = {"code": -32603, "message": text, "data": {"hint": text}}
    server = telling(machine.home / "serve.py", environment_list={"error": error})
    if len(text) > 1000:
        done = wsp(machine, *QUESTIONS[0], "--workflow", server)
        assert len(done.stdout + done.stderr) < 30_000
        return
    for done in answers_of(machine, server).values():
        assert "\nwsp: all is well" not in (done.stdout + done.stderr).decode("utf-8")


def test_last_words_forge_no_step(machine: Machine) -> None:
    """What a server wrote last stands indented below the rule that tells of it, what drives a terminal spelled out."""
    text = "\x1b[2Jbye\n  + E1    /evil is selected\n\ud800\n"
    server = telling(machine.home / "serve.py", environment_list={"stderr": text})
    done = wsp(machine, "explain", "--workflow", server)
    assert_no_accident(done)
    shown = done.stdout.decode()
    assert "\\x1b[2Jbye" in shown
    assert "\n  + E1    /evil" not in shown
    assert "/evil is selected" in shown


def test_a_task_is_run_by_the_name_that_is_shown(machine: Machine) -> None:
    """A name that is no text to show is spelled out in the list, on one row, and the server gets it back as it was."""
    tasks = [{"name": "a\nb", "description": "\x1b[2J\ud800"}, {"name": "plain"}]
    env: dict[str, Any] = {"set": {}, "unset": [], "prepend_path": []}
    argv = [sys.executable, "-I", "-c", "print('ran')"]
    how = {"argv": argv, "cwd": str(machine.workspace), "env": env}
    server = telling(
        machine.home / "serve.py", task_list={"result": tasks}, task_command={"result": how}
    )
    listed = wsp(machine, "task", "list", "--workflow", server)
    assert listed.stdout.decode() == "a\\nb   \\x1b[2J\\ud800\nplain\n"
    assert wsp(machine, "task", "run", "a\\nb", "--workflow", server).lines == ["ran"]


@pytest.mark.parametrize(
    "wrong", [{"argv": ["/bin/echo", "\0"]}, {"cwd": "/\ud800"}, {"set": {"A": "\0"}}]
)
def test_a_command_that_no_system_takes_is_an_error(
    machine: Machine, wrong: dict[str, object]
) -> None:
    """A plain one, before anything is started."""
    env: dict[str, Any] = {"set": wrong.pop("set", {}), "unset": [], "prepend_path": []}
    how = {"argv": ["/bin/echo"], "cwd": str(machine.workspace), "env": env, **wrong}
    server = telling(machine.home / "serve.py", task_command={"result": how})
    done = wsp(machine, "task", "run", "x", "--workflow", server)
    assert_no_accident(done)
    assert done.exit_code == 1
    assert "without NUL or half of a surrogate pair" in done.text


def test_an_editor_is_told_the_same(machine: Machine) -> None:
    """Spelled out in the list and in the trail, and the server goes on answering."""
    entries = [
        {**ENVIRONMENT, "id": str(number), "prefix": f"/{number}", **odd}
        for number, odd in enumerate(ODD)
    ]
    server = telling(machine.home / "serve.py", environment_list={"result": entries})
    preference = {"workflow": server, "policy": "override"}
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True, "preference": preference})
        params = {"uri": uri(machine.workspace)}
        shown: list[Any] = []
        while len(shown) < len(ODD):
            shown = client.request("pythonWorkflow/environments", params)["environments"]
        for environment in shown:
            texts = (environment["id"], environment["name"], environment["status"]["message"])
            assert all(text.isprintable() and len(text) <= 2100 for text in texts)
        assert client.request("pythonWorkflow/explain", params)["root"] == str(machine.workspace)
