"""What an editor has done, behind the language server, with the real uv and real packages."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.language_client import LanguageClient, ResponseError, uri
from support.recipes import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "pythonWorkflow/"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project of uv's, without an environment."""
    return Site.at(tmp_path, "uv")


@pytest.fixture
def client(site: Site) -> Iterator[LanguageClient]:
    """An editor in which the project is open and trusted."""
    with LanguageClient(site.machine.environ) as client:
        client.initialize([site.root], context={"trusted": True})
        yield client


def request(client: LanguageClient, site: Site, method: str, **params: object) -> dict[str, Any]:
    """The result of an act about the project."""
    found: dict[str, Any] = client.request(PREFIX + method, {"uri": uri(site.root), **params})
    return found


def test_what_can_be_chosen_is_told_before_anything_is_made(
    client: LanguageClient, site: Site
) -> None:
    """The governing workflow comes first with its reason, its names, groups and extras; files alone are read."""
    write(
        site.root / "pyproject.toml",
        '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.10"\n'
        "[project.optional-dependencies]\ndocs = []\n[dependency-groups]\ndev = []\nlint = []\n[tool.uv]\n",
    )
    options = request(client, site, "createOptions")
    assert options["governing"] == "uv"
    assert "uv" in options["why"]
    first = options["workflows"][0]
    assert (first["name"], first["governs"], first["installed"]) == ("uv", True, True)
    assert (first["any_name"], first["names"]) == (False, [".venv"])
    assert (first["groups"], first["extras"]) == (["dev", "lint"], ["docs"])
    versions = {python["python_version"][:4] for python in options["pythons"]}
    assert versions
    assert not versions & set(first["installable"])
    fallback = next(one for one in options["workflows"] if one["name"] == "venv")
    assert (fallback["installed"], fallback["any_name"]) == (True, True)
    assert not (site.root / ".venv").exists()


def test_environment_is_made_by_another_workflow_than_the_one_that_governs(
    client: LanguageClient, site: Site
) -> None:
    """A workflow that is named makes the environment, under the name that was given."""
    made = request(client, site, "create", workflow="venv", name="other")["environment"]
    assert made["name"] == "other"
    assert (site.root / "other" / "pyvenv.cfg").is_file()
    assert not (site.root / ".venv" / "pyvenv.cfg").exists()


def test_packages_are_installed_listed_and_taken_out(client: LanguageClient, site: Site) -> None:
    """One package goes in and out of the environment, and progress is told of both."""
    request(client, site, "create")
    done = request(client, site, "install", packages=["iniconfig==2.0.0"], workDoneToken=1)
    assert done["installed"] == [{"name": "iniconfig", "version": "2.0.0"}]
    listed = request(client, site, "packages")
    assert {"name": "iniconfig", "version": "2.0.0"} in listed["packages"]
    assert listed["prefix"] == str(site.root / ".venv")
    done = request(client, site, "uninstall", packages=["iniconfig"])
    assert [one["name"] for one in done["removed"]] == ["iniconfig"]
    assert client.wait_for("$/progress")["value"]["title"] == "Installing packages"


def test_command_starts_in_the_environment(client: LanguageClient, site: Site) -> None:
    """What is told can be started as it is, and runs with the environment's Python and variables."""
    request(client, site, "create")
    code = "import os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'])"
    how = request(client, site, "command", argv=["python", "-c", code])
    environ = {**site.machine.environ, **how["env"]["set"]}
    done = subprocess.run(
        how["argv"], cwd=how["cwd"], env=environ, capture_output=True, text=True, check=True
    )
    prefix = str(site.root / ".venv")
    assert done.stdout.split() == [prefix, prefix]
    terminal = request(client, site, "activation")
    assert terminal["prefix"] == prefix
    assert terminal["env"]["set"]["VIRTUAL_ENV"] == prefix
    assert terminal["env"]["prepend_path"] == [f"{prefix}/bin"]


def test_folder_without_an_environment_activates_nothing(
    client: LanguageClient, site: Site
) -> None:
    """A terminal is left as it is, and a command says that there is no environment."""
    assert request(client, site, "activation") == {
        "prefix": None,
        "env": {"unset": [], "set": {}, "prepend_path": []},
    }
    with pytest.raises(ResponseError) as caught:
        request(client, site, "command", argv=["python"])
    assert caught.value.data["code"] == "not_found"


def test_environment_elsewhere_is_deleted_only_where_that_was_said(
    client: LanguageClient, site: Site, tmp_path: Path
) -> None:
    """What a redirect leads to outside the project is kept, until its owner says so; its selection goes with it."""
    elsewhere = tmp_path / "elsewhere"
    site.run("venv", "--no-project", str(elsewhere))
    write(site.root / ".venv", f"{elsewhere}\n")
    client.request(PREFIX + "select", {"uri": uri(site.root), "selection": str(elsewhere)})
    with pytest.raises(ResponseError) as caught:
        request(client, site, "delete", environment=str(elsewhere))
    assert caught.value.data["code"] == "outside_project"
    assert elsewhere.is_dir()
    done = request(client, site, "delete", environment=str(elsewhere), outside=True)
    assert done == {"deleted": str(elsewhere), "forgotten": True}
    assert not elsewhere.exists()


def test_environment_that_works_is_made_anew_where_that_was_asked(
    client: LanguageClient, site: Site
) -> None:
    """To recreate means to delete and to make again, also where nothing is broken."""
    request(client, site, "create")
    mark = site.root / ".venv" / "lib" / "mark"
    mark.touch()
    assert request(client, site, "sync", recreate=True)["recreated"] is True
    assert not mark.exists()


def test_tasks_are_listed_and_started(tmp_path: Path) -> None:
    """The scripts of a pdm project are told by name, and how to start one with further arguments."""
    site = Site.at(tmp_path, "pdm")
    with (site.root / "pyproject.toml").open("a") as file:
        file.write('greet = {cmd = "echo hello", help = "Says hello"}\n')
    with LanguageClient(site.machine.environ) as client:
        client.initialize([site.root], context={"trusted": True})
        found = request(client, site, "tasks")
        assert found["workflow"] == "pdm"
        assert {"name": "greet", "description": "Says hello"} in found["tasks"]
        how = request(client, site, "taskCommand", name="greet", argv=["you"])
        assert how["argv"][-2:] == ["greet", "you"]


def test_nothing_is_done_before_trust(site: Site) -> None:
    """In a folder that is not trusted every act is refused, and no task is told."""
    with LanguageClient(site.machine.environ) as client:
        client.initialize([site.root], context={"trusted": False})
        for method, params in (
            ("create", {}),
            ("install", {"packages": ["iniconfig"]}),
            ("taskCommand", {"name": "x"}),
        ):
            with pytest.raises(ResponseError):
                request(client, site, method, **params)
        assert request(client, site, "tasks") == {"workflow": "", "tasks": []}
