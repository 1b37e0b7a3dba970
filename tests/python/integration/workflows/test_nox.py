"""The workflow ``nox`` against the real nox, in small real projects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import (
    AlreadyExists,
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    NameConflict,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
)
from python_workflow.workflows.nox import place
from support.blocking import Blocking
from support.files import break_venv, tree_of, write
from support.launching import serving
from support.machine import make_venv
from support.making import (
    cancel_while_building,
    kill_while_building,
    local,
    made_by_two,
    make_when_nobody_else_does,
)
from support.pythons import other_python
from support.recipes import PATHS, Site

if TYPE_CHECKING:
    from pathlib import Path

THIS = "{}.{}".format(*sys.version_info[:2])
OTHER = os.path.basename(other_python()).removeprefix("python")
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


@pytest.fixture
def blocking(site: Site) -> Blocking:
    """What the session ``dev`` installs, whose building is held up."""
    session_with(site, 'session.install("./blocking")')
    return Blocking.at(site.root / "blocking")


def session_with(site: Site, *lines: str, head: str = "", wishes: str = "") -> None:
    """Have a noxfile with a session ``dev`` that does what ``lines`` say."""
    body = "".join(f"    {line}\n" for line in lines)
    text = f"{head}import nox\n@nox.session({wishes})\ndef dev(session):\n{body}"
    write(site.root / "noxfile.py", text)


# -- every operation --------------------------------------------------------------------------------------------


def test_every_operation(site: Site) -> None:
    """An environment is made, told of, run in, changed, and deleted, and is a task, by a server of its own."""
    heard: list[str] = []
    with serving(site.machine, "nox") as session:
        assert session.environments() == ()
        assert [(one.name, one.description) for one in session.tasks()] == [("dev", "To develop.")]
        one = session.create(
            "dev", THIS, progress=lambda told: heard.append(told.title + told.message)
        )
        assert (one.id, one.name, one.default, one.managed_by) == (".nox/dev", "dev", True, "nox")
        assert one.prefix == str(site.root / ".nox" / "dev")
        assert {"iniconfig"} < {each.name for each in session.get(one.id).installed_packages or ()}
        assert [each.name for each in session.install(one.id, ["pluggy"]).installed] == ["pluggy"]
        assert [each.name for each in session.uninstall(one.id, ["pluggy"]).removed] == ["pluggy"]
        ran = session.execute(one.id, ["python", "-c", "import iniconfig, sys; print(sys.prefix)"])
        assert ran.stdout.strip() == one.prefix
        assert "environment.sync" not in session.capabilities
        session.delete(one.id)
        assert session.environments() == ()
    assert any("pip install iniconfig" in message for message in heard)
    assert not any("nox >" in message for message in heard)
    assert not (site.root / ".nox" / "dev").exists()


def test_every_session_is_a_task(bare: Site) -> None:
    """Those that are not run by default too, with the first line of what they say of themselves; arguments are added."""
    session = local(bare)
    told = session.tasks()
    assert [one.name for one in told] == SESSIONS
    assert told[0].description == "To develop."
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
    with pytest.raises(InvalidParams, match="no environment can be made"):
        local(bare).create("plain")
    with pytest.raises(ExecutionFailed, match="made no usable environment"):
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


def test_folders_are_nox_own() -> None:
    """A session's folder has the name that nox gives it, however odd or long the session's is."""
    cases = [(top, name) for top in (".nox", "w" * 90, "w" * 95) for name in NAMES]
    python = os.path.join(os.path.dirname(os.path.realpath(PATHS["tools"]["nox"])), "python")
    code = "import json, sys; from nox.sessions import _normalize_path as path; print(json.dumps([path(*case) for case in json.load(sys.stdin)]))"
    told = subprocess.run(
        [python, "-I", "-c", code],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [place(*case) for case in cases] == json.loads(told.stdout)


def test_environments_at_another_place(bare: Site) -> None:
    """A folder that the noxfile says in so many words is known; where it works it out, nothing is made."""
    write(bare.root / "noxfile.py", BARE + "nox.options.envdir = 'my envs'\n")
    one = local(bare).create("dev")
    assert one.prefix == str(bare.root / "my envs" / "dev")
    assert [each.prefix for each in local(bare).environments()] == [one.prefix]
    write(bare.root / "noxfile.py", BARE + "nox.options.envdir = 'my' + 'envs'\n")
    with pytest.raises(InvalidParams, match="no environment can be made"):
        local(bare).create("dev")


def test_packages_beside(bare: Site) -> None:
    """Packages can be wished for; groups and extras cannot, and nothing is made then."""
    with pytest.raises(InvalidParams, match="groups: "):
        local(bare).create("dev", groups=["test"])
    with pytest.raises(InvalidParams, match="extras: "):
        local(bare).create("dev", extras=["more"])
    assert not (bare.root / ".nox").exists()
    one = local(bare).create("dev", packages=["pluggy"])
    assert "pluggy" in {each.name for each in one.installed_packages or ()}


def test_callers_activation_does_not_leak(bare: Site, tmp_path: Path) -> None:
    """An activated environment, modules that PYTHONPATH names, and nox's own choices stay out of it."""
    activated = make_venv(tmp_path / "activated")
    before = tree_of(activated)
    write(tmp_path / "modules" / "json" / "__init__.py", "raise SystemExit('leaked')\n")
    bare.machine.environ.update(
        VIRTUAL_ENV=str(activated),
        PYTHONPATH=str(tmp_path / "modules"),
        PYTHONHOME="/nowhere",
        NOXSESSION="plain",
        NOXFORCEPYTHON="2.7",
    )
    assert local(bare).create("dev").prefix == str(bare.root / ".nox" / "dev")
    assert tree_of(activated) == before


# -- other sessions, and what nox makes when it is merely asked -------------------------------------------------


def test_session_that_requires_another(bare: Site) -> None:
    """What a session requires is left as it is."""
    more = "\n@nox.session(requires=['dev'])\ndef later(session):\n    pass\n"
    write(bare.root / "noxfile.py", BARE + more)
    local(bare).create("later")
    assert [one.name for one in local(bare).environments()] == ["later"]


def test_session_that_has_another_run(site: Site) -> None:
    """What nox makes for a session that it is told to run afterwards is whole, or taken away."""
    other = "\n@nox.session\ndef other(session):\n    session.install('iniconfig<0')\n"
    session_with(site, "session.notify('other')")
    text = (site.root / "noxfile.py").read_text()
    write(site.root / "noxfile.py", text + other)
    with pytest.raises(ExecutionFailed, match="no index has"):
        local(site).create("dev")
    assert local(site).environments() == ()
    write(site.root / "noxfile.py", text + other.replace("<0", ""))
    local(site).create("dev")
    assert {one.name: one.status.state for one in local(site).environments()} == {
        "dev": "ok",
        "other": "ok",
    }


def test_nothing_runs_before_trust(bare: Site) -> None:
    """In a project that is not trusted the noxfile is not run; environments are told of all the same."""
    local(bare).create("dev")
    write(bare.root / "noxfile.py", EXECUTED + BARE)
    session = local(bare, trusted=False)
    assert [one.name for one in session.environments()] == ["dev"]
    assert session.get(".nox/dev").interpreter_path
    assert session.tasks() == ()
    for act in (lambda: session.task_command("dev"), lambda: session.create("dev")):
        with pytest.raises(Protected, match="not trusted"):
            act()
    assert not (bare.root / "executed").exists()


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
    with pytest.raises(ExecutionFailed, match="a module is not there") as raised:
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
    with pytest.raises(PythonUnavailable, match="no Python on this machine"):
        local(site).create("dev")
    assert local(site).environments() == ()


def test_other_python_than_asked_for(bare: Site) -> None:
    """Which Python it is the noxfile says; where that is not the one asked for nothing is left."""
    with pytest.raises(PythonUnavailable, match=f"not {OTHER}"):
        local(bare).create("dev", OTHER)
    with pytest.raises(PythonUnavailable):
        local(bare).create("dev", python="/nowhere/python3")
    assert not (bare.root / ".nox" / "dev").exists()


def test_failures_are_told(site: Site) -> None:
    """An index out of reach, a package that is nowhere, and a broken noxfile leave nothing, and say what to do."""
    session_with(site, "pass", head="def x(:\n")
    with pytest.raises(ExecutionFailed, match="SyntaxError"):
        local(site).create("dev")
    session_with(site, 'session.install("iniconfig<0")')
    with pytest.raises(ExecutionFailed, match="no index has"):
        local(site).create("dev")
    session_with(site, 'session.install("iniconfig")')
    site.lose_the_index()
    with pytest.raises(NetworkUnavailable) as unreachable:
        local(site).create("dev")
    assert "network" in (unreachable.value.hint or "")
    (site.root / "noxfile.py").unlink()
    for act in (lambda: local(site).create("dev"), lambda: local(site).tasks()):
        with pytest.raises(Protected, match=r"no noxfile\.py"):
            act()
    assert not (site.root / ".nox" / "dev").exists()
    assert local(site).environments() == ()


def test_nobody_is_asked(site: Site) -> None:
    """A session that reads an answer gets none."""
    session_with(site, "input('Well? ')")
    with pytest.raises(ExecutionFailed, match="EOF"):
        local(site).create("dev")
    assert local(site).environments() == ()


def test_tool_absent(bare: Site) -> None:
    """Without nox environments are told of and deleted, and what needs it says how to get it."""
    local(bare).create("dev")
    bare.take("nox")
    session = local(bare)
    assert [one.name for one in session.environments()] == ["dev"]
    for act in (lambda: session.create("plain"), session.tasks):
        with pytest.raises(ToolNotInstalled) as raised:
            act()
        assert "pipx install nox" in (raised.value.hint or "")
    session.delete(".nox/dev")
    assert session.environments() == ()


def test_broken_environment(bare: Site) -> None:
    """A broken one is told as such, not made over, and deleted to make it anew."""
    one = local(bare).create("dev")
    break_venv(bare.root / ".nox" / "dev")
    session = local(bare)
    assert [each.status.state for each in session.environments()] == ["broken"]
    with pytest.raises(AlreadyExists):
        session.create("dev")
    session.delete(one.id)
    assert session.create("dev").status.state == "ok"


@pytest.mark.parametrize("folder", ["a b  c", "größe-数-🐍", "x" * 200])
def test_odd_folders(tmp_path: Path, folder: str) -> None:
    """Spaces, letters of any script and long names do no harm."""
    site = Site.at(tmp_path, "nox", folder=folder)
    write(site.root / "noxfile.py", BARE)
    one = local(site).create("dev")
    assert one.prefix == str(site.root / ".nox" / "dev")
    assert [task.name for task in local(site).tasks()] == SESSIONS


def test_read_only_folder(bare: Site) -> None:
    """A folder that cannot be written is told as such."""
    with bare.serving(read_only=True) as session, pytest.raises(Protected, match="written"):
        session.create("dev")


# -- being stopped, and two at once -----------------------------------------------------------------------------


def test_cancelled(site: Site, blocking: Blocking) -> None:
    """A making that is stopped ends what it started, and leaves nothing."""
    with pytest.raises(Cancelled):
        cancel_while_building(site, "dev", blocking)
    assert not (site.root / ".nox" / "dev").exists()
    assert local(site).environments() == ()


def test_killed(site: Site, blocking: Blocking) -> None:
    """What a killed maker leaves is told as broken, and made anew when asked for."""
    kill_while_building(site, "dev", blocking)
    make_when_nobody_else_does(site, "dev")
    (one,) = local(site).environments()
    assert one.status.state == "ok"
    assert "blocking" in {each.name for each in local(site).get(one.id).installed_packages or ()}


def test_two_at_once(bare: Site) -> None:
    """Two makers both get the one environment."""
    assert made_by_two(bare, "dev") == [str(bare.root / ".nox" / "dev")] * 2
