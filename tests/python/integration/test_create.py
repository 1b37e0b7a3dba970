"""Environments made by real uv and by Python's own venv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import python_in, write
from support.forked_command import wsp
from support.launching import put_uv_on_path
from support.machine import Machine, make_venv
from support.pythons import folder_with
from support.pythons import this_python as python_of_tests
from workflow_helper.backends import venv
from workflow_helper.backends.context import BackendContext
from workflow_helper.backends.project import Project
from workflow_helper.discovery.environments import health, in_progress
from workflow_helper.discovery.environments.in_progress import MARKER
from workflow_helper.discovery.interpreters.choose import choose_python
from workflow_helper.discovery.interpreters.find import inspect
from workflow_helper.errors import (
    AlreadyExists,
    Cancelled,
    CreateFailed,
    NotFound,
    Protected,
    PythonUnavailable,
    UsageError,
    WorkflowError,
)
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.claim import claimed

if TYPE_CHECKING:
    from workflow_helper.backends.context import Redirect
    from workflow_helper.model import Interpreter

POSIX = pytest.mark.needs("POSIX")
BIRTHS = pytest.mark.needs("births")
#: A name that a shell takes for two commands; of Python's own venv, no folder of Windows may hold the former.
ODD = "a;b" if os.name == "posix" else "a&b"


@pytest.fixture(params=["uv", "venv"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """A machine with uv on PATH, and one without."""
    made = with_python(tmp_path)
    if request.param == "uv":
        put_uv_on_path(made)
    return made


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine without uv."""
    return with_python(tmp_path)


def with_python(folder: Path) -> Machine:
    """A machine with the Python of the tests."""
    made = Machine.at(folder)
    python = folder_with(python_of_tests(), folder / "python")
    made.environ["PATH"] = os.pathsep.join((python, made.environ["PATH"]))
    return made


def this_python(machine: Machine) -> Interpreter:
    """The interpreter that made the environment of the tests."""
    found = inspect(python_of_tests(), machine.host, Disk())
    assert found is not None
    return found


def context_of(machine: Machine) -> BackendContext:
    """The workspace, for the workflow venv."""
    project = Project("venv", str(machine.workspace), machine.host, Disk())
    return BackendContext(venv.BACKEND, project, machine.host, Disk(), trusted=True)


def create(
    machine: Machine,
    name: str = ".venv",
    *,
    redirect: Redirect = "file",
    cancelled: threading.Event | None = None,
) -> tuple[str, list[str]]:
    """Make an environment in the workspace; its folder, and what was reported."""
    reports: list[str] = []
    context = context_of(machine)._replace(
        report=reports.append, redirect=redirect, cancelled=cancelled
    )
    prefix = venv.create(context, name, this_python(machine))
    return prefix, reports


def names(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(os.listdir(folder))


def failing_uv(machine: Machine, script: str) -> None:
    """Put a uv of our own first on PATH."""
    folder = machine.home / "tools"
    folder.mkdir()
    (folder / "uv").write_text(f"#!/bin/sh\nfor last; do :; done\n{script}\n")
    (folder / "uv").chmod(0o755)
    machine.environ["PATH"] = os.pathsep.join((str(folder), machine.environ["PATH"]))


# -- what is made -----------------------------------------------------------------------------------------------


def test_environment_works(machine: Machine) -> None:
    """What is made is a valid environment of the Python that was asked for, without pip, and it runs."""
    prefix, reports = create(machine)
    assert prefix == str(machine.workspace / ".venv")
    assert health.inspect(prefix, machine.host, Disk()).status.state == "ok"
    version = tuple(sys.version_info[:2])
    script = f"import sys; print(sys.prefix, sys.version_info[:2] == {version})"
    python = python_in(Path(prefix))
    argv = [str(python), "-I", "-X", "utf8", "-c", script]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == [f"{prefix} True"]
    assert list(python.parent.glob("pip*")) == []
    assert str(this_python(machine).path) in reports[0]
    assert names(machine.workspace) == [".git", ".venv"]
    assert MARKER not in names(machine.workspace / ".venv")


def test_uv_is_used_where_it_is(machine: Machine) -> None:
    """The environment says by which tool it was made."""
    create(machine)
    made_by_uv = "uv = " in (machine.workspace / ".venv" / "pyvenv.cfg").read_text()
    assert made_by_uv == (machine.home / "tools").exists()


def test_project_chooses_nothing(machine: Machine) -> None:
    """Neither the project's configuration nor modules in it, nor an activated shell, touch what is made."""
    workspace = machine.workspace
    (workspace / "uv.toml").write_text("this is no TOML\n")
    (workspace / "pyproject.toml").write_text('[tool.uv]\npython-preference = "only-managed"\n')
    for module in ("venv.py", "sitecustomize.py", "os.py"):
        (workspace / module).write_text("raise SystemExit('the project was run')\n")
    machine.environ.update(
        VIRTUAL_ENV="/nowhere", PYTHONPATH=str(workspace), UV_VENV_CLEAR="1", UV_NO_CONFIG="0"
    )
    machine.environ.update(
        PYTHONHOME="/nowhere", UV_PYTHON_PREFERENCE="only-managed", UV_VENV_SEED="1"
    )
    prefix, _ = create(machine)
    assert health.inspect(prefix, machine.host, Disk()).status.state == "ok"


@POSIX
def test_uv_of_the_project_is_not_used(bare: Machine) -> None:
    """A uv that the project brings along is not run, though PATH names its folder."""
    planted = bare.workspace / "bin" / "uv"
    planted.parent.mkdir()
    planted.write_text("#!/bin/sh\ntouch $HOME/ran\n")
    planted.chmod(0o755)
    bare.environ["PATH"] = os.pathsep.join((str(planted.parent), bare.environ["PATH"]))
    create(bare)
    assert not (bare.home / "ran").exists()


@pytest.mark.parametrize("name", ["a b", "'quoted'", "$(touch x)", "ünï", ODD, "%TEMP%"])
def test_odd_names(machine: Machine, name: str) -> None:
    """A name is a name, whatever a shell would make of it."""
    prefix, _ = create(machine, name)
    assert health.inspect(prefix, machine.host, Disk()).status.state == "ok"
    assert (machine.workspace / ".venv").read_text(encoding="utf-8") == f"{name}\n"
    assert names(machine.workspace) == sorted([".git", ".venv", name])


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a..b", "-x", "--clear", "a/b", "a\\b", "/x", "C:x", "a\nb", "a\0b", " x", "x ", "x.",
     "NUL", "nul.txt", "com1", "LPT\u00b9", "a*", 'a"b', ".git", ".python-envs", "x" * 129],
)  # fmt: skip
def test_names_that_are_none(bare: Machine, name: str) -> None:
    """A name that is a path, an option, a device, or something else in a project is refused."""
    with pytest.raises(UsageError):
        create(bare, name)
    assert names(bare.workspace) == [".git"]


# -- nothing is overwritten -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "file",
        "folder",
        "environment",
        *(pytest.param(kind, marks=POSIX) for kind in ("link", "broken link", "fifo")),
    ],
)
def test_what_exists_is_left_alone(machine: Machine, kind: str) -> None:
    """Whatever has the name already stays as it is, an empty folder and a link to nowhere too."""
    path = machine.workspace / "taken"
    other = machine.home / "other"
    other.mkdir()
    match kind:
        case "file":
            path.write_text("mine")
        case "folder":
            path.mkdir()
        case "environment":
            make_venv(path)
        case "link":
            path.symlink_to(other)
        case "broken link":
            path.symlink_to("nowhere")
        case _:
            os.mkfifo(path)
    before = os.lstat(path)
    with pytest.raises(AlreadyExists):
        create(machine, "taken")
    after = os.lstat(path)
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_mode,
    )
    assert names(other) == []
    assert not os.path.lexists(machine.workspace / ".venv")


def test_two_makers_cannot_meet(machine: Machine) -> None:
    """Of many that make one environment at once, one succeeds, and the others are told why not."""
    outcomes: list[str] = []

    def make() -> None:
        try:
            outcomes.append(create(machine)[0])
        except AlreadyExists as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    prefix = str(machine.workspace / ".venv")
    assert sorted(outcomes) == sorted([prefix, *["already_exists"] * 7])
    assert health.inspect(prefix, machine.host, Disk()).status.state == "ok"


def kill_a_maker(machine: Machine) -> Path:
    """Have a process claim ``.venv``, put something into it, and be killed; the folder."""
    script = (
        "import os, sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from support.machine import Machine\n"
        "from workflow_helper.install.claim import claimed\n"
        "base = Path(sys.argv[1])\n"
        "machine = Machine(base / 'home', base / 'workspace', {'HOME': str(base / 'home')})\n"
        "with claimed(str(machine.workspace / '.venv'), machine.host):\n"
        "    (machine.workspace / '.venv' / 'lib').mkdir()\n"
        "    (machine.workspace / '.venv' / 'lib' / 'junk').write_text('')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    argv = [sys.executable, "-I", "-c", script, str(machine.home.parent), tests]
    subprocess.run(argv, check=False)
    path = machine.workspace / ".venv"
    assert names(path / "lib") == ["junk"]
    return path


@BIRTHS
def test_left_over_of_a_killed_maker_is_replaced(machine: Machine) -> None:
    """A folder that a killed maker left is taken away and recreated."""
    path = kill_a_maker(machine)
    create(machine)
    assert MARKER not in names(path)
    assert "junk" not in names(path / "lib")


@BIRTHS
@pytest.mark.parametrize("name", ["src/mine/.git", ".git", "thesis.txt", "notes/today"])
def test_left_over_into_which_somebody_put_something_stays(machine: Machine, name: str) -> None:
    """What neither an environment nor its packages put there is somebody's; a deletion leaves it as well."""
    path = kill_a_maker(machine)
    write(path / name)
    with pytest.raises(Protected, match=name.partition("/")[0]):
        create(machine)
    write(path / "pyvenv.cfg", "home = /usr/bin\n")
    error = wsp(machine, "env", "delete", ".venv", "--json").document["error"]
    assert error["code"] == "protected"
    assert (path / name).exists()


def test_left_over_that_somebody_completed_stays(bare: Machine) -> None:
    """A folder that a killed maker left, and somebody made an environment of since, stays."""
    path = kill_a_maker(bare)
    make_venv(path)
    with pytest.raises(AlreadyExists):
        create(bare)
    assert "junk" in names(path / "lib")


def test_another_folder_at_the_place_of_a_left_over_stays(bare: Machine) -> None:
    """What somebody put where a killed maker's folder was is neither called unfinished nor taken away."""
    path = kill_a_maker(bare)
    shutil.rmtree(path)
    make_venv(path)
    write(path / "lib" / "precious")
    with pytest.raises(AlreadyExists):
        create(bare)
    assert (path / "lib" / "precious").exists()
    assert health.inspect(str(path), bare.host, Disk()).status.state == "ok"


@BIRTHS
def test_environment_made_by_hand_after_a_tool_was_killed_is_whole(bare: Machine) -> None:
    """Before and after the killed tool had made its folder, what the user makes there counts, and stays."""
    path = bare.workspace / ".venv"
    tool = (
        "import sys, time; from workflow_helper.system.host import this_host\n"
        "from workflow_helper.install.claim import unfinished\n"
        "import os\n"
        "with unfinished(sys.argv[1], this_host()):\n"
        "    for name in sys.argv[2:]: os.mkdir(name)\n"
        "    time.sleep(0.3); print('begun', flush=True); time.sleep(600)\n"
    )
    for made in ((str(path),), ()):
        argv = [sys.executable, "-I", "-c", tool, str(path), *made]
        child = subprocess.Popen(argv, env=bare.environ, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"begun"
        child.kill()
        child.communicate()
        if made:
            write(path / "pyvenv.cfg", "home = /usr/bin\n")
            assert "unfinished" in health.inspect(str(path), bare.host, Disk()).status.message
            path.joinpath("pyvenv.cfg").unlink()
            path.rmdir()
        time.sleep(1.1)  # a person takes longer
        make_venv(path)
        assert health.inspect(str(path), bare.host, Disk()).status.state == "ok"
        with pytest.raises(AlreadyExists):
            create(bare)
        shutil.rmtree(path)


def test_marker_of_a_project_means_nothing(bare: Machine) -> None:
    """A project that brings the mark of an unfinished environment does not get its folder removed."""
    path = bare.workspace / ".venv"
    path.mkdir()
    (path / MARKER).write_text("0" * 32)
    (path / "precious").write_text("")
    with pytest.raises(AlreadyExists):
        create(bare)
    assert names(path) == [MARKER, "precious"]


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "loop"])
def test_what_is_no_note_in_the_place_of_one_is_a_sentence(bare: Machine, kind: str) -> None:
    """It holds up no reader, and whoever would write there says what is in the way and leaves it."""
    path = bare.workspace / ".venv"
    note = Path(in_progress.note(str(path), bare.host))
    note.parent.mkdir(parents=True)
    precious = write(bare.home / "precious", f"{in_progress.FILLED} ")
    if kind == "pipe":
        os.mkfifo(note)
    elif kind == "folder":
        note.mkdir()
    else:
        note.symlink_to(precious if kind == "link" else note)
    with pytest.raises(WorkflowError, match=note.name):
        create(bare)
    assert precious.read_text() == f"{in_progress.FILLED} "
    make_venv(path)
    os.mkfifo(path / MARKER)
    health.inspect(str(path), bare.host, Disk())  # else this waits for ever
    assert os.path.lexists(note)


# -- nothing half-made ------------------------------------------------------------------------------------------


@POSIX
def test_failed_tool_leaves_nothing(bare: Machine) -> None:
    """A tool that fails is quoted, and what it left is taken away."""
    failing_uv(
        bare, 'mkdir "$last/bin"; echo x >"$last/pyvenv.cfg"; echo "no space left" >&2; exit 2'
    )
    with pytest.raises(CreateFailed, match=r"(?s)uv failed \(2\) at creating .*no space left"):
        create(bare, "other")
    assert names(bare.workspace) == [".git"]


@POSIX
def test_tool_that_made_nothing(bare: Machine) -> None:
    """A tool that says it succeeded is not believed until the environment is there."""
    failing_uv(bare, "exit 0")
    with pytest.raises(CreateFailed, match="no usable environment"):
        create(bare)
    assert names(bare.workspace) == [".git"]


def test_python_that_is_gone(machine: Machine) -> None:
    """A Python that does not start is told of, and nothing is left."""
    gone = this_python(machine)._replace(path="/nowhere/python3")
    with pytest.raises(CreateFailed):
        venv.create(context_of(machine), "x", gone)
    assert names(machine.workspace) == [".git"]


def test_cancelled(machine: Machine) -> None:
    """A creation that is cancelled before it begins leaves nothing."""
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        create(machine, cancelled=cancelled)
    assert names(machine.workspace) == [".git"]


def test_folder_that_cannot_be_written(bare: Machine) -> None:
    """A root that is not there is told of in one sentence."""
    shutil.rmtree(bare.workspace)
    with pytest.raises(WorkflowError, match="could not be created"):
        create(bare)


def test_folder_moved_away_meanwhile(bare: Machine) -> None:
    """Only what was made is taken away: not what somebody put in its place."""
    path = bare.workspace / "x"

    def replace_it() -> None:
        with claimed(str(path), bare.host):
            path.rename(bare.workspace / "moved")
            path.mkdir()
            (path / "precious").write_text("")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_it()
    assert names(path) == ["precious"]


# -- how it is made known ---------------------------------------------------------------------------------------


def test_redirect_file_where_there_is_no_venv(machine: Machine) -> None:
    """An environment of another name gets a .venv redirect, and becomes the default."""
    prefix, reports = create(machine, "py")
    assert (machine.workspace / ".venv").read_bytes() == b"py\n"
    assert "redirects to py" in reports[-1]
    found = machine.wsp("env", "default")["environment"]
    assert isinstance(found, dict)
    assert found["prefix"] == prefix


@pytest.mark.parametrize(
    "kind",
    ["folder", "file", *(pytest.param(kind, marks=POSIX) for kind in ("broken link", "link"))],
)
def test_redirect_never_over_a_venv(machine: Machine, kind: str) -> None:
    """A .venv of any form stays as it is, and nothing is written through a link."""
    path = machine.workspace / ".venv"
    target = machine.home / "target"
    match kind:
        case "folder":
            make_venv(path)
        case "file":
            path.write_text("other\n")
        case "broken link":
            path.symlink_to(target)
        case _:
            target.write_text("other\n")
            path.symlink_to(target)
    before = os.lstat(path).st_ino
    _, reports = create(machine, "py")
    assert os.lstat(path).st_ino == before
    assert "stays the default" in reports[-1]
    assert kind != "broken link" or not target.exists()
    assert kind != "link" or target.read_text() == "other\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"py\n"),
        (b"one\n", b"one\npy\n"),
        (b"one", b"one\npy\n"),
        (b"\xef\xbb\xbfone\r\n\r\ntwo\r\n", b"\xef\xbb\xbfone\r\n\r\ntwo\r\npy\n"),
    ],
)
def test_line_in_python_envs(bare: Machine, before: bytes, after: bytes) -> None:
    """Where .python-envs is, a line is added, and every byte of it and its mode are kept."""
    path = bare.workspace / ".python-envs"
    path.write_bytes(before)
    path.chmod(0o640)
    prefix, reports = create(bare, "py")
    assert path.read_bytes() == after
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert "Added py" in reports[-1]
    assert not (bare.workspace / ".venv").exists()
    found = bare.wsp("env", "default")["environment"]
    assert isinstance(found, dict)
    assert found["prefix"] == prefix


@pytest.mark.parametrize(
    "kind",
    ["UTF-16", "folder", *(pytest.param(kind, marks=POSIX) for kind in ("link", "broken link"))],
)
def test_python_envs_that_is_not_ours_to_change(bare: Machine, kind: str) -> None:
    """A .python-envs that is a link, a folder, or not UTF-8 is left alone; the environment is made all the same."""
    path = bare.workspace / ".python-envs"
    target = bare.home / "target"
    match kind:
        case "UTF-16":
            path.write_bytes("one\n".encode("utf-16"))
        case "link":
            target.write_text("one\n")
            path.symlink_to(target)
        case "broken link":
            path.symlink_to(target)
        case _:
            path.mkdir()
    before = os.lstat(path)
    prefix, reports = create(bare, "py")
    after = os.lstat(path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert kind != "link" or target.read_text() == "one\n"
    assert kind != "broken link" or not target.exists()
    assert "py is not the default" in reports[-1]
    assert health.inspect(prefix, bare.host, Disk()).status.state == "ok"


def test_many_lines_at_once(bare: Machine) -> None:
    """Environments that are made at once each get their line."""
    path = bare.workspace / ".python-envs"
    path.write_text("")
    threads = [threading.Thread(target=create, args=(bare, f"e{number}")) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().splitlines()) == [f"e{number}" for number in range(6)]


def test_redirect_choices(bare: Machine) -> None:
    """The caller can have no redirect, or a line in a new .python-envs."""
    create(bare, "one", redirect="none")
    assert names(bare.workspace) == [".git", "one"]
    create(bare, "two", redirect="python-envs")
    assert names(bare.workspace) == [".git", ".python-envs", "one", "two"]
    assert (bare.workspace / ".python-envs").read_text() == "two\n"


# -- which Python -----------------------------------------------------------------------------------------------


def chosen(machine: Machine, spec: str | None = None) -> Interpreter:
    """The Python for the workspace."""
    return choose_python(spec, str(machine.workspace), machine.host, Disk())


def test_python_by_path_and_version(bare: Machine) -> None:
    """A Python can be named by its path or a version; one that is not there is not found."""
    path = python_of_tests()
    assert chosen(bare, path).path == path
    best = chosen(bare)
    assert best.version is not None
    assert chosen(bare, best.version) == best
    for spec in map(os.path.abspath, ("/bin/sh", "/nowhere/python")):
        with pytest.raises(NotFound):
            chosen(bare, spec)
    for spec, named in (("2.99", "'wsp python install 2.99'"), (">=9", "X.Y")):
        with pytest.raises(PythonUnavailable) as raised:
            chosen(bare, spec)
        assert named in (raised.value.hint or "")
    with pytest.raises(UsageError):
        chosen(bare, "not a version")


def test_python_by_the_projects_own_files(bare: Machine) -> None:
    """The file .python-version decides, then requires-python; what is no version there is an error, and no other Python is taken."""
    best = chosen(bare)
    assert best.version is not None
    minor = ".".join(best.version.split(".")[:2])
    pin, project = bare.workspace / ".python-version", bare.workspace / "pyproject.toml"
    project.write_text('[project]\nrequires-python = ">=9"\n')
    with pytest.raises(PythonUnavailable, match="requires-python"):
        chosen(bare)
    pin.write_text(f"# pinned\n{minor}\n")
    assert chosen(bare) == best
    pin.write_text("3.99\n")
    with pytest.raises(PythonUnavailable, match=r"3\.99 \(.*[\\/]\.python-version\)") as raised:
        chosen(bare)
    assert "'wsp python install 3.99'" in (raised.value.hint or "")
    project.write_text('[project]\nrequires-python = ">=3.6"\n')
    pin.write_text("my-virtualenv\n")
    with pytest.raises(PythonUnavailable, match="my-virtualenv"):
        chosen(bare)


def test_python_of_a_file_above_and_of_the_variable(bare: Machine) -> None:
    """The nearest file up to the repository's top decides, and UV_PYTHON before any."""
    best = chosen(bare)
    service = bare.workspace / "service"
    service.mkdir()
    (bare.workspace / ".python-version").write_text(f"3.99 {best.version}\n")
    assert choose_python(None, str(service), bare.host, Disk()) == best
    (service / ".python-version").write_text(f"{best.path}\n")
    assert choose_python(None, str(service), bare.host, Disk()).path == best.path
    host = bare.host._replace(environ={**bare.host.environ, "UV_PYTHON": "3.98"})
    with pytest.raises(PythonUnavailable, match=r"3\.98 \(UV_PYTHON\)"):
        choose_python(None, str(service), host, Disk())


def test_machine_without_python(bare: Machine) -> None:
    """A machine without any Python is told of as such."""
    host = bare.host._replace(environ={"PATH": ""}, platform="win32")
    with pytest.raises(PythonUnavailable, match="no Python"):
        choose_python(None, str(bare.workspace), host, Disk())
