"""What a workflow requires, installed into cached environments: by uv, and by venv and pip."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import pythons
from support.files import break_venv, python_in, write
from support.launching import SCRIPT, launched, put_uv_on_path, reach_the_index, told_by, wheel
from support.machine import Machine
from support.tree import bundle
from workflow_helper.discovery.environments import health
from workflow_helper.discovery.interpreters.find import inspect
from workflow_helper.errors import Cancelled, CreateFailed, UsageError
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import cache, provision
from workflow_helper.install.work import Work

if TYPE_CHECKING:
    from workflow_helper.model import Interpreter

DAY = 24 * 3600
PIP_CONFIG = "pip.ini" if os.name == "nt" else "pip.conf"


@pytest.fixture(params=["uv", "pip"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """A machine with uv on PATH, and one without."""
    made = Machine.at(tmp_path)
    if request.param == "uv":
        put_uv_on_path(made)
    return made


@pytest.fixture
def quick(tmp_path: Path) -> Machine:
    """A machine with uv, where it does not matter who installs."""
    made = Machine.at(tmp_path)
    put_uv_on_path(made)
    return made


def has_uv(machine: Machine) -> bool:
    """Whether the machine has uv."""
    return (machine.home / "tools").is_dir()


def this_python(machine: Machine) -> Interpreter:
    """The Python that runs the tests."""
    found = inspect(pythons.this_python(), machine.host, Disk())
    assert found is not None
    return found


def provide(
    machine: Machine, *requirements: str, base: Path | None = None, work: Work | None = None
) -> str:
    """The environment that holds ``requirements``, which are relative to the workspace."""
    return provision.environment(
        requirements,
        str(base or machine.workspace),
        this_python(machine),
        machine.host,
        Disk(),
        work or Work(),
    )


def run_in(prefix: str, *argv: str) -> str:
    """What the environment's Python prints."""
    # Without that one no program starts on Windows.
    environ = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    done = subprocess.run(
        [python_in(Path(prefix)), "-I", *argv],
        capture_output=True,
        check=True,
        env=environ,
        text=True,
    )
    return done.stdout.strip()


def homes(machine: Machine) -> list[Path]:
    """The folder of each key in the cache."""
    return [path for path in Path(cache.folder(machine.host)).iterdir() if path.is_dir()]


def environments(machine: Machine) -> list[Path]:
    """The environments in the cache, finished or not."""
    return [path for home in homes(machine) for path in home.iterdir() if path.is_dir()]


# -- what is made -----------------------------------------------------------------------------------------------


def test_what_is_required_is_installed(machine: Machine) -> None:
    """An environment of its own holds what is required and its programs, and is made once."""
    wheel(machine.workspace)
    reports: list[str] = []
    work = Work(report=reports.append)
    prefix = provide(machine, "./demo-1.0-py3-none-any.whl", work=work)
    assert run_in(prefix, "-c", "import demo; print(demo.__file__)").startswith(prefix)
    ending = ".exe" if os.name == "nt" else ""
    assert os.access(python_in(Path(prefix)).with_name(f"demo{ending}"), os.X_OK)
    assert provide(machine, " ./demo-1.0-py3-none-any.whl", work=work) == prefix
    assert len(reports) == 1
    assert "demo-1.0" in reports[0]
    assert environments(machine) == [Path(prefix)]


def test_package_of_the_index_is_installed(machine: Machine) -> None:
    """A requirement by name comes from the package index, with a program that runs."""
    reach_the_index(machine)
    how = launched(machine, {"requires": "pycowsay", "cmd": ["pycowsay", "moo"]})
    done = subprocess.run(how.argv, env=how.environ, cwd=how.cwd, capture_output=True, check=True)
    assert b"moo" in done.stdout
    assert how.argv[0].startswith(machine.host.cache)


def test_script_with_a_package_of_the_index(quick: Machine) -> None:
    """A script's dependencies by name, with a marker and a version, are there for it."""
    reach_the_index(quick)
    metadata = "# /// script\n# dependencies = [\"six>=1.16 ; python_version >= '3'\"]\n# ///\n"
    write(quick.workspace / "serve.py", f"{metadata}import six\n{SCRIPT}")
    about = told_by(launched(quick, {"script": "serve.py"}), quick.workspace)
    assert about["prefix"].startswith(quick.host.cache)


@pytest.mark.needs("node")
def test_pip_of_the_bundle_installs(tmp_path: Path) -> None:
    """The extension's own copy installs with the pip that it carries, by a Python that needs none."""
    machine = Machine.at(tmp_path)
    made = wheel(machine.home / "wheels")
    without = machine.home / "without-pip"
    _python_without_pip(without)
    config = Path(machine.host.config)
    write(
        config / "pyworkflow.toml",
        f'[workflow]\nwsp = {{ module = "demo", requires = "{made.as_posix()}" }}\n',
    )
    done = subprocess.run(
        [python_in(without), "-I", "-S", bundle(), "env", "list", "--json"],
        env=machine.environ,
        cwd=machine.workspace,
        capture_output=True,
        check=True,
    )
    assert [one["id"] for one in json.loads(done.stdout)["environments"]] == ["told"]


def _python_without_pip(folder: Path) -> None:
    """A Python whose installation brings no pip, as some systems' do not: an environment stands for it."""
    links = ("--symlinks",) if os.name == "posix" else ()
    python = os.path.realpath(sys.executable)
    subprocess.run([python, "-m", "venv", "--without-pip", *links, folder], check=True)


@pytest.mark.needs(pythons=2)
def test_each_python_has_environments_of_its_own(quick: Machine) -> None:
    """Another Python makes another environment for the same requirements."""
    wheel(quick.workspace)
    found = set()
    for path in pythons.two_pythons():
        python = inspect(path, quick.host, Disk())
        assert python is not None
        requirements = ["./demo-1.0-py3-none-any.whl"]
        arguments = (requirements, str(quick.workspace), python, quick.host, Disk(), Work())
        prefix = provision.environment(*arguments)
        found.add(run_in(prefix, "-c", "import sys; print(sys.version_info[:2])"))
    assert len(found) == 2


# -- requirements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["{path}", "./{name}", "{uri}", "demo @ {uri}"])
def test_local_requirement_is_keyed_by_content(quick: Machine, spelling: str) -> None:
    """What lies at a path, however it is spelled, makes an environment for each content."""
    made = wheel(quick.workspace, text="value = 1")
    text = spelling.format(path=made, name=made.name, uri=made.as_uri())
    first = provide(quick, text)
    assert provide(quick, text) == first
    wheel(quick.workspace, text="value = 2")
    second = provide(quick, text)
    assert second != first
    values = [run_in(one, "-c", "import demo; print(demo.value)") for one in (first, second)]
    assert values == ["1", "2"]


def test_path_of_the_home_is_a_requirement(quick: Machine) -> None:
    """``~`` is the user's home."""
    made = wheel(quick.home / "wheels")
    assert run_in(provide(quick, f"~/wheels/{made.name}"), "-c", "import demo") == ""


@pytest.mark.parametrize(
    "text",
    [
        "-r requirements.txt",
        "--index-url=https://example.invalid/simple",
        "-e .",
        "",
        "two words",
        "//host/share/demo.whl",
        "file://host/share/demo.whl",
        "demo @ file://host/demo.whl",
        "\\\\host\\share\\demo.whl",
        "./nonesuch.whl",
        "~/nonesuch",
        "demo; import os",
        "demo\n--index-url=x",
    ],
)
def test_what_is_no_requirement_is_refused(quick: Machine, text: str) -> None:
    """An option, nonsense, and what is not here are refused before an installer sees them."""
    with pytest.raises(UsageError):
        provide(quick, text)
    assert not os.path.exists(cache.folder(quick.host))


def test_path_that_begins_with_a_dash_is_a_path(machine: Machine) -> None:
    """A folder whose name looks like an option is handed on as an absolute path."""
    made = wheel(machine.workspace / "-e")
    assert run_in(provide(machine, f"-e/{made.name}"), "-c", "import demo") == ""


# -- whose configuration counts ---------------------------------------------------------------------------------


def index_of(folder: Path, text: str) -> str:
    """A real package index in ``folder`` that offers ``demo`` with ``text`` in it; its URL."""
    made = wheel(folder / "demo", text=text)
    write(folder / "demo" / "index.html", f'<!DOCTYPE html><a href="{made.name}">{made.name}</a>')
    return folder.as_uri()


def own_folder(machine: Machine, tool: str) -> Path:
    """Where the user's own configuration of uv or pip is."""
    if os.name == "posix":
        return machine.home / ".config" / tool
    return machine.home / "pip" if tool == "pip" else Path(machine.environ["APPDATA"]) / tool


def configure(folder: Path, index: str) -> None:
    """Name an index in files that uv and pip read in a folder."""
    uv_text = f'[[{{}}index]]\nurl = "{index}"\ndefault = true\n'
    write(folder / "uv.toml", uv_text.format(""))
    write(folder / "pyproject.toml", uv_text.format("tool.uv."))
    write(folder / PIP_CONFIG, f"[global]\nindex-url = {index}\n")


def test_configuration_of_the_user_counts(machine: Machine) -> None:
    """An index that the user configured is the one that is asked."""
    index = index_of(machine.home / "index", "value = 'mine'")
    for tool in ("uv", "pip"):
        configure(own_folder(machine, tool), index)
    assert run_in(provide(machine, "demo"), "-c", "import demo; print(demo.value)") == "mine"
    with pytest.raises(CreateFailed, match="nonesuch"):
        provide(machine, "nonesuch")


def test_configuration_of_the_user_does_not_misplace(machine: Machine) -> None:
    """Settings for everyday installing, as into the user's own site, do not keep anything from its place."""
    made = wheel(machine.home / "wheels")
    write(own_folder(machine, "uv") / "uv.toml", 'python-preference = "only-managed"\n')
    write(
        own_folder(machine, "pip") / PIP_CONFIG,
        "[global]\nrequire-virtualenv = true\nuser = true\n",
    )
    assert run_in(provide(machine, str(made)), "-c", "import demo") == ""


@pytest.mark.parametrize("place", ["home", "project"])
def test_configuration_of_the_project_never_counts(
    machine: Machine, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in the project's folder chooses what is installed or is run, not even where the cache lies in it."""
    workspace = machine.workspace
    mine = index_of(machine.home / "index", "value = 'mine'")
    for tool in ("uv", "pip"):
        configure(own_folder(machine, tool), mine)
    configure(workspace, index_of(machine.home / "theirs", "value = 'theirs'"))
    write(workspace / ".python-version", "2.7\n")
    for name in ("pip", "sitecustomize", "json", "venv", "os", "ensurepip"):
        write(workspace / f"{name}.py", "raise SystemExit('the project was run')\n")
        write(workspace / name / "__init__.py", "raise SystemExit('the project was run')\n")
    host = machine.host
    if place == "project":
        host = host._replace(cache=str(workspace / ".cache" / "python-workflow"))
    monkeypatch.chdir(workspace)
    prefix = provision.environment(
        ["demo"], str(workspace), this_python(machine), host, Disk(), Work()
    )
    assert run_in(prefix, "-c", "import demo; print(demo.value)") == "mine"


def test_variables_of_a_shell_do_not_count(machine: Machine) -> None:
    """Variables by which a shell makes installers act on something else do not reach them."""
    made = wheel(machine.home / "wheels")
    aside = machine.home / "aside"
    machine.environ.update(
        dict.fromkeys(
            (
                "VIRTUAL_ENV",
                "CONDA_PREFIX",
                "PYTHONHOME",
                "PYTHONPATH",
                "PIP_TARGET",
                "PIP_PREFIX",
                "UV_PROJECT_ENVIRONMENT",
                "UV_PROJECT",
                "UV_WORKING_DIR",
            ),
            str(aside),
        ),
        PIP_USER="1",
        PIP_REQUIRE_VIRTUALENV="1",
        UV_PYTHON="3.9",
        UV_SYSTEM_PYTHON="1",
    )
    assert run_in(provide(machine, str(made)), "-c", "import demo") == ""
    assert not aside.exists()


@pytest.mark.needs("POSIX")
def test_uv_of_the_project_is_not_used(tmp_path: Path) -> None:
    """A uv that the project brings does not install, though PATH holds its folder."""
    machine = Machine.at(tmp_path)
    planted = write(
        machine.workspace / "bin" / "uv", "#!/bin/sh\ntouch $HOME/ran\n", executable=True
    )
    machine.environ["PATH"] = f"{planted.parent}:{machine.environ['PATH']}"
    made = wheel(machine.home / "wheels")
    provide(machine, str(made), work=Work(outside=(str(machine.workspace),)))
    assert not (machine.home / "ran").exists()


# -- once, and whole or not at all ------------------------------------------------------------------------------

#: A process that asks for an environment on the machine at its first argument.
PROCESS = (
    "import json, sys\n"
    "from workflow_helper.filesystem.reader import Disk\n"
    "from workflow_helper.discovery.interpreters.find import inspect\n"
    "from workflow_helper.install.provision import environment\n"
    "from workflow_helper.install.work import Work\n"
    "from workflow_helper.model import Host\n"
    "host = Host(*json.loads(sys.argv[1]))\n"
    "python = inspect(sys.argv[2], host, Disk())\n"
    "print(environment([sys.argv[3]], '/', python, host, Disk(), Work()))\n"
)


def maker(machine: Machine, requirement: Path) -> subprocess.Popen[bytes]:
    """A process that asks for an environment with ``requirement``."""
    python = this_python(machine).path
    argv = [sys.executable, "-I", "-c", PROCESS, json.dumps(machine.host), python, str(requirement)]
    return subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def test_ten_at_once_make_one(machine: Machine) -> None:
    """However many processes ask at once, one environment is made, and all are given it."""
    made = wheel(machine.workspace)
    makers = [maker(machine, made) for _ in range(10)]
    outputs = [process.communicate() for process in makers]
    assert {error for _, error in outputs} == {b""}
    (prefix,) = {output.decode().strip() for output, _ in outputs}
    assert environments(machine) == [Path(prefix)]
    assert run_in(prefix, "-c", "import demo") == ""


def is_whole(home: Path, machine: Machine) -> bool:
    """Whether the environment that the record names works; that nothing but whole ones are recorded is asserted."""
    record = home / cache.RECORD
    if not record.exists():
        return False
    prefix = str(home / json.loads(record.read_text())["folder"])
    assert health.inspect(prefix, machine.host, Disk()).status.state == "ok"
    assert run_in(prefix, "-c", "import demo") == ""
    return True


@pytest.mark.slow
@pytest.mark.needs("POSIX")
def test_killed_maker_leaves_all_or_nothing(machine: Machine) -> None:
    """Killed at any moment, a maker leaves a whole environment or none, and the next one is not in its way."""
    made = wheel(machine.workspace)
    start = time.monotonic()
    maker(machine, made).communicate()
    took = time.monotonic() - start
    assert [is_whole(home, machine) for home in homes(machine)] == [True]
    moments = 8 if has_uv(machine) else 4
    for moment in range(moments):
        text = f"moment = {moment}\ndef main(): pass"
        other = wheel(machine.workspace / str(moment), text=text)
        process = maker(machine, other)
        time.sleep(took * (moment + 0.5) / moments)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        whole = [is_whole(home, machine) for home in homes(machine)]
        assert whole.count(True) >= moment + 1
        prefix = provide(machine, str(other))
        assert run_in(prefix, "-c", "import demo; print(demo.moment)") == str(moment)


def test_failure_leaves_nothing(machine: Machine) -> None:
    """What could not be installed leaves no environment, and the error ends with what the installer said."""
    broken = write(machine.workspace / "demo-1.0-py3-none-any.whl", "this is no archive")
    with pytest.raises(CreateFailed, match=r"(?s)installing what the workflow requires.*demo"):
        provide(machine, str(broken))
    assert environments(machine) == []


def test_cancelling_leaves_nothing(machine: Machine) -> None:
    """Cancelled before or while installing, nothing is left."""
    made = wheel(machine.workspace)
    cancelled = threading.Event()

    def report(_: str) -> None:
        cancelled.set()

    with pytest.raises(Cancelled):
        provide(machine, str(made), work=Work(report=report, cancelled=cancelled))
    assert environments(machine) == []


def test_broken_environment_is_made_anew(quick: Machine) -> None:
    """An environment whose base Python went away is replaced, and the old one is pruned."""
    made = wheel(quick.workspace)
    before = provide(quick, str(made))
    break_venv(Path(before))
    after = provide(quick, str(made))
    assert after != before
    assert run_in(after, "-c", "import demo") == ""
    done = cache.prune(quick.host, days=30, now=time.time() + 2 * DAY)
    assert (done.removed, done.kept) == (0, 1)
    assert environments(quick) == [Path(after)]


# -- pruning ----------------------------------------------------------------------------------------------------


def aged(prefix: str, days: float) -> None:
    """Let the last use of an environment be some days ago."""
    when = time.time() - days * DAY
    os.utime(Path(prefix).parent / cache.RECORD, (when, when))


def test_what_was_not_used_for_long_is_pruned(quick: Machine) -> None:
    """Environments that were not used for the given days go, others stay, and use is what counts."""
    wheels = [wheel(quick.workspace / name, text=f"x = '{name}'") for name in ("a", "b", "c")]
    prefixes = [provide(quick, str(one)) for one in wheels]
    for prefix in prefixes[:2]:
        aged(prefix, 40)
    assert provide(quick, str(wheels[1])) == prefixes[1]  # used again
    done = cache.prune(quick.host, days=30, now=time.time())
    assert (done.removed, done.kept) == (1, 2)
    assert done.freed > 0
    assert set(environments(quick)) == set(map(Path, prefixes[1:]))
    assert cache.prune(quick.host, days=0, now=time.time() + 1).removed == 2
    assert environments(quick) == []


def test_what_was_abandoned_is_pruned(quick: Machine) -> None:
    """The folder that a killed maker left beside a finished one goes after a day, and not before."""
    prefix = Path(provide(quick, str(wheel(quick.workspace))))
    (prefix.parent / "abandoned" / "bin").mkdir(parents=True)
    cache.prune(quick.host, days=30, now=time.time())
    assert (prefix.parent / "abandoned").exists()
    cache.prune(quick.host, days=30, now=time.time() + 2 * DAY)
    assert environments(quick) == [prefix]


def test_what_was_never_finished_is_pruned(quick: Machine) -> None:
    """A key for which nothing was ever finished goes when it is old."""
    home = Path(cache.folder(quick.host)) / "0123"
    (home / "half").mkdir(parents=True)
    assert cache.prune(quick.host, days=30, now=time.time() + 31 * DAY).removed == 1
    assert homes(quick) == []


@pytest.mark.needs("POSIX")
def test_what_is_in_the_making_is_not_pruned(quick: Machine) -> None:
    """Pruning leaves alone what is being made, and what is not an environment of the cache."""
    made = wheel(quick.workspace)
    stranger = quick.home / "precious"
    write(stranger / "file")
    pruned: list[cache.Pruned] = []

    def report(_: str) -> None:
        (Path(cache.folder(quick.host)) / "linked").symlink_to(stranger)
        pruned.append(cache.prune(quick.host, days=0, now=time.time() + DAY))

    prefix = provide(quick, str(made), work=Work(report=report))
    assert [(one.removed, one.kept) for one in pruned] == [(0, 1)]
    assert run_in(prefix, "-c", "import demo") == ""
    assert (stranger / "file").exists()


def test_record_that_names_something_else_is_not_followed(quick: Machine) -> None:
    """A record that was tampered with leads nowhere: the environment is recreated."""
    made = wheel(quick.workspace)
    prefix = Path(provide(quick, str(made)))
    for text in ('{"folder": "../.."}', '{"folder": ".."}', '{"folder": 3}', "[]", "", "\xff"):
        write(prefix.parent / cache.RECORD, text)
        again = Path(provide(quick, str(made)))
        assert again.parent == prefix.parent
        assert again != prefix
