"""``python.defaultInterpreterPath``, as an editor hands it on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.answers import answer_of, prefix_of
from support.files import python_in
from support.forked_command import wsp
from support.language_client import LanguageClient, uri
from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine


#: An environment's interpreter, in the workspace.
PYTHON = python_in(Path("envs/dev")).as_posix()


def context_of(folder: Path, text: str, *, trusted: bool = True) -> dict[str, Any]:
    """The context of an editor in whose workspace ``folder`` the setting says ``text``."""
    interpreters = {"user": None, "folders": {uri(folder): text}}
    return {"trusted": trusted, "preference": None, "interpreters": interpreters}


@pytest.mark.parametrize(
    "text",
    [
        "${workspaceFolder}/envs/dev",
        f"${{workspaceFolder}}/{PYTHON}",
        PYTHON,
        "${env:ENVS}/dev",
    ],
)
def test_that_of_a_trusted_workspace_goes_before_what_the_folder_holds(
    machine: Machine, text: str
) -> None:
    """It is the project's committed pick, in each of the spellings of VS Code's documentation."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "envs" / "dev")
    environ = {**machine.environ, "ENVS": str(machine.workspace / "envs")}
    with LanguageClient(environ) as client:
        client.initialize([machine.workspace], context=context_of(machine.workspace, text))
        answer = answer_of(client, machine.workspace)
        assert prefix_of(answer) == str(machine.workspace / "envs" / "dev")
        assert answer["environment"]["source"] == "settings"


def test_a_selection_goes_before_it(machine: Machine, client: LanguageClient) -> None:
    """What the user selected here is said by the user."""
    for name in ("envs/dev", "mine"):
        make_venv(machine.workspace / name)
    assert machine.wsp("env", "select", "mine")
    client.initialize([machine.workspace], context=context_of(machine.workspace, "envs/dev"))
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / "mine")


def test_what_is_not_trusted_says_nothing(machine: Machine, client: LanguageClient) -> None:
    """Settings of a workspace that nobody trusts are not followed."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "envs" / "dev")
    context = context_of(machine.workspace, "envs/dev", trusted=False)
    client.initialize([machine.workspace], context=context)
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / ".venv")


@pytest.mark.parametrize("text", ["/gone/bin/python", "python", "${config:x}/y", "//host/python"])
def test_what_leads_nowhere_hides_nothing(
    machine: Machine, client: LanguageClient, text: str
) -> None:
    """A path of another machine, a mere name and an unknown variable leave the folder's own environment."""
    make_venv(machine.workspace / ".venv")
    client.initialize([machine.workspace], context=context_of(machine.workspace, text))
    assert prefix_of(answer_of(client, machine.workspace)) == str(machine.workspace / ".venv")


def test_that_of_the_user_is_shown_where_there_is_no_environment(
    machine: Machine, client: LanguageClient
) -> None:
    """It is what is shown meanwhile, and never the project's own."""
    make_venv(machine.home / "tools" / "general")
    context = {
        "trusted": True,
        "preference": None,
        "interpreters": {"user": f"~/{python_in(Path('tools/general')).as_posix()}", "folders": {}},
    }
    client.initialize([machine.workspace], context=context)
    answer = answer_of(client, machine.workspace)
    assert answer["environment"] is None
    assert answer["system"]["prefix"] == str(machine.home / "tools" / "general")


def test_the_quick_answer_follows_it_too(machine: Machine) -> None:
    """The command that an editor runs before its server is there takes the same words."""
    make_venv(machine.workspace / ".venv")
    make_venv(machine.workspace / "envs" / "dev")
    words = ("env", "default", "--editor", "--default-interpreter", "${workspaceFolder}/envs/dev")
    for more, prefix in ((("--trusted",), "envs/dev"), ((), ".venv")):
        found = wsp(machine, *words, *more, "--json").document["environment"]
        assert found["prefix"] == str(machine.workspace / prefix)
