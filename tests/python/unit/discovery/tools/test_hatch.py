"""Where hatch keeps a project's environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools.hatch import MOST_ENVIRONMENTS, project_id

if TYPE_CHECKING:
    from pathlib import Path

    from support.ground import Ground

PROJECT = '[project]\nname = "My_Demo.Pkg"\n'


def storage(ground: Ground, root: Path, name: str = "my-demo-pkg", top: str = "") -> str:
    """The folder of the environments of a project."""
    mark = project_id(str(root.resolve()), any_case=False)
    return f"{top or f'{ground.home}/.local/share/hatch/env/virtual'}/{name}/{mark}"


@pytest.mark.needs("POSIX")
def test_default_environment_has_the_projects_name(ground: Ground) -> None:
    """The folder of ``default`` is named after the project, the others after themselves."""
    text = f"{PROJECT}[tool.hatch.envs.docs]\n"
    root = ground.files("root", {"pyproject.toml": text})
    top = storage(ground, root)
    assert ground.default("hatch", root) == f"{top}/my-demo-pkg"
    assert [p.prefix for p in ground.places("hatch", root)] == [f"{top}/my-demo-pkg", f"{top}/docs"]


@pytest.mark.needs("POSIX")
def test_project_without_a_name_has_its_folders(ground: Ground) -> None:
    """Without a ``[project]`` table the folder's name stands in."""
    root = ground.files("Some_Folder", {"hatch.toml": "[envs.a]\n"})
    assert ground.default("hatch", root) == f"{storage(ground, root, 'some-folder')}/some-folder"


@pytest.mark.needs("POSIX")
def test_folder_inside_a_project_is_part_of_it(ground: Ground) -> None:
    """A hatch.toml without a project beside it says nothing: hatch goes up to the project."""
    top = ground.files("top", {"pyproject.toml": "[tool.hatch.envs.a]\n"})
    root = ground.files("top/inner", {"hatch.toml": "[envs.b]\n"})
    assert [p.name for p in ground.places("hatch", root, top)] == ["default", "a"]
    (root / "setup.py").touch()
    assert [p.name for p in ground.places("hatch", root, top)] == ["default", "b"]


@pytest.mark.needs("POSIX")
def test_hatch_toml_replaces_the_tables_of_pyproject(ground: Ground) -> None:
    """Where both files declare environments, those of hatch.toml are the ones."""
    files = {"pyproject.toml": "[tool.hatch.envs.a]\n", "hatch.toml": "[envs.b]\n"}
    root = ground.files("root", files)
    assert [p.name for p in ground.places("hatch", root)] == ["default", "b"]


@pytest.mark.needs("POSIX")
def test_matrix_is_expanded(ground: Ground) -> None:
    """Each combination of a matrix is an environment; a Python comes first, and the name's format is kept."""
    text = (
        "[envs.test]\nmatrix-name-format = '{variable}_{value}'\n"
        "[[envs.test.matrix]]\nversion = ['1', '2']\npython = ['3.11', 'pypy3']\n"
        "[[envs.test.matrix]]\nx = ['q']\n"
        "[[envs.default.matrix]]\npy = ['3.12']\n"
    )
    root = ground.files("root", {"hatch.toml": text})
    assert [p.name for p in ground.places("hatch", root)] == [
        "py3.12",
        "test.py3.11-version_1",
        "test.py3.11-version_2",
        "test.pypy3-version_1",
        "test.pypy3-version_2",
        "test.x_q",
    ]
    assert ground.default("hatch", root) is None


@pytest.mark.needs("POSIX")
def test_path_option_moves_one_and_is_inherited(ground: Ground) -> None:
    """``path`` is relative to the root, and what ``default`` says holds for every environment that says nothing."""
    text = (
        "[envs.default]\npath = '.envs/base'\n[envs.a]\npath = '/abs/a'\n[envs.b]\n"
        "[envs.c]\ntemplate = 'a'\n[envs.d]\ntype = 'container'\n[envs.hatch-test]\n"
    )
    root = ground.files("root", {"hatch.toml": text})
    assert {p.name: p.prefix for p in ground.places("hatch", root)} == {
        "default": f"{root}/.envs/base",
        "a": "/abs/a",
        "b": f"{root}/.envs/base",
        "c": "/abs/a",
    }


@pytest.mark.needs("POSIX")
def test_variables_move_them(ground: Ground) -> None:
    """HATCH_DATA_DIR moves all, HATCH_ENV_TYPE_VIRTUAL_PATH names the one, HATCH_ENV chooses the default."""
    root = ground.files("root", {"hatch.toml": "[envs.docs]\n"})
    moved = ground.default("hatch", root, HATCH_DATA_DIR="~/d")
    assert moved == f"{storage(ground, root, 'root', f'{ground.home}/d/env/virtual')}/root"
    one = ground.default("hatch", root, HATCH_ENV_TYPE_VIRTUAL_PATH="one")
    assert one == f"{root}/one"
    chosen = ground.default("hatch", root, HATCH_ENV="docs")
    assert chosen == f"{storage(ground, root, 'root')}/docs"


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("[dirs.env]\nvirtual = '.hatch'\n", "{root}/.hatch/root"),
        ("[dirs.env]\nvirtual = '~/.virtualenvs'\n", "{home}/.virtualenvs/root"),
        ("[dirs.env]\nvirtual = '$HOME/e/${NO}'\n", "{home}/e/${{NO}}/root/{mark}/root"),
        ("[dirs]\ndata = '~/d'\n", "{home}/d/env/virtual/root/{mark}/root"),
    ],
)
def test_users_configuration_moves_them(ground: Ground, config: str, expected: str) -> None:
    """Folders kept for one project, or shared with virtualenvwrapper, hold the environments side by side."""
    root = ground.files("root", {"hatch.toml": "[envs.docs]\n"})
    file = ground.home / ".config/hatch/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(config)
    mark = project_id(str(root.resolve()), any_case=False)
    prefix = expected.format(root=root, home=ground.home, mark=mark)
    assert ground.default("hatch", root) == prefix
    file.rename(ground.home / "other.toml")
    assert ground.default("hatch", root, HATCH_CONFIG=f"{ground.home}/other.toml") == prefix


def test_spelling_of_the_path_matters_where_the_system_says_so() -> None:
    """Two spellings of one path are one project on Windows and macOS, and two elsewhere."""
    assert project_id("/A/b", any_case=True) == project_id("/a/B", any_case=True)
    assert project_id("/A/b", any_case=False) != project_id("/a/B", any_case=False)


@pytest.mark.needs("POSIX")
def test_matrices_are_bounded_together(ground: Ground) -> None:
    """A file of a thousand matrices is not expanded to a million environments."""
    values = ", ".join(f"'{number}'" for number in range(20))
    entries = f"{{ a = [{values}], b = [{values}] }},\n" * 1000
    root = ground.files("root", {"hatch.toml": f"[envs.test]\nmatrix = [{entries}]\n"})
    assert len(ground.places("hatch", root)) == MOST_ENVIRONMENTS
