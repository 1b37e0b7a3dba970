"""The file of variables that whatever an editor starts gets: ``.env`` of the project, or the one that ``python.envFile`` names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.forked_command import wsp
from support.language_client import LanguageClient, ResponseError, uri
from support.machine import make_venv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.machine import Machine

PREFIX = "pythonWorkflow/"
#: The variable that tells where the home folder is.
HOME = "HOME" if os.name == "posix" else "USERPROFILE"


@pytest.fixture
def project(machine: Machine) -> Path:
    """A project with an environment, a file of variables, and one inside it that has its own of both."""
    for root in (machine.workspace, machine.workspace / "nested"):
        make_venv(root / ".venv")
        write(root / "pyproject.toml", '[project]\nname = "a"\nversion = "1"\n')
        write(root / ".env", f"NAME={root.name}\nPATHS=${{{HOME}}}/{root.name} # a comment\n")
    return machine.workspace


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A language server that was just started."""
    with LanguageClient(machine.environ) as client:
        yield client


def variables(client: LanguageClient, folder: Path, method: str = "activation") -> dict[str, Any]:
    """The variables that something gets that is started in ``folder``."""
    params = {"uri": uri(folder), "argv": ["python"]}
    found: dict[str, Any] = client.request(PREFIX + method, params)["env"]["set"]
    return found


@pytest.mark.parametrize("method", ["activation", "command"])
def test_each_project_has_those_of_its_own_file(
    machine: Machine, project: Path, client: LanguageClient, method: str
) -> None:
    """They come beside the environment's own, and as the file has them now."""
    client.initialize([project], context={"trusted": True})
    for root in (project, project / "nested"):
        found = variables(client, root, method)
        assert found["NAME"] == root.name
        assert found["PATHS"] == f"{machine.home}/{root.name}"
        assert found["VIRTUAL_ENV"] == str(root / ".venv")
    write(project / ".env", "NAME=changed\n")
    assert variables(client, project, method)["NAME"] == "changed"
    (project / ".env").unlink()
    assert "NAME" not in variables(client, project, method)


@pytest.mark.parametrize("text", ["${workspaceFolder}/dev.env", "dev.env", "./dev.env"])
def test_the_file_that_the_settings_name_is_read_in_its_place(
    project: Path, client: LanguageClient, text: str
) -> None:
    """The setting means a file of the open folder, and one that is not there sets nothing."""
    context = {"trusted": True, "env_files": {uri(project): text}}
    client.initialize([project], context=context)
    assert "NAME" not in variables(client, project)
    write(project / "dev.env", "NAME=dev\n")
    assert variables(client, project)["NAME"] == "dev"


def test_one_that_cannot_be_read_is_named(project: Path, client: LanguageClient) -> None:
    """Nothing is started without the variables that it was to have."""
    (project / ".env").write_bytes(b"NAME=\xff\n")
    client.initialize([project], context={"trusted": True})
    with pytest.raises(ResponseError) as caught:
        variables(client, project)
    assert str(project / ".env") in caught.value.message


def test_one_that_a_launch_names_is_read_by_the_same_rules(
    machine: Machine, project: Path, client: LanguageClient
) -> None:
    """Its variables are told; one that is not there is an error."""
    client.initialize([project], context={"trusted": True})
    found = client.request(PREFIX + "envFile", {"path": str(project / ".env")})
    assert found == {"variables": {"NAME": project.name, "PATHS": f"{machine.home}/{project.name}"}}
    with pytest.raises(ResponseError) as caught:
        client.request(PREFIX + "envFile", {"path": str(project / "gone.env")})
    assert str(project / "gone.env") in caught.value.message


def test_the_command_line_leaves_it_to_the_shell(machine: Machine, project: Path) -> None:
    """What ``wsp env run`` starts has the variables that it was started with."""
    code = "import os; print(os.environ.get('NAME'))"
    done = wsp(machine, "env", "run", "--", "python", "-c", code, cwd=project)
    assert done.lines == ["None"]
