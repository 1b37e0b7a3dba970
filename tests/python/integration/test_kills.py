"""Commands that change something, killed at any moment or many at once: nothing is lost, nothing half-made is called whole.

48 kills in all; ``KILLS`` in the environment asks for another number. Four at once, and twenty with ``--whole``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command import GUARD, WSP
from support.files import tree_of, write
from support.forked_command import wsp
from support.launching import put_uv_on_path, wheel
from support.machine import Machine, make_venv

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.needs("POSIX")

ACTS = 6
ROUNDS = max(1, int(os.environ.get("KILLS", "48")) // ACTS)
#: Spreads the moments of the kills evenly, whatever their number.
GOLDEN = 0.618033988749895
#: What the project depends on: a module, and a program of its name.
NAME = "demo"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with uv and no network, whose workspace is a project with one dependency."""
    machine = Machine.at(tmp_path)
    put_uv_on_path(machine)
    wheel(machine.home / "wheels")
    machine.environ.update(
        UV_OFFLINE="1", UV_FIND_LINKS=str(machine.home / "wheels"), UV_NO_INDEX="1"
    )
    write(
        machine.workspace / "pyproject.toml",
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.10"\n'
        f'dependencies = ["{NAME}"]\n[tool.uv]\npackage = false\n',
    )
    return machine


def argv_of(*words: str) -> list[str]:
    """A command as a process of its own."""
    return [*WSP, *words]


def lasts(machine: Machine, *words: str) -> float:
    """Seconds that a command takes when nobody disturbs it."""
    start = time.monotonic()
    done = subprocess.run(
        argv_of(*words),
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return time.monotonic() - start


def killed(machine: Machine, took: float, number: int, *words: str) -> None:
    """A command that is killed at some moment, in every other round with all that it started."""
    child = subprocess.Popen(
        argv_of(*words),
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(took * (number * GOLDEN % 1))
    started = descendants(child.pid)
    child.kill()
    if number % 2:
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    child.wait(GUARD)
    until = time.monotonic() + GUARD
    while any(
        os.path.exists(f"/proc/{pid}") for pid in started
    ):  # a tool ends when its work is done
        assert time.monotonic() < until
        time.sleep(0.01)


def descendants(pid: int) -> list[int]:
    """All that a process started, and that is still there."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def holds(machine: Machine, prefix: Path) -> bool:
    """Whether the environment really works, with what the project depends on."""
    script = f"import {NAME}"
    done = subprocess.run(
        [prefix / "bin" / "python", "-I", "-c", script], env=machine.environ, check=False
    )
    return done.returncode == 0


def rounds(act: Callable[[int], None]) -> None:
    """Kill again and again."""
    for number in range(1, ROUNDS + 1):
        act(number)


def test_create(machine: Machine) -> None:
    """An environment is not there, told as broken, or whole; the next create makes it, and one beside it stays."""
    other = make_venv(machine.workspace / "other")
    before = tree_of(other)
    prefix = machine.workspace / ".venv"
    took = lasts(machine, "env", "create")

    def act(number: int) -> None:
        assert wsp(machine, "env", "delete", ".venv").exit_code == 0
        killed(machine, took, number, "env", "create")
        listed = wsp(machine, "env", "list", "--json").document["environments"]
        states = {one["id"]: one["status"]["state"] for one in listed}
        if states.get(".venv") == "ok":
            assert holds(machine, prefix)
        else:
            assert wsp(machine, "env", "create").exit_code == 0
            assert holds(machine, prefix)

    rounds(act)
    assert tree_of(other) == before


@pytest.mark.slow
def test_sync(machine: Machine) -> None:
    """What was synced halfway is told as broken, and the next sync repairs it, without making it anew."""
    prefix = machine.workspace / ".venv"
    lasts(machine, "env", "create")
    (packages,) = (prefix / "lib").glob("python3*/site-packages")
    mark = write(packages / "mine.txt")
    took = 0.0

    def take_out() -> None:
        for path in packages.glob(f"{NAME}*"):
            if path.is_dir():
                for file in path.iterdir():
                    file.unlink()
                path.rmdir()
            else:
                path.unlink()

    take_out()
    took = lasts(machine, "env", "sync")

    def act(number: int) -> None:
        take_out()
        killed(machine, took, number, "env", "sync")
        checked = wsp(machine, "env", "check", "--json")
        if checked.exit_code == 0 and checked.document.get(
            "in_sync", checked.document.get("in_sync")
        ):
            assert holds(machine, prefix)
        synced = wsp(machine, "env", "sync", "--json")
        assert synced.exit_code == 0, synced.text
        assert synced.document["recreated"] is False
        assert holds(machine, prefix)
        assert mark.exists()

    rounds(act)


def test_select(machine: Machine) -> None:
    """The selection is the one before or the new one, and that of another project stays."""
    for name in ("a", "b"):
        make_venv(machine.workspace / name)
    write(machine.workspace / ".python-envs", "a\nb\n")
    other = machine.home / "other"
    make_venv(other / ".venv")
    (other / ".git").mkdir()
    assert wsp(machine, "env", "select", ".venv", "--folder", str(other)).exit_code == 0
    took = lasts(machine, "env", "select", "a")

    def act(number: int) -> None:
        killed(machine, took, number, "env", "select", "ab"[number % 2])
        for folder, names in ((machine.workspace, {"a", "b"}), (other, {".venv"})):
            document = wsp(machine, "env", "default", "--json", "--folder", str(folder)).document
            assert document["environment"]["source"] == "selected", document
            assert document["environment"]["id"] in names

    rounds(act)


def test_trust(machine: Machine) -> None:
    """Consent was given or was not, and that to another project stays."""
    for folder in (machine.workspace, machine.home / "other"):
        write(folder / "serve.py")
        write(folder / "pyworkflow.toml", '[workflow]\nwsp = {script = "serve.py"}\n')
        (folder / ".git").mkdir(exist_ok=True)
    other = str(machine.home / "other")
    assert wsp(machine, "workflow", "trust", "--folder", other).exit_code == 0
    took = lasts(machine, "workflow", "trust")

    def act(number: int) -> None:
        killed(machine, took, number, "workflow", ("trust", "untrust")[number % 2])
        roots = [
            one["root"] for one in wsp(machine, "workflow", "list", "--json").document["trusted"]
        ]
        assert other in roots
        assert set(roots) <= {other, str(machine.workspace)}

    rounds(act)


@pytest.mark.slow
def test_tool(machine: Machine) -> None:
    """A tool is installed, told as broken, or not there; the next installation ends well."""
    program = machine.home / ".local" / "bin" / NAME
    took = lasts(machine, "tool", "install", NAME)

    def act(number: int) -> None:
        assert wsp(machine, "tool", "uninstall", NAME).exit_code == 0
        killed(machine, took, number, "tool", "install", NAME)
        listed = wsp(machine, "tool", "list", "--json")
        assert listed.exit_code in (0, 3), listed.text
        if any(tool["status"]["state"] == "ok" for tool in listed.document["tools"]):
            assert os.access(program, os.X_OK)
        again = wsp(machine, "tool", "install", NAME)
        assert again.exit_code == 0, again.text
        assert os.access(program, os.X_OK)

    rounds(act)


@pytest.mark.slow
def test_script(machine: Machine) -> None:
    """A script's environment is made or is not; the next run is in a whole one."""
    script = write(
        machine.workspace / "script.py",
        f'# /// script\n# dependencies = ["{NAME}"]\n# ///\nimport json, {NAME}\nprint(json.dumps("ran"))\n',
    )
    took = lasts(machine, "script", "run", str(script))

    def act(number: int) -> None:
        shutil.rmtree(os.path.join(machine.host.cache, "environments"), ignore_errors=True)
        killed(machine, took, number, "script", "run", str(script))
        done = wsp(machine, "script", "run", str(script))
        assert done.exit_code == 0, done.text
        assert json.loads(done.stdout) == "ran"

    rounds(act)


@pytest.fixture
def together(machine: Machine, pytestconfig: pytest.Config) -> Callable[..., set[int]]:
    """Run a command many times at once, each time in a process of its own; gives their exit codes."""

    def run(*words: str, said: str = "") -> set[int]:
        makers = [
            subprocess.Popen(
                argv_of(*words),
                cwd=machine.workspace,
                env=machine.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(20 if pytestconfig.getoption("whole") else 4)
        ]
        texts = [maker.communicate(timeout=GUARD)[0] for maker in makers]
        assert not any("Traceback" in text or said not in text for text in texts), texts
        return {maker.returncode for maker in makers}

    return run


def test_many_environments_at_once(machine: Machine, together: Callable[..., set[int]]) -> None:
    """Whoever makes one, or is too late, and whoever syncs it, finds it whole; of the selections, one stands."""
    prefix, other = machine.workspace / ".venv", make_venv(machine.workspace / "other")
    before = tree_of(other)
    assert 0 in together("env", "create") <= {0, 1}
    assert holds(machine, prefix)
    (module,) = prefix.glob(f"lib/python3*/site-packages/{NAME}*.dist-info/RECORD")
    shutil.rmtree(module.parent)
    assert together("env", "sync") == {0}
    assert holds(machine, prefix)
    assert tree_of(other) == before
    assert together("env", "select", "other") == {0}
    environment = wsp(machine, "env", "default", "--json").document["environment"]
    assert (environment["source"], environment["id"]) == ("selected", "other")


def test_many_consents_at_once(machine: Machine, together: Callable[..., set[int]]) -> None:
    """All are given, and that to another project stays."""
    for folder in (machine.workspace, machine.home / "other"):
        write(folder / "serve.py")
        write(folder / "pyworkflow.toml", '[workflow]\nwsp = {script = "serve.py"}\n')
    other = str(machine.home / "other")
    assert wsp(machine, "workflow", "trust", "--folder", other).exit_code == 0
    assert together("workflow", "trust") == {0}
    trusted = wsp(machine, "workflow", "list", "--json").document["trusted"]
    assert {one["root"] for one in trusted} == {other, str(machine.workspace)}


def test_many_tools_and_scripts_at_once(
    machine: Machine, together: Callable[..., set[int]]
) -> None:
    """One makes the environment, and all succeed."""
    text = f'# /// script\n# dependencies = ["{NAME}"]\n# ///\nimport {NAME}\nprint("ran")\n'
    script = write(machine.workspace / "script.py", text)
    assert together("script", "run", str(script), said="ran") == {0}
    assert len(list(Path(machine.host.cache, "environments").glob("*/*/pyvenv.cfg"))) == 1
    assert together("tool", "install", NAME) == {0}
    assert len(list((machine.home / ".local").rglob("pyvenv.cfg"))) == 1
    assert os.access(machine.home / ".local" / "bin" / NAME, os.X_OK)
