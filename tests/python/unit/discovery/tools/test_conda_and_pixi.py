"""Where conda and pixi keep environments: from their documents, as neither can be installed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.ground import Ground


def conda_environment(path: Path) -> Path:
    """What marks an environment of conda's kind."""
    (path / "conda-meta").mkdir(parents=True)
    return path


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    "text",
    ["name: demo\n", "name:   'demo'  # mine\n", '"name": x\nname: "demo"\n', "name: demo # x"],
)
def test_name_is_looked_for_in_condas_list(ground: Ground, text: str) -> None:
    """The environment that environment.yml names is the named one in environments.txt, of a conda nowhere usual."""
    made = conda_environment(ground.folder("elsewhere/envs/demo"))
    other = conda_environment(ground.folder("elsewhere/demo"))
    (ground.home / ".conda").mkdir()
    (ground.home / ".conda/environments.txt").write_text(f"relative/demo\n{other}\n{made}\n")
    root = ground.files("root", {"environment.yml": f"{text}\nchannels:\n  - name: nested\n"})
    places = ground.places("conda", root)
    assert [(p.prefix, p.kind, p.default) for p in places] == [(str(made), "conda", True)]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("where", ["CONDA_ENVS_PATH", "MAMBA_ROOT_PREFIX", "CONDA_EXE", "home"])
def test_name_is_looked_for_in_the_usual_folders(ground: Ground, where: str) -> None:
    """Without a list, the folders that conda's variables name and the usual ones are looked into."""
    made = conda_environment(ground.home / "miniforge3/envs/demo")
    top = made.parent.parent
    variables = {
        "CONDA_ENVS_PATH": f"/nowhere:{made.parent}",
        "MAMBA_ROOT_PREFIX": str(top),
        "CONDA_EXE": f"{top}/bin/conda",
    }
    root = ground.files("root", {"environment.yml": "name: demo\n"})
    environ = {where: variables[where]} if where in variables else {}
    assert ground.default("conda", root, **environ) == str(made)


@pytest.mark.needs("POSIX")
def test_prefix_goes_before_the_name(ground: Ground) -> None:
    """``prefix`` says the place itself, relative to the file's folder where it is relative."""
    root = ground.files("root", {"environment.yml": "name: demo\nprefix: ./here\n"})
    conda_environment(root / "here")
    conda_environment(ground.home / "miniforge3/envs/demo")
    assert ground.default("conda", root) == f"{root}/here"


@pytest.mark.needs("POSIX")
def test_prefix_of_another_machine_is_passed_over(ground: Ground) -> None:
    """An exported file tells where the environment was on the machine that it comes from; here the name counts."""
    made = conda_environment(ground.home / "miniforge3/envs/demo")
    text = "name: demo\nprefix: /home/ada/miniforge3/envs/demo\n"
    root = ground.files("root", {"environment.yml": text})
    assert ground.default("conda", root) == str(made)


@pytest.mark.parametrize(
    "text", ["name: base\n", "dependencies: []\n", "name: |\n  x\n", "{name: x}"]
)
def test_nothing_told_is_no_default(ground: Ground, text: str) -> None:
    """Conda's base is nobody's project, and what is no plain scalar names nothing."""
    conda_environment(ground.home / "miniforge3/envs/base")
    root = ground.files("root", {"environment.yml": text})
    assert ground.places("conda", root) == ()


@pytest.mark.needs("POSIX")
def test_only_environment_in_the_folder_is_the_default(ground: Ground) -> None:
    """Environments that lie in the folder are listed, and a single one needs no name to be meant."""
    root = ground.files("root", {"environment.yml": "dependencies: []\n"})
    made = conda_environment(root / ".conda")
    assert ground.default("conda", root) == str(made)
    conda_environment(root / "second")
    assert ground.default("conda", root) is None
    assert len(ground.places("conda", root)) == 2


def test_pixi_declares_its_environments(ground: Ground) -> None:
    """Each declared environment has its folder, ``default`` is always there, and what exists is listed too."""
    root = ground.files("root", {"pixi.toml": "[environments]\ntest = ['t']\n"})
    conda_environment(root / ".pixi/envs/old")
    (root / ".pixi/envs/no-environment").mkdir()
    assert [(p.name, p.prefix, p.kind, p.default) for p in ground.places("pixi", root)] == [
        ("default", f"{root}/.pixi/envs/default", "conda", True),
        ("test", f"{root}/.pixi/envs/test", "conda", False),
        ("old", f"{root}/.pixi/envs/old", "conda", False),
    ]


def test_pixi_in_pyproject(ground: Ground) -> None:
    """Without a pixi.toml the environments stand in ``[tool.pixi.environments]``."""
    text = "[tool.pixi.environments]\nci = {features = ['ci']}\n"
    root = ground.files("root", {"pyproject.toml": text})
    assert [p.name for p in ground.places("pixi", root)] == ["default", "ci"]
