"""``wsp script run``: a script in the environment that its metadata asks for, made once, and started as if directly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.command import GUARD, WSP, assert_error
from support.command import wsp as started_wsp
from support.files import python_in, write
from support.forked_command import wsp
from support.launching import put_uv_on_path, reach_the_index, wheel
from support.machine import Machine, make_venv, uv
from support.mirror import mirror_of
from support.pythons import folder_with, minor, other_cpython, versions
from support.terminal import UNTIL_INTERRUPTED, Terminal
from support.tree import bundle, supported_pythons
from workflow_helper.install import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN = (*WSP, "script", "run")


def newest(machine: Machine) -> None:
    """Put the newest Python first on the machine's PATH."""
    folder = folder_with(supported_pythons()[0], machine.home / "newest")
    machine.environ["PATH"] = os.pathsep.join((folder, machine.environ["PATH"]))


@pytest.fixture(params=["uv", "pip"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """A machine with uv on PATH, and one without."""
    made = Machine.at(tmp_path)
    newest(made)
    if request.param == "uv":
        put_uv_on_path(made)
    return made


@pytest.fixture
def quick(tmp_path: Path) -> Machine:
    """A machine with uv, where it does not matter who installs."""
    made = Machine.at(tmp_path)
    newest(made)
    put_uv_on_path(made)
    return made


def script(
    machine: Machine,
    dependencies: Sequence[str],
    text: str,
    *,
    more: str = "",
    name: str = "tool.py",
) -> Path:
    """A script of the workspace that depends on these; ``more`` is further TOML."""
    lines = [f"dependencies = {json.dumps(list(dependencies))}", *more.splitlines()]
    block = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return write(machine.workspace / name, f"# /// script\n{block}# ///\n{text}")


def local(machine: Machine, text: str = "value = 1\n", version: str = "1.0") -> str:
    """A requirement that is a wheel of this machine: the module ``demo`` with this text."""
    return f"demo @ {wheel(machine.home / 'wheels', version, text=text).as_uri()}"


def homes(machine: Machine) -> list[Path]:
    """What is kept of each script."""
    top = Path(cache.folder(machine.host))
    return [path for path in top.glob("script-*") if path.is_dir()] if top.is_dir() else []


def environments(machine: Machine) -> list[Path]:
    """The environments of scripts, finished or not."""
    return [path for home in homes(machine) for path in home.iterdir() if path.is_dir()]


# -- what is made -----------------------------------------------------------------------------------------------


def test_packages_of_the_index_are_there_for_the_script(machine: Machine) -> None:
    """The environment is made at the first run, with what is asked for, and is there for the next, which says nothing."""
    reach_the_index(machine)
    script(
        machine,
        ["six>=1.16 ; python_version >= '3'", "iniconfig==2.0.0"],
        "import six, iniconfig, sys\nprint(sys.prefix)\nprint(iniconfig.__file__.startswith(sys.prefix))\n",
        more='requires-python = ">=3.10"',
    )
    first = wsp(machine, "script", "run", "tool.py")
    assert first.exit_code == 0, first.text
    prefix, inside = first.lines
    assert prefix.startswith(machine.host.cache)
    assert inside == "True"
    again = wsp(machine, "script", "run", "tool.py")
    assert (again.exit_code, again.stdout, again.stderr) == (0, first.stdout, b"")
    assert environments(machine) == [Path(prefix)]


def test_script_without_dependencies_has_an_environment_too(quick: Machine) -> None:
    """It is isolated from what is installed elsewhere."""
    script(quick, [], "import sys\nprint(sys.prefix)\n")
    assert quick.host.cache in wsp(quick, "script", "run", "tool.py").lines[0]


@pytest.mark.needs(pythons=2)
def test_python_is_one_that_the_script_allows(quick: Machine) -> None:
    """The newest that fits is taken; where none does, that is said, and what to do."""
    for number, path in enumerate(supported_pythons()):
        folder = folder_with(path, quick.home / f"python-{number}")
        quick.environ["PATH"] += f"{os.pathsep}{folder}"
    tell = "import sys\nprint('%d.%d' % sys.version_info[:2])\n"
    newest, next_ = versions()[:2]
    script(quick, [], tell, more=f'requires-python = ">=3.10,<{newest}"')
    assert wsp(quick, "script", "run", "tool.py").lines == [next_]
    script(quick, [], tell, more='requires-python = ">=4"')
    done = wsp(quick, "script", "env", "--make", "tool.py", "--json")
    assert_error(done, 1, "python_unavailable")
    assert "'>=4'" in done.document["error"]["message"]
    missing = next(f"3.{minor}" for minor in range(14, 9, -1) if f"3.{minor}" not in versions())
    script(quick, [], tell, more=f'requires-python = "=={missing}.*"')
    done = wsp(quick, "script", "run", "--json", "tool.py")
    assert_error(done, 1, "python_unavailable")
    assert f"wsp python install {missing}" in done.document["error"]["hint"]


@pytest.mark.needs("POSIX")
@pytest.mark.needs("another CPython")
def test_python_that_is_missing_is_installed_after_a_question(
    quick: Machine, tmp_path: Path
) -> None:
    """Who says yes gets the Python, and the script runs; where nobody can be asked, it is not installed."""
    python = other_cpython()
    version = minor(python)
    mirror_of(python, quick, tmp_path / "mirror")
    tell = "import sys\nprint('ran with', sys.version_info[:2])\n"
    script(quick, [], tell, more=f'requires-python = "=={version}.*"')
    assert wsp(quick, "script", "run", "tool.py").exit_code == 1
    argv = [os.path.abspath(RUN[0]), *RUN[1:], "tool.py"]
    with Terminal(argv, cwd=quick.workspace, environ=quick.environ) as terminal:
        terminal.until(f"Install Python {version}? [y/N] ".encode())
        terminal.type(b"y\n")
        output, status = terminal.ended()
    assert f"ran with ({version.replace('.', ', ')})".encode() in output
    assert status == 0


@pytest.mark.needs("unshare")
def test_full_disk_is_told_and_nothing_stays(machine: Machine) -> None:
    """A disk that is full halfway is told in these words, what was written is taken away, and the script does not run."""
    big = wheel(machine.home / "wheels", "1.0", text="value = 1\n")
    with zipfile.ZipFile(big, "a") as archive:
        archive.writestr("big_data.bin", b"\0" * 40_000_000)
    script(machine, [f"demo @ file://{big}"], "print('ran')\n")
    small = machine.home / "small"
    machine.environ["XDG_CACHE_HOME"] = str(small)
    mounted = 'mkdir "$0" && mount -t tmpfs -o size=20M tmpfs "$0" && "$@"; code=$?; find "$0" -name pyvenv.cfg; exit $code'
    through = ("unshare", "-rm", "sh", "-c", mounted, str(small))
    done = started_wsp(machine, "script", "run", "tool.py", through=through)
    assert (done.exit_code, done.stdout) == (1, b""), done.text
    assert "the disk is full" in done.text


@pytest.mark.needs("POSIX")
def test_script_is_known_by_all_its_names(quick: Machine) -> None:
    """A link, and a path from another folder, lead to the same environment."""
    made = script(quick, [], "import sys\nprint(sys.prefix, sys.argv[0])\n")
    (quick.home / "link").symlink_to(made)
    first = wsp(quick, "script", "run", "tool.py").stdout.split()
    second = wsp(quick, "script", "run", "./link", cwd=quick.home).stdout.split()
    assert first[0] == second[0]
    assert (first[1], second[1]) == (b"tool.py", b"./link")


def test_first_runs_at_once_make_one_environment(quick: Machine) -> None:
    """However many start at once, one makes it, and all run."""
    script(quick, [local(quick)], "import demo\nprint(demo.value)\n")
    runs = [
        subprocess.Popen(
            [*RUN, "tool.py"],
            cwd=quick.workspace,
            env=quick.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(5)
    ]
    outputs = [run.communicate(timeout=GUARD)[0] for run in runs]
    assert [one.split() for one in outputs] == [[b"1"]] * 5
    assert len(environments(quick)) == 1


@pytest.mark.needs("POSIX")
def test_killed_maker_leaves_nothing_that_is_used(quick: Machine, tmp_path: Path) -> None:
    """After kill -9 in the middle the script has no environment; the next run makes another, and cleaning takes the rest."""
    blocking = Blocking.at(tmp_path / "blocking")
    reach_the_index(quick)
    script(quick, [f"blocking @ file://{blocking.folder}"], "print('ran')\n")
    maker = subprocess.Popen(
        [*RUN, "tool.py"],
        cwd=quick.workspace,
        env=quick.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    building = blocking.building()
    maker.send_signal(signal.SIGKILL)
    maker.wait()
    assert wsp(quick, "script", "env", "tool.py").exit_code == 3
    (left,) = environments(quick)
    blocking.wait(wanted=False)
    os.kill(building, signal.SIGKILL)
    assert wsp(quick, "script", "run", "tool.py").lines == ["ran"]
    assert len(environments(quick)) == 2
    assert json.loads((left.parent / "record.json").read_text())["folder"] != left.name


@pytest.mark.needs("POSIX")
def test_interrupted_maker_leaves_nothing(quick: Machine, tmp_path: Path) -> None:
    """Ctrl-C while the environment is made ends that with status 130, and takes it away."""
    blocking = Blocking.at(tmp_path / "blocking")
    reach_the_index(quick)
    script(quick, [f"blocking @ file://{blocking.folder}"], "print('ran')\n")
    words = [*RUN, "tool.py"]
    words[0] = os.path.realpath(words[0]) if not os.path.isabs(words[0]) else words[0]
    with Terminal(words, cwd=quick.workspace, environ=quick.environ) as terminal:
        blocking.building()
        terminal.type(b"\x03")
        _, status = terminal.ended()
    assert status == 130
    assert environments(quick) == []


# -- what changes -----------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_changed_block_makes_another_environment_and_leaves_what_runs_alone(
    quick: Machine,
) -> None:
    """What was started before the change goes on with what it had; what is started after it has the new."""
    gate = quick.home / "gate"
    os.mkfifo(gate)
    text = f"print('started', flush=True)\nopen({str(gate)!r}).read()\nimport demo\nprint(demo.value)\n"
    script(quick, [local(quick)], text)
    running = subprocess.Popen(
        [*RUN, "tool.py"],
        cwd=quick.workspace,
        env=quick.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"started\n"
    script(quick, [local(quick, "value = 2\n", "2.0")], "import demo\nprint(demo.value)\n")
    assert wsp(quick, "script", "run", "tool.py").lines == ["2"]
    assert len(environments(quick)) == 2
    gate.write_text("")
    assert running.communicate(timeout=GUARD)[0] == b"1\n"


def test_what_is_installed_from_this_machine_is_installed_anew_when_it_changes(
    quick: Machine,
) -> None:
    """Another content of the wheel that the block names makes another environment."""
    script(quick, [local(quick)], "import demo\nprint(demo.value)\n")
    assert wsp(quick, "script", "run", "tool.py").lines == ["1"]
    local(quick, "value = 23\n")
    assert wsp(quick, "script", "run", "tool.py").lines == ["23"]


def test_body_of_the_script_may_change(quick: Machine) -> None:
    """Only the block decides about the environment."""
    script(quick, [], "print(1)\n")
    assert wsp(quick, "script", "run", "tool.py").lines == ["1"]
    script(quick, [], "print(2)\n")
    done = wsp(quick, "script", "run", "tool.py")
    assert (done.lines, done.stderr) == (["2"], b"")


def test_broken_environment_is_made_anew(quick: Machine) -> None:
    """What lost its interpreter is not used."""
    script(quick, [], "print(1)\n")
    wsp(quick, "script", "run", "tool.py")
    (made,) = environments(quick)
    python_in(made).unlink()
    assert wsp(quick, "script", "run", "tool.py").lines == ["1"]


# -- what is wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# /// script\n# dependencies = ['six']\n", "has no end: a line '# ///' is missing"),
        ("# /// script\n# dependencies = [six]\n# ///\n", "not valid TOML: Invalid value (line 2)"),
        ("# /// script\n# dependencies = ['a b']\n# ///\n", "(line 2)"),
        ("x = 1\n# /// script\n# requires-python = '3'\n# ///\n", "(line 3)"),
    ],
)
def test_mistake_in_the_block_is_told_with_its_line(
    quick: Machine, text: str, expected: str
) -> None:
    """Nothing is made, and nothing is run."""
    path = write(quick.workspace / "tool.py", text + "print(1)\n")
    done = wsp(quick, "script", "run", "--json", "tool.py")
    assert_error(done, 1, "unusable_file")
    assert expected in done.document["error"]["message"]
    assert str(path) in done.document["error"]["message"]
    assert environments(quick) == []


def test_package_that_there_is_not_is_told(machine: Machine) -> None:
    """What the installer said is told, and nothing is left."""
    wheel(machine.home / "wheels")
    more = f'[tool.uv]\nno-index = true\nfind-links = ["{machine.home.as_posix()}/wheels"]'
    script(machine, ["nonesuch"], "print(1)\n", more=more)
    done = wsp(machine, "script", "run", "tool.py")
    assert done.exit_code == 1
    assert b"nonesuch" in done.stderr
    assert environments(machine) == []


def test_index_that_cannot_be_reached_is_told(machine: Machine) -> None:
    """The error says that it is the network, and what to look at."""
    nowhere = "http://127.0.0.1:9/simple"
    machine.environ.update(UV_DEFAULT_INDEX=nowhere, PIP_INDEX_URL=nowhere, PIP_RETRIES="0")
    machine.environ["UV_HTTP_RETRIES"] = "0"
    script(machine, ["six"], "print(1)\n")
    done = wsp(machine, "script", "run", "--json", "tool.py")
    assert done.exit_code == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] in ("network_unavailable", "execution_failed")
    assert environments(machine) == []


# -- as if directly ---------------------------------------------------------------------------------------------


@pytest.fixture
def ready(quick: Machine) -> Machine:
    """A machine with a script whose environment is there, which does what its first argument says."""
    script(quick, [], "import os, signal, sys, time\nexec(sys.argv[1])\n")
    assert wsp(quick, "script", "run", "tool.py", "pass").exit_code == 0
    return quick


def test_streams_words_and_exit_status_are_the_script_s(ready: Machine) -> None:
    """Bytes in and out, options and two dashes, 300 long arguments, and the exit status pass through."""
    words = [
        "--json",
        "--",
        "-v",
        "",
        "a b\n*",
        "--help",
        # Windows takes no more than 32767 characters.
        *(f"{number:0300}" for number in range(300 if os.name == "posix" else 90)),
    ]
    code = "sys.stdout.buffer.write(sys.stdin.buffer.read()); print(sys.argv[2:]); sys.stdout.flush(); os._exit(7)"
    data = bytes(range(256)) * 4096
    done = subprocess.run(
        [*RUN, "--no-input", "tool.py", code, *words],
        cwd=ready.workspace,
        env=ready.environ,
        input=data,
        capture_output=True,
        check=False,
        timeout=GUARD,
    )
    assert done.returncode == 7
    assert done.stdout == data + repr(words).encode() + os.linesep.encode()
    assert done.stderr == b""


@pytest.mark.needs("POSIX")
def test_script_has_the_process_that_was_started(ready: Machine) -> None:
    """Its number is that of ``wsp``, and a signal ends it as one that was started directly."""
    with subprocess.Popen(
        [*RUN, "tool.py", "print(os.getpid(), flush=True); time.sleep(600)"],
        cwd=ready.workspace,
        env=ready.environ,
        stdout=subprocess.PIPE,
    ) as started:
        assert started.stdout is not None
        assert int(started.stdout.readline()) == started.pid
        started.terminate()
        assert started.wait(GUARD) == -signal.SIGTERM


@pytest.mark.needs("POSIX")
def test_terminal_is_the_script_s(ready: Machine) -> None:
    """It reads what is typed, and Ctrl-C interrupts it."""
    code = f"print('tty', os.isatty(0)); print('got', input()); {UNTIL_INTERRUPTED}"
    argv = [os.path.abspath(RUN[0]), *RUN[1:], "tool.py", code]
    with Terminal(argv, cwd=ready.workspace, environ=ready.environ) as terminal:
        terminal.until(b"tty True")
        terminal.type(b"words\n")
        terminal.until(b"got words")
        terminal.type(b"\x03")
        output, status = terminal.ended()
    assert b"KeyboardInterrupt" in output
    assert status == -signal.SIGINT


def test_environment_is_the_script_s_alone(ready: Machine) -> None:
    """Its programs lead PATH, and it counts as activated for no project."""
    make_venv(ready.workspace / ".venv")
    code = "print(os.environ['VIRTUAL_ENV'] == sys.prefix, os.environ['PATH'].startswith(os.path.dirname(sys.executable) + os.pathsep))"
    assert wsp(ready, "script", "run", "tool.py", code).lines == ["True True"]
    inner = f"import subprocess; sys.exit(subprocess.call({[*WSP, 'env', 'default', '--json']!r}))"
    document = wsp(ready, "script", "run", "tool.py", inner).document
    assert document["environment"]["source"] == ".venv"


def test_script_without_a_block_runs_in_the_environment_of_its_folder(quick: Machine) -> None:
    """With the best Python of the machine where there is none."""
    write(quick.workspace / "plain.py", "import sys\nprint(sys.prefix, sys.argv[1:])\n")
    assert quick.host.cache not in wsp(quick, "script", "run", "plain.py").lines[0]
    make_venv(quick.workspace / ".venv")
    done = wsp(quick, "script", "run", "plain.py", "--x")
    assert done.lines == [f"{quick.workspace / '.venv'} ['--x']"]
    assert homes(quick) == []


def test_script_that_is_not_there_is_told(quick: Machine) -> None:
    """By its whole path."""
    done = wsp(quick, "script", "run", "nonesuch.py")
    assert done.exit_code == 1
    message = f"{quick.workspace / 'nonesuch.py'}: does not exist"
    assert message in done.stderr.decode()


# -- what uv's own table says -----------------------------------------------------------------------------------


def test_index_of_the_block_is_used(machine: Machine) -> None:
    """``no-index`` and ``find-links`` in ``[tool.uv]`` mean the same to uv and pip."""
    wheel(machine.home / "wheels", text="value = 5\n")
    more = f'[tool.uv]\nno-index = true\nfind-links = ["{machine.home.as_posix()}/wheels"]'
    script(machine, ["demo"], "import demo\nprint(demo.value)\n", more=more)
    done = wsp(machine, "script", "run", "tool.py")
    assert done.lines == ["5"], done.text


def test_sources_of_the_block_are_uv_s_to_follow(machine: Machine) -> None:
    """With uv a path beside the script is installed from; without it that is refused, and not replaced by another package."""
    made = wheel(machine.workspace / "wheels", text="value = 6\n")
    more = f'[tool.uv.sources]\ndemo = {{ path = "wheels/{made.name}" }}'
    script(machine, ["demo"], "import demo\nprint(demo.value)\n", more=more)
    done = wsp(machine, "script", "run", "tool.py")
    if (machine.home / "tools").is_dir():
        assert done.lines == ["6"], done.text
        wheel(machine.workspace / "wheels", text="value = 77\n")
        assert wsp(machine, "script", "run", "tool.py").lines == ["77"]
    else:
        assert done.exit_code == 1
        assert b"'sources' in [tool.uv], which only uv supports" in done.stderr


def test_folder_s_configuration_of_uv_does_not_count(quick: Machine) -> None:
    """A script is the same wherever it lies."""
    write(quick.workspace / "uv.toml", 'find-links = ["wheels"]\nno-index = true\n')
    write(quick.workspace / "pyproject.toml", "[tool.uv]\nno-index = true\n")
    reach_the_index(quick)
    script(quick, ["iniconfig"], "import iniconfig\nprint('found')\n")
    assert wsp(quick, "script", "run", "tool.py").lines == ["found"]


# -- locks ------------------------------------------------------------------------------------------------------


def test_lock_is_written_and_followed(quick: Machine) -> None:
    """What ``script lock`` wrote is what is installed, and a block that asks for something else is out of date with it."""
    reach_the_index(quick)
    show = "from importlib.metadata import version\nprint(version('iniconfig'))\n"
    path = script(quick, ["iniconfig"], show)
    done = wsp(quick, "script", "lock", "tool.py", "--json")
    assert done.document["changed"] is True
    lock = Path(done.document["lock"])
    assert lock == path.with_name("tool.py.lock")
    text = lock.read_text()
    assert text.startswith("lock-version")
    assert wsp(quick, "script", "lock", "tool.py", "--json").document["changed"] is False
    script(quick, ["iniconfig==2.0.0"], show, name="other.py")
    wsp(quick, "script", "lock", "other.py")
    older = (quick.workspace / "other.py.lock").read_text()
    lock.write_text(older)
    assert wsp(quick, "script", "run", "tool.py").lines == ["2.0.0"]
    script(quick, ["iniconfig>2.0.0"], show)
    done = wsp(quick, "script", "run", "--json", "tool.py")
    assert (done.exit_code, done.document["error"]["code"]) == (1, "lock_outdated")
    assert "wsp script lock tool.py" in done.document["error"]["hint"]
    wsp(quick, "script", "lock", "tool.py")
    assert wsp(quick, "script", "run", "tool.py").exit_code == 0


def test_lock_of_uv_s_own_is_followed_and_renewed(quick: Machine) -> None:
    """A lock that uv wrote stays one of uv's; one that is out of date is told."""
    reach_the_index(quick)
    path = script(quick, ["iniconfig==2.0.0"], "import iniconfig\nprint('found')\n")
    subprocess.run([uv(), "lock", "-q", "--script", path], env=quick.environ, check=True)
    assert wsp(quick, "script", "run", "tool.py").lines == ["found"]
    script(quick, ["iniconfig"], "import iniconfig\nprint('found')\n")
    done = wsp(quick, "script", "run", "--json", "tool.py")
    assert (done.exit_code, done.document["error"]["code"]) == (1, "lock_outdated")
    assert wsp(quick, "script", "lock", "tool.py", "--json").document["changed"] is True
    assert "version = 1" in (quick.workspace / "tool.py.lock").read_text()
    assert wsp(quick, "script", "run", "tool.py").lines == ["found"]


@pytest.mark.needs("node")
def test_lock_without_uv_is_the_work_of_pip(tmp_path: Path) -> None:
    """The pip that comes with the extension writes the lock, and installs what it says."""
    machine = Machine.at(tmp_path)
    newest(machine)
    reach_the_index(machine)
    script(machine, ["iniconfig==2.0.0"], "import iniconfig\nprint('found')\n")
    bundled = [supported_pythons()[0], "-I", "-S", str(bundle()), "script"]
    results = [
        subprocess.run(
            [*bundled, word, "tool.py"],
            env=machine.environ,
            cwd=machine.workspace,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for word in ("lock", "run")
    ]
    assert results[1].split() == [b"found"]
    assert 'created-by = "pip"' in (machine.workspace / "tool.py.lock").read_text()


def test_lock_that_is_none_is_told(quick: Machine) -> None:
    """A file of that name which is no lock is an error that names it."""
    script(quick, [], "print(1)\n")
    write(quick.workspace / "tool.py.lock", "x = 1\n")
    done = wsp(quick, "script", "run", "--json", "tool.py")
    assert (done.exit_code, done.document["error"]["code"]) == (1, "unusable_file")
    assert "tool.py.lock" in done.document["error"]["message"]


# -- the other commands -----------------------------------------------------------------------------------------


def test_environment_is_told_and_made_on_request(quick: Machine) -> None:
    """Without ``--make`` nothing is made, and exit status 3 says that there is none yet."""
    path = script(quick, [local(quick)], "print(1)\n", more='requires-python = ">=3.10"')
    done = wsp(quick, "script", "env", "tool.py", "--json")
    assert done.exit_code == 3
    assert done.document["environment"] is None
    assert "does not exist yet" in done.document["summary"]
    assert homes(quick) == []
    made = wsp(quick, "script", "env", "tool.py", "--make", "--json").document
    assert made["script"] == str(path)
    assert made["requires_python"] == ">=3.10"
    environment = made["environment"]
    assert (environment["name"], environment["source"]) == ("tool.py", "script")
    assert wsp(quick, "script", "env", "tool.py", "--json").document == made
    document = wsp(quick, "env", "default", "--json", "--folder", str(path)).document
    assert document["environment"]["prefix"] == environment["prefix"]


def test_environments_that_nobody_can_use_are_cleaned(quick: Machine) -> None:
    """Those of scripts that are gone, or say something else; and of one on request. What is used stays."""
    for name in ("kept.py", "gone.py", "changed.py"):
        script(quick, [], "print(1)\n", name=name)
        wsp(quick, "script", "run", name)
    (quick.workspace / "gone.py").unlink()
    script(quick, [], "print(1)\n", name="changed.py", more='requires-python = ">=3.9"')
    done = wsp(quick, "script", "clean", "--json").document
    assert (done["removed"], done["kept"]) == (2, 1)
    assert done["freed"] > 0
    assert wsp(quick, "script", "env", "kept.py").exit_code == 0
    assert wsp(quick, "script", "clean", "kept.py", "--json").document["removed"] == 1
    assert homes(quick) == []


@pytest.mark.needs("POSIX")
def test_what_is_in_the_making_is_not_cleaned(quick: Machine, tmp_path: Path) -> None:
    """Cleaning passes over it, and the script runs."""
    blocking = Blocking.at(tmp_path / "blocking")
    reach_the_index(quick)
    script(quick, [f"blocking @ file://{blocking.folder}"], "print('ran')\n")
    messages: list[bytes] = []

    def run() -> None:
        messages.append(wsp(quick, "script", "run", "tool.py").stdout)

    runner = threading.Thread(target=run)
    runner.start()
    building = blocking.building()
    done = wsp(quick, "script", "clean", "--json").document
    assert (done["removed"], done["kept"]) == (0, 1)
    assert len(environments(quick)) == 1
    blocking.wait(wanted=False)
    os.kill(building, signal.SIGKILL)
    runner.join()


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("there", ["version = 1\n", 'lock-version = "1.0"\n', ""])
def test_lock_is_never_written_through_a_link(quick: Machine, there: str) -> None:
    """A lock that is a link is refused, whatever kind of lock it leads to, and what it leads to stays."""
    script(quick, [], "print(1)\n")
    victim = write(quick.home / "victim", there)
    (quick.workspace / "tool.py.lock").symlink_to(victim)
    done = wsp(quick, "script", "lock", "tool.py")
    assert done.exit_code == 1
    assert b"tool.py.lock is a link, so it is not written" in done.stderr
    assert victim.read_text() == there


@pytest.mark.needs("POSIX")
def test_what_is_kept_beside_an_environment_is_for_the_user_alone(quick: Machine) -> None:
    """Its record, which names what a script depends on, cannot be read by others."""
    script(quick, [], "print(1)\n")
    assert wsp(quick, "script", "run", "tool.py").exit_code == 0
    records = list(Path(quick.host.cache).rglob("record.json"))
    assert [path.stat().st_mode & 0o777 for path in records] == [0o600]
