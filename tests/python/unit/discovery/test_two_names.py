"""A folder that has two names, as where a system takes letters of both cases for one: it is one folder, for trust too.

Mounting a folder a second time stands in for such a file system, which few machines that test have.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from support.files import link
from workflow_helper.filesystem.paths import is_inside, is_inside_any, same
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import FollowOnce, real_path
from workflow_helper.model import Question
from workflow_helper.trust.policy import Subject, decide, is_declared_by

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

#: Mounts the first folder at the second, and evaluates the third word in Python.
_MOUNTED = 'mount --bind "$0" "$1" && exec "$2" -c "$3"'
_BEFORE = """
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.paths import *
from workflow_helper.model import Declaration, Question, ScriptLaunch
from workflow_helper.trust.policy import *
"""


def where_mounted(folder: Path, alias: Path, question: str) -> str:
    """What ``question`` prints where ``folder`` is mounted at ``alias``, too."""
    alias.mkdir()
    text = f"{_BEFORE}one, other = {str(folder)!r}, {str(alias)!r}\nprint({question})"
    words = [_MOUNTED, str(folder), str(alias), sys.executable, text]
    argv = ["unshare", "-rm", "sh", "-c", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.needs("unshare")
def test_a_folder_with_two_names_is_one(tmp_path: Path) -> None:
    """What lies in it lies in it by either name, what is not there yet too, and nothing else does."""
    folder = tmp_path / "Shop"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "Shop2").mkdir()
    questions = (
        "same(one, other)",
        "same(f'{one}/sub', f'{other}/sub/')",
        "is_inside(f'{other}/sub', one) and is_inside(f'{one}/sub', other)",
        "is_inside(f'{other}/not/there', one)",
        "is_inside_any(f'{other}/sub', ['/nowhere', one])",
        "not is_inside(one, f'{other}/sub')",
        "not is_inside(f'{other}/../Shop2', one)",
        "not is_inside(f'{other}2', one) and not same(f'{one}/sub', other)",
    )
    assert where_mounted(folder, tmp_path / "shop", f"[{', '.join(questions)}]") == str(
        [True] * len(questions)
    )


@pytest.mark.needs("unshare")
def test_trust_is_of_the_folder_whatever_it_is_called(machine: Machine) -> None:
    """An editor's trust of it holds by its other name, and what it declares is its own word by either, not the user's."""
    folder = machine.workspace / "Shop"
    folder.mkdir()
    opened = "Question(other, editor=True, trusted=True, opened=(one,))"
    question = (
        f"decide('query', Subject(other), {opened}, None, Disk()).allowed,"
        f" decide('query', Subject(other + '/..'), {opened}, None, Disk()).allowed,"
        " is_declared_by(Declaration('x', ScriptLaunch('x'), one + '/pyproject.toml'), other)"
    )
    answers = where_mounted(folder, machine.workspace / "shop", question)
    assert answers == "True False True"


@pytest.mark.needs("POSIX")
def test_what_a_project_declares_is_its_own_word_by_any_path(machine: Machine) -> None:
    """A project that is reached through a link needs consent as it does by its own path."""
    root = str(machine.workspace)
    alias = str(link(machine.home / "alias", root))
    declared = declaration({"script": "serve.py"}, os.path.join(root, "pyproject.toml"))
    assert is_declared_by(declared, alias)
    assert not is_declared_by(declared, str(machine.home))
    assert not decide(
        "start", Subject(alias, declared), Question(alias), machine.host, Disk()
    ).allowed


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("open", True),
        ("open/", True),
        ("open//x/.", True),
        ("open/x/../y", True),
        ("open/..", False),
        ("open/../opened", False),
        ("open/none/../../opened", False),
        ("open/out", False),
        ("open/out/x", False),
        ("open/out/../open", False),
        ("open/loop/../../opened", False),
        ("in", True),
        ("in/../x", True),
        ("opened", False),
        ("", False),
    ],
)
def test_what_is_inside_is_so_where_the_system_leads(
    tmp_path: Path, path: str, *, inside: bool
) -> None:
    """Dots, doubled and trailing separators, links out, in and in loops, and names that begin alike."""
    base = str(tmp_path.resolve())
    for name in ("open/x", "opened", "away/deep"):
        os.makedirs(os.path.join(base, name))
    link(tmp_path / "open" / "out", os.path.join(base, "away", "deep"))
    link(tmp_path / "open" / "loop", "loop")
    link(tmp_path / "in", "open/x")
    for folder in (f"{base}/open", f"{base}/open/", f"/{base}/open", f"{base}/opened/../open"):
        for spelled in (f"{base}/{path}", f"/{base}/{path}"):
            assert is_inside(spelled, folder) is inside
            assert is_inside_any(spelled, ("/none", folder)) is inside
            with FollowOnce():
                assert is_inside(spelled, folder) is inside
    assert not is_inside_any(base, ())


@pytest.mark.needs("POSIX")
def test_two_slashes_at_the_start_are_one(tmp_path: Path) -> None:
    """As Linux and macOS take them, and however often it is asked."""
    base = str(tmp_path.resolve())
    with FollowOnce():
        assert real_path(f"/{base}/x") == f"{base}/x"
        assert same(f"/{base}", base)
