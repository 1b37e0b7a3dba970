"""The workflow ``nox`` against the real nox, in small real projects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.launching import serving
from support.making import (
    local,
)
from support.recipes import PATHS, Site
from workflow_helper.backends.nox import place
from workflow_helper.errors import ExecutionFailed, InvalidParams, NameConflict, PythonUnavailable

if TYPE_CHECKING:
    from pathlib import Path

THIS = "{}.{}".format(*sys.version_info[:2])
#: Sessions that install nothing take a moment, and no index.
BARE = '''\
import nox
print("[]")

@nox.session
def dev(session):
    """To develop.

    Not told in one line."""
    session.run("python", "-c", "import sys; print('-' * 3, *sys.argv[1:])", *session.posargs)

@nox.session(default=False)
@nox.parametrize("how", ["fast", "slow and thorough"])
def tests(session, how):
    pass

@nox.session(python=False)
def plain(session):
    pass

@nox.session(venv_backend="none")
def passing(session):
    pass
'''
SESSIONS = ["dev", "tests(how='fast')", "tests(how='slow and thorough')", "plain", "passing"]
EXECUTED = "import pathlib\npathlib.Path(__file__).with_name('executed').touch()\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project whose session ``dev`` has a dependency."""
    return Site.at(tmp_path, "nox")


@pytest.fixture
def bare(site: Site) -> Site:
    """A project whose sessions install nothing."""
    write(site.root / "noxfile.py", BARE)
    return site


def session_with(site: Site, *lines: str, head: str = "", wishes: str = "") -> None:
    """Have a noxfile with a session ``dev`` that does what ``lines`` say."""
    body = "".join(f"    {line}\n" for line in lines)
    text = f"{head}import nox\n@nox.session({wishes})\ndef dev(session):\n{body}"
    write(site.root / "noxfile.py", text)


# -- every operation --------------------------------------------------------------------------------------------


def test_every_session_is_a_task(bare: Site) -> None:
    """Those that are not run by default too, with the first line of what they say of themselves; arguments are added."""
    session = local(bare)
    tasks = session.tasks()
    assert [one.name for one in tasks] == SESSIONS
    assert tasks[0].description == "To develop."
    task = session.task_command("dev", ["a b", "--c"])
    done = subprocess.run(
        task.argv,
        cwd=task.cwd,
        env=task.applied({**bare.machine.environ, "NOXPYTHON": "2.7", "NOXSESSION": "plain"}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--- a b --c" in done.stdout
    with pytest.raises(InvalidParams, match="it has dev, tests"):
        session.task_command("tests")


def test_folder_that_nox_made_is_what_nox_says(bare: Site) -> None:
    """What nox itself made is told of with nox's own folder, whether or not the project is trusted."""
    body = "print('at', session.virtualenv.location)"
    session_with(bare, body)
    prefix = next(
        line.removeprefix("at ").strip()
        for line in bare.run("-s", "dev").splitlines()
        if line.startswith("at ")
    )
    for trusted in (True, False):
        (one,) = local(bare, trusted=trusted).environments()
        assert (one.prefix, one.default) == (os.path.join(bare.root, prefix), True)
    environment = bare.machine.wsp("env", "default", "--workflow", "nox")["environment"]
    assert isinstance(environment, dict)
    assert environment["prefix"] == os.path.join(bare.root, prefix)


def test_which_is_made(bare: Site) -> None:
    """Without a name it is ``dev``; a session is named by what nox calls it, or by its folder."""
    assert local(bare).create("default").name == "dev"
    name = "tests-how-slow-and-thorough"
    assert local(bare).create(SESSIONS[2], THIS).prefix == str(bare.root / ".nox" / name)
    local(bare).delete(f".nox/{name}")
    assert local(bare).create(name).name == name
    with pytest.raises(InvalidParams, match="it has dev, tests"):
        local(bare).create("tests")
    with pytest.raises(NameConflict), serving(bare.machine, "nox") as session:
        session.create("dev")


def test_session_without_an_environment(bare: Site) -> None:
    """A session that runs in nox's own Python is a task alone."""
    with pytest.raises(InvalidParams, match="no environment can be created"):
        local(bare).create("plain")
    with pytest.raises(ExecutionFailed, match="created no usable environment"):
        local(bare).create("passing")
    assert local(bare).environments() == ()


NAMES = [
    "tests-3.12(django='1.9')",
    "Größe ☃",
    "☃",
    "_under_ -score-",
    "a/b\\c..d",
    "x" * 83,
    "x" * 90,
    "é" * 84,
]


@pytest.mark.needs("POSIX")
def test_folders_are_nox_own() -> None:
    """A session's folder has the name that nox gives it, however odd or long the session's is."""
    cases = [(top, name) for top in (".nox", "w" * 90, "w" * 95) for name in NAMES]
    python = os.path.join(os.path.dirname(os.path.realpath(PATHS["tools"]["nox"])), "python")
    code = "import json, sys; from nox.sessions import _normalize_path as path; print(json.dumps([path(*case) for case in json.load(sys.stdin)]))"
    finished = subprocess.run(
        [python, "-I", "-c", code],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [place(*case) for case in cases] == json.loads(finished.stdout)


def test_environments_at_another_place(bare: Site) -> None:
    """A folder that the noxfile says in so many words is known; where it works it out, nothing is made."""
    write(bare.root / "noxfile.py", BARE + "nox.options.envdir = 'my envs'\n")
    one = local(bare).create("dev")
    assert one.prefix == str(bare.root / "my envs" / "dev")
    assert [each.prefix for each in local(bare).environments()] == [one.prefix]
    write(bare.root / "noxfile.py", BARE + "nox.options.envdir = 'my' + 'envs'\n")
    with pytest.raises(InvalidParams, match="no environment can be created"):
        local(bare).create("dev")


# -- other sessions, and what nox makes when it is merely asked -------------------------------------------------


def test_session_that_requires_another(bare: Site) -> None:
    """What a session requires is left as it is."""
    more = "\n@nox.session(requires=['dev'])\ndef later(session):\n    pass\n"
    write(bare.root / "noxfile.py", BARE + more)
    local(bare).create("later")
    assert [one.name for one in local(bare).environments()] == ["later"]


@pytest.mark.slow
def test_session_that_has_another_run(site: Site) -> None:
    """What nox makes for a session that it is told to run afterwards is whole, or taken away."""
    other = "\n@nox.session\ndef other(session):\n    session.install('iniconfig<0')\n"
    session_with(site, "session.notify('other')")
    text = (site.root / "noxfile.py").read_text()
    write(site.root / "noxfile.py", text + other)
    with pytest.raises(ExecutionFailed, match="in none of the package indexes"):
        local(site).create("dev")
    assert local(site).environments() == ()
    write(site.root / "noxfile.py", text + other.replace("<0", ""))
    local(site).create("dev")
    assert {one.name: one.status.state for one in local(site).environments()} == {
        "dev": "ok",
        "other": "ok",
    }


def test_question_leaves_nothing(bare: Site) -> None:
    """Asking runs the noxfile, and writes nothing, not even its byte code."""
    before = tree_of(bare.root)
    local(bare).tasks()
    local(bare).task_command("dev")
    assert local(bare).environments() == ()
    assert tree_of(bare.root) == before


def test_noxfile_with_dependencies(site: Site) -> None:
    """Where the noxfile needs packages beside nox, a question installs none; making an environment does, and is asked from then on."""
    head = "# /// script\n# dependencies = ['nox', 'iniconfig']\n# ///\nimport iniconfig\n"
    session_with(site, "pass", head=head)
    before = tree_of(site.root)
    with pytest.raises(ExecutionFailed, match="imports is missing") as raised:
        local(site).tasks()
    assert "# /// script" in (raised.value.hint or "")
    assert tree_of(site.root) == before
    local(site).create("dev")
    before = tree_of(site.root)
    assert [one.name for one in local(site).tasks()] == ["dev"]
    assert [one.name for one in local(site).environments()] == ["dev"]
    assert tree_of(site.root) == before


# -- errors -----------------------------------------------------------------------------------------------------


def test_python_that_is_not_there(site: Site) -> None:
    """A Python that nox does not find is an error, where nox alone would pass over the session."""
    session_with(site, "pass", wishes="python='3.99'")
    with pytest.raises(PythonUnavailable, match="this machine does not have"):
        local(site).create("dev")
    assert local(site).environments() == ()


def test_nobody_is_asked(site: Site) -> None:
    """A session that reads an answer gets none."""
    session_with(site, "input('Well? ')")
    with pytest.raises(ExecutionFailed, match="EOF"):
        local(site).create("dev")
    assert local(site).environments() == ()


# -- being stopped, and two at once -----------------------------------------------------------------------------
