"""What is never deleted, whoever is asked to and whatever is said: real folders, ``wsp`` as a process of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import wsp as command
from support.files import link, lose_base, packages_in, python_in, write
from support.forked_command import wsp
from support.machine import make_venv
from workflow_helper.errors import Protected
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.delete import delete

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Finished
    from support.machine import Machine

#: Where the interpreter is in an environment.
PYTHON = python_in(Path()).as_posix()
CFG = "home = /usr/bin\nversion = 3.11.2\n"


def error_of(finished: Finished, code: str) -> dict[str, str]:
    """What the command refused with."""
    error: dict[str, str] = finished.document["error"]
    assert error["code"] == code, error
    return error


def refused(machine: Machine, word: str, *, cwd: Path | None = None) -> str:
    """Why ``wsp env delete`` refuses, with everything said that could allow it."""
    where = ("--folder", str(cwd)) if cwd else ()
    error = error_of(
        wsp(machine, "env", "delete", word, "--outside", *where, "--json"), "protected"
    )
    assert "--outside" not in (error["hint"] or "")
    return str(error["message"])


def looks_whole(prefix: Path) -> Path:
    """Make a folder that is there already look like an environment through and through."""
    made = make_venv(prefix.parent / f"{prefix.name}-made")
    for entry in made.iterdir():
        shutil.move(entry, prefix / entry.name)
    made.rmdir()
    return prefix


def test_neither_the_home_folder_nor_what_holds_it(machine: Machine) -> None:
    """Also where it looks like an environment, is named by a file, and ``--outside`` is said."""
    looks_whole(machine.home)
    write(machine.workspace / ".python-envs", f"{machine.home}\n{machine.home.parent}\n")
    write(machine.home.parent / "pyvenv.cfg", CFG)
    assert "your home folder" in refused(machine, str(machine.home))
    assert "your home folder" in refused(machine, str(machine.home.parent))
    assert (machine.home / "pyvenv.cfg").exists()


def test_neither_the_project_nor_the_current_folder(machine: Machine) -> None:
    """Nor what holds one of the two."""
    (machine.workspace / ".git").rmdir()
    looks_whole(machine.workspace)
    write(machine.workspace / ".python-envs", ".\n")
    assert "it is the project" in refused(machine, ".")
    other = make_venv(machine.home / "other")
    write(machine.workspace / ".python-envs", f"{other}\n")
    error = error_of(
        wsp(machine, "env", "delete", str(other), "--outside", "--json", "--folder",
            str(machine.workspace), cwd=other / "lib"),
        "protected",
    )  # fmt: skip
    assert "the current folder" in error["message"]
    assert (other / "pyvenv.cfg").exists()


@pytest.mark.parametrize("name", [".git", ".hg"])
def test_no_repository(machine: Machine, name: str) -> None:
    """An environment with a repository in it is somebody's work, wherever in it that lies."""
    prefix = make_venv(machine.workspace / ".venv")
    (prefix / name).mkdir()
    assert name in refused(machine, ".venv")
    packages = packages_in(prefix)
    (packages / "fork").mkdir()
    (prefix / name).rename(packages / "fork" / name)
    assert os.path.join("fork", name) in refused(machine, ".venv")
    (packages / "fork" / name).rmdir()
    assert wsp(machine, "env", "delete", ".venv").exit_code == 0


@pytest.mark.needs("unshare")
def test_nothing_that_is_mounted(machine: Machine) -> None:
    """What lies elsewhere, and is only mounted in the environment, stays, and the environment with it."""
    prefix = make_venv(machine.workspace / ".venv")
    mine = write(machine.home / "mine" / "work.py")
    (prefix / "lib" / "my work").mkdir()
    script = 'mount --bind "$0" "$1" && shift && exec "$@"'
    through = ("unshare", "-rm", "sh", "-c", script, str(mine.parent), str(prefix / "lib/my work"))
    done = command(machine, "env", "delete", ".venv", "--json", through=through)
    assert "lib/my work is mounted in it" in error_of(done, "protected")["message"]
    assert mine.exists()
    assert (prefix / "pyvenv.cfg").exists()


def test_nothing_that_holds_more_than_an_environment(machine: Machine) -> None:
    """What lies beside one is named; what the record of an installed package tells of is part of it."""
    prefix = make_venv(machine.workspace / ".venv")
    write(prefix / "share" / "man" / "tool.1")
    write(prefix / "notes.txt")
    assert "more than an environment: notes.txt, share" in refused(machine, ".venv")
    (prefix / "notes.txt").unlink()
    packages = packages_in(prefix)
    page = os.path.relpath(prefix / "share" / "man" / "tool.1", packages)
    record = f"{page},,\ntool/__init__.py,,\n"
    write(packages / "tool-1.dist-info" / "RECORD", record)
    (prefix / "etc" / "empty").mkdir(parents=True)
    assert wsp(machine, "env", "delete", ".venv").exit_code == 0
    assert not prefix.exists()


def test_nothing_that_only_holds_a_pyvenv_cfg(machine: Machine) -> None:
    """A redirect to a folder of sources with one in it neither deletes nor recreates them."""
    write(machine.workspace / "src" / "pyvenv.cfg", "home = /nowhere\n")
    code = write(machine.workspace / "src" / "main.py")
    write(machine.workspace / ".venv", "src\n")
    assert "it has no interpreter" in refused(machine, "src")
    error_of(wsp(machine, "env", "sync", "--recreate", "--json"), "protected")
    assert code.exists()


def test_no_python_of_the_machine(machine: Machine) -> None:
    """Not even one whose folder holds a ``pyvenv.cfg``."""
    python = make_venv(machine.home / "python")
    write(packages_in(python).parent / "os.py")
    write(machine.workspace / ".python-envs", f"{python}\n")
    assert "a Python of the machine" in refused(machine, str(python))


def test_broken_environments_can_be_deleted(machine: Machine) -> None:
    """A link to nowhere where the interpreter was is an environment still, one made on Windows too."""
    prefix = make_venv(machine.workspace / ".venv")
    lose_base(prefix)
    assert wsp(machine, "env", "delete", ".venv").exit_code == 0
    windows = machine.workspace / ".venv"
    for name in ("pyvenv.cfg", "Scripts/python.exe", "Lib/site-packages/x.py", "Include/x.h"):
        write(windows / name, CFG)
    assert wsp(machine, "env", "delete", ".venv").exit_code == 0
    assert not windows.exists()


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"pyproject.toml": '[project]\nname = "x"\n', "hatch.toml": '[envs.default]\npath = "{}"\n'}, "{}"),
        ({"Pipfile": "", ".venv": "{}\n"}, "{}"),
        ({"poetry.lock": "", "poetry.toml": "", ".python-envs": "{}\n"}, "{}"),
        ({"pdm.lock": "", "pyproject.toml": "[tool.pdm]\n", ".pdm-python": f"{{}}/{PYTHON}\n"}, "{}"),
        ({"environment.yml": "prefix: {}\n", ".venv": "{}\n"}, "{}"),
    ],
    ids=["hatch", "pipenv", "poetry", "pdm", "conda"],
)  # fmt: skip
def test_another_project_s_environment_asks_for_outside(
    machine: Machine, files: dict[str, str], word: str
) -> None:
    """A project's own files can point anywhere: what they lead to outside of it is not the project's to delete."""
    other = make_venv(machine.home / "other" / ".venv")
    for name, text in files.items():
        write(machine.workspace / name, text.format(other.as_posix()))
    error = error_of(wsp(machine, "env", "delete", word.format(other), "--json"), "outside_project")
    assert "--outside" in error["hint"]
    assert python_in(other).exists()


@pytest.mark.needs("POSIX")
def test_no_link_is_followed(machine: Machine) -> None:
    """A link to an environment is refused, and so is an environment behind a linked folder."""
    target = make_venv(machine.home / "envs" / "a")
    link(machine.workspace / "alias", target)
    link(machine.workspace / "envs", target.parent)
    assert "it is a link" in refused(machine, "alias")
    write(machine.workspace / ".python-envs", "envs/a\n")
    error_of(wsp(machine, "env", "delete", "envs/a", "--json"), "outside_project")
    assert os.path.exists(target / "pyvenv.cfg")


@pytest.mark.needs("unshare")
def test_neither_is_deleted_by_another_spelling(machine: Machine) -> None:
    """A home folder that has two paths, as where a system takes both cases for one or a folder is mounted twice, stays."""
    looks_whole(machine.home)
    alias = machine.workspace / "alias"
    alias.mkdir()
    script = 'mount --bind "$0" "$1" && shift && exec "$@"'
    through = ("unshare", "-rm", "sh", "-c", script, str(machine.home.parent), str(alias))
    words = ("env", "delete", str(alias / "home"), "--outside", "--json")
    message = error_of(command(machine, *words, through=through), "protected")["message"]
    assert "it is your home folder" in message
    assert (machine.home / "pyvenv.cfg").exists()


@pytest.mark.parametrize("tool", ["venv", "uv", "hatch", "poetry", "pdm", "pipenv", "tox", "nox"])
def test_what_is_gone_already_is_forgotten_or_said_to_be_gone(machine: Machine, tool: str) -> None:
    """A selection of what is gone ends with it; what a file of the project names is told with that file."""
    write(machine.workspace / "pyproject.toml", f'[workflow]\nwsp = "{tool}"\n')
    prefix = make_venv(machine.workspace / ".venv")
    assert wsp(machine, "env", "select", ".venv").exit_code == 0
    shutil.rmtree(prefix)
    done = wsp(machine, "env", "delete", ".venv")
    assert "was gone already, and is no longer selected" in done.text
    assert done.exit_code == 0
    assert wsp(machine, "env", "list", "--json").document["environments"] == []
    write(machine.workspace / ".venv", "nowhere/env\n")
    error = error_of(wsp(machine, "env", "delete", ".venv", "--json"), "environment_not_found")
    gone = os.path.join("nowhere", "env")
    assert f"{gone} does not exist, so there is nothing to delete" in error["message"]
    assert "Remove what names it: " in error["hint"]
    assert f"{os.sep}.venv redirects to " in error["hint"]


@pytest.mark.needs("POSIX")
def test_a_link_that_leads_nowhere_is_named_itself(machine: Machine) -> None:
    """The path that the refusal names is that of the link, and it says what to do with it."""
    (machine.workspace / ".venv").symlink_to("nowhere")
    error = error_of(wsp(machine, "env", "delete", ".venv", "--json"), "protected")
    assert error["message"] == f"{machine.workspace / '.venv'} is not deleted: it is a link"
    assert error["hint"] == "Remove the link yourself."


def swap_the_folder(prefix: Path, other: Path) -> None:
    """Put another environment where the one was that was looked at."""
    prefix.rename(prefix.with_name("aside"))
    other.rename(prefix)


def swap_what_is_around_it(prefix: Path, other: Path) -> None:
    """Put a link to another folder where the folder of the environments was."""
    prefix.parent.rename(prefix.parent.with_name("aside"))
    prefix.parent.symlink_to(other.parent)


def put_a_repository_into_it(prefix: Path, other: Path) -> None:
    """Move a checkout among the packages."""
    other.rename(prefix / "lib" / "work")
    (prefix / "lib" / "work" / ".git").mkdir()


@pytest.mark.parametrize(
    ("meanwhile", "kept", "reason"),
    [
        (swap_the_folder, "envs/a/mine.py", "it is another folder now"),
        pytest.param(
            swap_what_is_around_it,
            "../other/a/mine.py",
            "it is another folder now",
            marks=pytest.mark.needs("POSIX"),
        ),
        (
            put_a_repository_into_it,
            "envs/a/lib/work/mine.py",
            r"it holds [Ll]ib[/\\]work[/\\]\.git",
        ),
    ],
)
def test_nothing_that_is_put_there_between_the_look_and_the_deletion(
    machine: Machine, meanwhile: Callable[[Path, Path], None], kept: str, reason: str
) -> None:
    """What takes its place, or comes into it, once it was looked at stays, where it was put."""
    prefix = make_venv(machine.workspace / "envs" / "a")
    other = make_venv(machine.workspace.parent / "other" / "a")
    write(other / "mine.py")
    with pytest.raises(Protected, match=reason):
        delete(
            str(prefix),
            str(machine.workspace),
            machine.host,
            Disk(),
            lambda _: meanwhile(prefix, other),
        )
    assert (machine.workspace / kept).exists()
    assert not [name for name in os.listdir(prefix.parent) if "deleted" in name]
