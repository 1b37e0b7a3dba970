from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of
from support.imports import SYS_PATH
from support.tree import supported_pythons
from workflow_helper.system.host import NO_HOME

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

#: Prints the product's folders twice: as the host has them, and as platformdirs has them.
BOTH = """
import json, platformdirs
from workflow_helper.system.host import APP, this_host
host = this_host()
ours = [host.config, host.state, host.cache, host.data]
theirs = [
    platformdirs.user_config_dir(APP, appauthor=False),
    platformdirs.user_state_dir(APP, appauthor=False),
    platformdirs.user_cache_dir(APP, appauthor=False),
    platformdirs.user_data_dir(APP, appauthor=False),
]
print(json.dumps([ours, theirs, host.home, host.uid, host.platform]))
"""
VARIABLES = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    "value",
    [None, "", " ", "/elsewhere", "/else where/ü/", "relative", "~/x", "$HOME/x", "/a//b/../c"],
)
def test_the_product_s_folders_are_those_of_platformdirs(
    machine: Machine, value: str | None
) -> None:
    """Spelled out for speed, and the same, whatever the variables hold."""
    environ = machine.environ | ({} if value is None else dict.fromkeys(VARIABLES, value))
    done = subprocess.run(
        [sys.executable, "-c", BOTH], env=environ, cwd=machine.home, capture_output=True, check=True
    )
    ours, theirs, home, uid, platform = json.loads(done.stdout)
    assert ours == theirs
    assert home == str(machine.home)
    assert (uid, platform) == (os.getuid(), sys.platform)


def test_a_user_without_a_home_variable_has_a_home(machine: Machine) -> None:
    """The user's entry in the system's list stands in."""
    environ = {name: value for name, value in machine.environ.items() if name != "HOME"}
    done = subprocess.run(
        [sys.executable, "-c", BOTH], env=environ, capture_output=True, check=True
    )
    ours, theirs, home, _, _ = json.loads(done.stdout)
    assert ours == theirs
    assert os.path.isabs(home)


@pytest.mark.parametrize("value", [".", "home", ""])
def test_a_home_that_is_relative_counts_as_not_set(machine: Machine, value: str) -> None:
    """What the user allowed is never looked for in the folder that is asked about."""
    environ = machine.environ | {"HOME": value}
    done = subprocess.run(
        [sys.executable, "-c", BOTH],
        env=environ,
        cwd=machine.workspace,
        capture_output=True,
        check=True,
    )
    ours, theirs, home, _, _ = json.loads(done.stdout)
    assert ours == theirs
    assert all(map(os.path.isabs, [home, *ours]))
    assert not any(path.startswith(str(machine.workspace)) for path in ours)


#: The same, of a user whom the system's list does not have.
NOBODY = "import pwd; pwd.getpwuid = lambda uid: {}[uid]"


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("value", [None, "", "home", "~"])
def test_a_user_without_any_home_has_no_folder(machine: Machine, value: str | None) -> None:
    """Where the system's list has no entry either, nothing is read or made in the folder that is asked about."""
    environ = {
        name: word for name, word in machine.environ.items() if name not in ("HOME", *VARIABLES)
    }
    if value is not None:
        environ["HOME"] = value
    done = subprocess.run(
        [sys.executable, "-c", f"{NOBODY}\n{BOTH}"],
        env=environ,
        cwd=machine.workspace,
        capture_output=True,
        check=True,
    )
    ours, theirs, home, _, _ = json.loads(done.stdout)
    assert ours == theirs
    assert all(path.startswith(f"{NO_HOME}/") for path in (f"{home}/", *ours))


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["env", "default"], 3),
        (["env", "list"], 0),
        (["env", "create"], 1),
        (["tool", "install", "x"], 1),
    ],
)
def test_questions_are_answered_without_a_home(
    machine: Machine, words: list[str], status: int
) -> None:
    """What reads answers, what has to keep something says what is missing, and no folder is left behind."""
    environ = {
        name: word for name, word in machine.environ.items() if name not in ("HOME", *VARIABLES)
    }
    before = tree_of(machine.workspace)
    script = f"{NOBODY}\nimport sys\nsys.argv = ['wsp', *{words!r}]\nfrom workflow_helper.__main__ import console\nconsole()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        cwd=machine.workspace,
        capture_output=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert tree_of(machine.workspace) == before
    assert (b"this user has no home folder" in done.stderr) == (status == 1)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("python", supported_pythons())
def test_python_of_an_environment_is_the_one_it_was_made_from(python: str, tmp_path: Path) -> None:
    """Run from a virtual environment, with its packages or without, it knows the Python behind it."""
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "e"], check=True)
    script = f"import sys; sys.path[:0] = {SYS_PATH!r}; from workflow_helper.system.host import this_python; print(this_python())"
    for flags in (["-I"], ["-I", "-S"]):
        argv = [str(tmp_path / "e" / "bin" / "python"), *flags, "-c", script]
        done = subprocess.run(argv, capture_output=True, check=True)
        assert os.path.samefile(done.stdout.decode().strip(), python)
        assert not done.stdout.decode().startswith(str(tmp_path))
