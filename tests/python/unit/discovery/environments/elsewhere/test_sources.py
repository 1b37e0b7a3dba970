from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.environments import elsewhere
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.ground import Ground


def names(ground: Ground, *folders: str, **environ: str) -> list[str]:
    """The names of what is found, in its order."""
    return [one.name for one in elsewhere.find(folders, (), ground.host(**environ), Disk())]


@pytest.mark.needs("POSIX")
def test_an_environment_that_several_sources_name_is_found_once(ground: Ground) -> None:
    """A folder that WORKON_HOME, a link and the user's own list name holds one environment."""
    ground.environment(ground.home / ".virtualenvs" / "shop")
    (ground.home / "envs").symlink_to(ground.home / ".virtualenvs")
    folder = str(ground.home / ".virtualenvs")
    assert names(ground, folder, WORKON_HOME=f"{folder}/") == ["shop"]


@pytest.mark.needs("POSIX")
def test_a_folder_that_is_searched_may_be_an_environment_itself(ground: Ground) -> None:
    """A path of the user's own list names an environment as well as a folder of them."""
    one = ground.environment(ground.top / "one")
    ground.environment(ground.top / "several" / "two")
    assert names(ground, str(one), str(ground.top / "several")) == ["one", "two"]


@pytest.mark.parametrize("text", ["", "relative", "//server/share", "~/missing"])
def test_a_folder_that_is_nowhere_here_holds_nothing(ground: Ground, text: str) -> None:
    """A relative path, one of another machine and one that is missing are passed over."""
    assert names(ground, text, WORKON_HOME=text, PYENV_ROOT=text, MAMBA_ROOT_PREFIX=text) == []


@pytest.mark.needs("POSIX")
def test_what_poetry_and_pdm_keep_for_any_project_is_found(ground: Ground) -> None:
    """By the user's own settings: their names hold a mark of the project's path, which may have been moved."""
    ground.environment(ground.home / "p" / "shop-AbCdEfGh-py3.12")
    ground.environment(ground.home / ".local" / "share" / "pdm" / "venvs" / "shop-AbCdEfGh-3.12")
    variables = {"POETRY_VIRTUALENVS_PATH": str(ground.home / "p")}
    assert names(ground, **variables) == ["shop-AbCdEfGh-py3.12", "shop-AbCdEfGh-3.12"]


@pytest.mark.needs("POSIX")
def test_what_is_no_environment_is_not_found(ground: Ground) -> None:
    """Hooks of virtualenvwrapper, plain folders and links to nowhere lie beside environments."""
    top = ground.folder("home/.virtualenvs")
    ground.environment(top / "shop")
    (top / "postactivate").write_text("")
    (top / "empty").mkdir()
    (top / "gone").symlink_to("/nowhere")
    assert names(ground) == ["shop"]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["web", "3.11.7/envs/web"])
def test_pyenv_names_an_environment_by_its_link_or_below_its_python(
    ground: Ground, name: str
) -> None:
    """Both names that pyenv lists for an environment of pyenv-virtualenv lead to it."""
    versions = ground.home / ".pyenv" / "versions"
    made = ground.environment(versions / "3.11.7" / "envs" / "web")
    (versions / "web").symlink_to(made)
    found = elsewhere.named(name, ground.host(), Disk())
    assert found is not None
    assert os.path.realpath(found) == str(made)


@pytest.mark.parametrize(
    "name", ["3.11.7", "web", "../web", "3.11.7/bin/web", "/web", "3.11.7/envs/", ""]
)
def test_pyenv_means_no_environment_by_another_name(ground: Ground, name: str) -> None:
    """A version, a missing link and a path are no names of an environment."""
    ground.environment(ground.home / ".pyenv" / "versions" / "3.11.7" / "envs" / "web")
    ground.environment(ground.home / ".pyenv" / "web")
    assert elsewhere.named(name, ground.host(), Disk()) is None
