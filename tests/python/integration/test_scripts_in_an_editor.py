"""Scripts with inline metadata behind the language server: what they say, their own environment, and nothing unasked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.language_client import LanguageClient, ResponseError, uri
from support.launching import put_uv_on_path, wheel
from support.machine import make_venv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine import Machine

PREFIX = "pythonWorkflow/"


@pytest.fixture
def script(machine: Machine) -> Path:
    """A script that needs a package of this machine, in a project with a ``.venv``."""
    put_uv_on_path(machine)
    make_venv(machine.workspace / ".venv")
    made = wheel(machine.home / "wheels", text="value = 1\n")
    return write(
        machine.workspace / "tool.py",
        f'# /// script\n# requires-python = ">=3.10"\n# dependencies = ["demo @ {made.as_uri()}"]\n# ///\nimport demo\n',
    )


@pytest.fixture
def client(machine: Machine, script: Path) -> Iterator[LanguageClient]:
    """An editor in which the folder is open and trusted."""
    assert script.is_file()
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        yield client


def request(
    client: LanguageClient, method: str, path: Path | str, **params: object
) -> dict[str, Any]:
    """The result of an act about a file."""
    found: dict[str, Any] = client.request(PREFIX + method, {"uri": uri(path), **params})
    return found


def answer(client: LanguageClient, path: Path) -> dict[str, Any]:
    """The answer for a file or folder."""
    found: dict[str, Any] = client.request(PREFIX + "resolve", {"uris": [uri(path)]})["answers"][0]
    return found


def test_what_a_script_says_is_told(client: LanguageClient, script: Path) -> None:
    """Its block, what it asks for, and that its environment is not made yet."""
    result = request(client, "script", script)
    assert result["script"] is True
    assert (result["first_line"], result["last_line"]) == (0, 3)
    assert result["requires_python"] == ">=3.10"
    assert [one.partition(" ")[0] for one in result["dependencies"]] == ["demo"]
    assert (result["problems"], result["environment"]) == ([], None)


def test_what_the_editor_shows_counts_before_what_is_saved(
    client: LanguageClient, script: Path
) -> None:
    """With a text, mistakes are those of the text, in its lines and columns; other files are no scripts."""
    text = "\n# /// script\r\n# dependencies = ['a b']\r\n# ///\r\n"
    result = request(client, "script", script, text=text)
    (problem,) = result["problems"]
    assert (problem["line"], problem["column"]) == (2, 18)
    assert "'a b' is not a requirement" in problem["message"]
    assert request(client, "script", script, text="")["script"] is False
    assert request(client, "script", script.parent / "nonesuch.py")["script"] is False
    untitled = client.request(PREFIX + "script", {"uri": "untitled:Untitled-1", "text": text})
    assert untitled["problems"] == [problem]


def test_script_is_answered_with_its_own_environment_once_it_is_made(
    client: LanguageClient, script: Path
) -> None:
    """Until then its project's counts; the change is told, and the folder keeps its own."""
    assert answer(client, script)["environment"]["source"] == ".venv"
    made = request(client, "prepareScript", script, workDoneToken=1)["environment"]
    assert (made["name"], made["source"], made["kind"]) == ("tool.py", "script", "venv")
    changed = client.wait_for(PREFIX + "didChangeInterpreter")["answers"]
    assert [one["uri"] for one in changed] == [uri(script)]
    now = answer(client, script)
    assert (now["environment"]["prefix"], now["own"]) == (made["prefix"], True)
    assert "tool.py has an environment of its own" in now["summary"]
    assert answer(client, script.parent)["environment"]["source"] == ".venv"
    assert request(client, "script", script)["environment"]["prefix"] == made["prefix"]
    assert request(client, "prepareScript", script)["environment"]["prefix"] == made["prefix"]
    how = request(client, "command", script, argv=["python", str(script)])
    assert how["argv"][0] == made["interpreter_path"]
    assert how["env"]["set"]["PYTHON_WORKFLOW_ROOT"] == str(script)


def test_changed_block_takes_its_environment_away(client: LanguageClient, script: Path) -> None:
    """What was made for another block is not the script's any more, nor is a file's without one."""
    request(client, "prepareScript", script)
    assert answer(client, script)["environment"]["source"] == "script"
    write(script, script.read_text().replace(">=3.10", ">=3.9"))
    client.notify(PREFIX + "didFocus", {})
    changed = client.wait_for(
        PREFIX + "didChangeInterpreter",
        lambda params: params["answers"][0]["environment"]["source"] == ".venv",
    )
    assert [one["uri"] for one in changed["answers"]] == [uri(script)]
    write(script, "print(1)\n")
    assert answer(client, script)["environment"]["source"] == ".venv"


def test_mistake_in_the_comments_is_a_problem_of_the_script(
    client: LanguageClient, script: Path
) -> None:
    """The project's environment counts meanwhile, and what is wrong is told."""
    write(script, "# /// script\n# dependencies = []\nimport x\n")
    result = answer(client, script)
    assert result["environment"]["source"] == ".venv"
    assert "has no end" in result["problem"]
    assert request(client, "script", script)["problems"][0]["line"] == 0


def test_script_that_comes_to_have_metadata_is_watched(
    client: LanguageClient, script: Path
) -> None:
    """A file that was asked about is looked at again when it changes."""
    plain = write(script.parent / "plain.py", "print(1)\n")
    answer(client, plain)
    watched = client.wait_for_request(
        "client/registerCapability", lambda params: "plain.py" in str(params)
    )
    assert watched


def test_nothing_is_made_before_trust(machine: Machine, script: Path) -> None:
    """In restricted mode a script is read, and its environment is not made."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": False})
        assert request(client, "script", script)["script"] is True
        with pytest.raises(ResponseError) as caught:
            request(client, "prepareScript", script)
        assert caught.value.data["code"] == "not_trusted"
    assert not (Path(machine.host.cache) / "environments").exists()
