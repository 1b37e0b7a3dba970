"""``wsp tool run``: a tool that is run once, from a cache in which it does not grow old."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.command import WSP
from support.files import break_venv, write
from support.forked_command import wsp
from support.imports import SYS_PATH
from support.launching import reach_the_index, wheel
from support.terminal import UNTIL_INTERRUPTED, Terminal
from support.tooling import OLDER, Tooling
from workflow_helper.install import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 24 * 3600


@pytest.fixture(params=["uv", "pip"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Tooling:
    """A machine with uv on PATH, and one without."""
    return Tooling.of(tmp_path, request.param)


@pytest.fixture
def quick(tmp_path: Path) -> Tooling:
    """A machine with uv, where it does not matter who installs."""
    return Tooling.of(tmp_path, "uv")


def run(machine: Tooling, *words: str) -> dict[str, Any]:
    """What a program of :meth:`Tooling.offer` tells that ``wsp tool run WORDS...`` starts."""
    finished = wsp(machine, "tool", "run", *words)
    assert finished.exit_code == 0, finished.text
    document: dict[str, Any] = finished.document
    return document


def cached(machine: Tooling) -> list[Path]:
    """The environments of tools in the cache."""
    return sorted(Path(cache.folder(machine.host)).glob("tool-*/*/pyvenv.cfg"))


def make_old(machine: Tooling, days: float) -> None:
    """Have all that is in the cache be that many days older."""
    then = time.time() - days * DAY
    for path in Path(cache.folder(machine.host)).glob("*/**"):
        os.utime(path, (then, then), follow_symlinks=False)
    for path in (*cached(machine), *Path(cache.folder(machine.host)).glob("*/record.json")):
        os.utime(path, (then, then), follow_symlinks=False)


# -- what is run ------------------------------------------------------------------------------------------------


def test_tool_of_the_index_is_run(machine: Tooling) -> None:
    """A tool that nobody installed is fetched and run; nothing is linked."""
    for name in ("UV_OFFLINE", "PIP_NO_INDEX", "UV_FIND_LINKS", "PIP_FIND_LINKS"):
        del machine.environ[name]
    reach_the_index(machine)
    finished = wsp(machine, "tool", "run", "cowsay@6.1", "-t", "moo")
    assert finished.exit_code == 0, finished.text
    assert b"| moo |" in finished.stdout
    assert machine.remains() == {}
    again = wsp(machine, "tool", "run", "cowsay@6.1", "-t", "moo")
    assert (again.exit_code, again.stderr) == (0, b"")


def test_every_word_behind_the_tool_is_its_own(quick: Tooling) -> None:
    """Options that the command itself knows reach the tool when they follow its name."""
    quick.offer("demo")
    words = ["--json", "--help", "--", "--python", "3.1", "-v", "", "*"]
    assert run(quick, "demo", *words)["argv"] == words
    many = [f"line {number}" for number in range(300)]
    assert run(quick, "demo", *many)["argv"] == many


def test_tool_is_run_as_if_directly(quick: Tooling) -> None:
    """It stands in the same folder, reads the same input, and ends the command with its own status."""
    quick.offer("demo")
    run(quick, "demo")
    done = subprocess.run(
        [*WSP, "tool", "run", "demo", "7"],
        cwd=quick.workspace,
        env=quick.environ,
        input=b"piped",
        capture_output=True,
        check=False,
    )
    document = json.loads(done.stdout)
    assert done.returncode == 7
    assert (document["stdin"], document["cwd"]) == ("piped", str(quick.workspace))


@pytest.mark.needs("POSIX")
def test_signals_and_the_terminal_are_the_tool_s(quick: Tooling) -> None:
    """What is typed and Ctrl-C reach the tool, which has taken the command's place."""
    text = f"def main():\n    print('heard', input(), flush=True)\n    {UNTIL_INTERRUPTED}\n"
    wheel(quick.packages, name="waiting", text=text)
    argv = (*WSP, "tool", "run", "waiting")
    with Terminal(argv, cwd=quick.workspace, environ=quick.environ) as terminal:
        terminal.type(b"typed\n")
        terminal.until(b"heard typed")
        terminal.type(b"\x03")
        output, status = terminal.ended()
    assert b"KeyboardInterrupt" in output
    assert status == -2


@pytest.mark.parametrize(
    ("words", "program", "version"),
    [
        (("demo",), "demo", "2.0"),
        (("Demo",), "demo", "2.0"),
        (("demo@1.0",), "demo", "1.0"),
        (("demo==1.*",), "demo", "1.0"),
        (("demo@latest",), "demo", "2.0"),
        (("--from", "demo", "more"), "more", "2.0"),
        (("--from", "demo@1.0", "more"), "more", "1.0"),
        pytest.param(
            *(("--from", "demo<2", "--python", OLDER, "more"), "more", "1.0"),
            marks=pytest.mark.needs(pythons=2),
        ),
        (("single",), "another-name", "1.0"),
        (("--with", "needed", "demo"), "demo", "2.0"),
        (("{packages}/demo-1.0-py3-none-any.whl",), "demo", "1.0"),
    ],
    ids=str,
)
def test_tool_is_named_in_many_ways(
    quick: Tooling, words: Sequence[str], program: str, version: str
) -> None:
    """By name, version, requirement, path, the package that has it; the second time it is there already."""
    for each in ("1.0", "2.0"):
        quick.offer("demo", each, programs=("demo", "more"))
    quick.offer("single", programs=("another-name",))
    quick.offer("needed")
    spelled = [word.format(packages=quick.packages) for word in words]
    finished = run(quick, *spelled)
    assert (finished["program"], finished["version"]) == (program, version)
    if "--python" in words:
        assert finished["python"] == OLDER
    again = run(quick, *spelled)
    assert (again["prefix"] == finished["prefix"]) == ("demo@latest" not in words)


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (("several",), 1, "It has first, second: use --from several and the program."),
        (("--from", "demo", "other"), 1, "demo has no program other"),
        (("library",), 1, "library has no programs"),
        (("--from", "demo", "../demo"), 2, "is not the name of a program"),
        (("-r x",), 2, "no option"),
        (("two words",), 2, "is not a requirement"),
        (("demo", "--python"), 0, "--python"),
        (("--python", "3.7", "demo"), 1, "'wsp python install 3.7'"),
    ],
    ids=str,
)
def test_what_cannot_be_run_is_told(
    quick: Tooling, words: Sequence[str], exit_code: int, says: str
) -> None:
    """Each mistake is one sentence, and leaves nothing in the cache that fails another time."""
    quick.offer("demo")
    quick.offer("library", programs=())
    quick.offer("several", programs=("first", "second"))
    for _ in range(2):
        finished = wsp(quick, "tool", "run", *words)
        assert (finished.exit_code, says in finished.text) == (exit_code, True), finished.text


def test_installed_tool_is_run_as_it_is_installed(quick: Tooling) -> None:
    """Without a wish of its own, what is installed runs; with one, or when it is broken, the cache is used."""
    quick.offer("demo")
    installed = quick.tool("install", "demo")["tool"]
    quick.offer("demo", "2.0")
    assert run(quick, "demo")["prefix"] == installed["prefix"]
    assert run(quick, "--from", "demo", "demo")["prefix"] == installed["prefix"]
    assert cached(quick) == []
    assert run(quick, "demo@2.0")["version"] == "2.0"
    break_venv(Path(installed["prefix"]))
    assert run(quick, "demo")["version"] == "2.0"


def test_archive_that_changes_is_installed_anew(quick: Tooling) -> None:
    """What lies at a path counts with all that it holds."""
    archive = quick.offer("demo")
    first = run(quick, str(archive))
    assert run(quick, str(archive))["prefix"] == first["prefix"]
    quick.offer("demo", programs=("demo", "more"))
    assert run(quick, str(archive))["prefix"] != first["prefix"]
    assert run(quick, "--from", str(archive), "more")["program"] == "more"


# -- age --------------------------------------------------------------------------------------------------------


def test_old_tool_is_made_anew(machine: Tooling) -> None:
    """For two weeks the same environment runs; after that the newest version is looked for."""
    machine.offer("demo")
    first = run(machine, "demo")
    machine.offer("demo", "2.0")
    make_old(machine, 13)
    assert run(machine, "demo")["prefix"] == first["prefix"]
    make_old(machine, 15)
    assert run(machine, "demo")["version"] == "2.0"


def test_old_tool_runs_where_the_index_is_out_of_reach(quick: Tooling) -> None:
    """Without a network the old one does, which is told once a day; what is not there at all is an error."""
    quick.offer("demo")
    first = run(quick, "demo")
    del quick.environ["UV_OFFLINE"], quick.environ["UV_FIND_LINKS"]
    closed = "http://127.0.0.1:9"
    quick.environ.update(
        dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), closed),
        UV_HTTP_RETRIES="0",
        UV_CACHE_DIR=str(quick.home / "empty"),
    )
    make_old(quick, 15)
    finished = wsp(quick, "tool", "run", "demo")
    assert finished.document["prefix"] == first["prefix"]
    assert b"demo is 15 days old, and a newer version could not be searched for" in finished.stderr
    assert wsp(quick, "tool", "run", "demo").stderr == b""
    assert wsp(quick, "tool", "run", "demo@latest").exit_code == 1
    assert wsp(quick, "tool", "run", "other").exit_code == 1


def test_what_is_not_run_is_removed(quick: Tooling) -> None:
    """What was not run for a month goes when another tool is made; what replaced another goes a day later."""
    for name in ("old", "demo"):
        quick.offer(name)
        run(quick, name)
    make_old(quick, 31)
    assert run(quick, "demo")["version"] == "1.0"
    assert {path.parts[-3] for path in cached(quick)} == {"tool-demo"}
    assert len(cached(quick)) == 2
    make_old(quick, 15)
    run(quick, "demo")
    assert len(cached(quick)) == 2


def test_broken_environment_is_made_anew(quick: Tooling) -> None:
    """A cached tool whose Python went away is made again."""
    quick.offer("demo")
    break_venv(Path(run(quick, "demo")["prefix"]))
    assert run(quick, "demo")["version"] == "1.0"


def test_many_first_runs_at_once_make_one(machine: Tooling) -> None:
    """However many start a tool for the first time at once, one makes it, and all run it."""
    machine.offer("demo")
    argv = [*WSP, "tool", "run", "demo"]
    starters = [
        subprocess.Popen(
            argv,
            cwd=machine.workspace,
            env=machine.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(5)
    ]
    outputs = [starter.communicate()[0] for starter in starters]
    assert len({json.loads(one)["prefix"] for one in outputs}) == 1
    assert len(cached(machine)) == 1


# -- a warm start -----------------------------------------------------------------------------------------------

#: Says how a tool is started, as ``wsp tool run`` does, and prints the modules that were loaded.
PROBE = """
import sys
sys.path[:0] = {source!r}
before = set(sys.modules)
from workflow_helper.cli.arguments import parse
from workflow_helper.cli.fast_path import quickly
from workflow_helper.system.host import this_host
command = quickly(parse(sys.argv[1:]), this_host(), {cwd!r})
loaded = sorted(set(sys.modules) - before)
import json
print(json.dumps([list(command.argv), loaded]))
"""
#: Each costs as much as a good part of an answer.
HEAVY = {
    *("subprocess", "threading", "json", "re", "typing", "enum", "functools", "hashlib", "tomllib"),
    *("packaging", "pathlib", "tempfile", "dataclasses", "platformdirs", "csv"),
    *(
        "workflow_helper.resolver.resolve",
        "workflow_helper.cli.context",
        "workflow_helper.install.installer",
    ),
}


@pytest.mark.parametrize(
    "words",
    [
        ("demo",),
        ("demo@1.0",),
        ("--python", OLDER, "demo"),
        ("--from", "demo", "more"),
        ("installed",),
    ],
    ids=str,
)
def test_warm_start_loads_nothing_heavy(quick: Tooling, words: Sequence[str]) -> None:
    """What is there already, cached or installed, is started without a parser or a process."""
    quick.offer("demo", programs=("demo", "more"))
    quick.offer("installed")
    if words == ("installed",):
        quick.tool("install", "installed")
    run(quick, *words)
    probe = PROBE.format(source=SYS_PATH, cwd=str(quick.workspace))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe, "tool", "run", *words, "-x"],
        env=quick.environ,
        capture_output=True,
        check=True,
    )
    argv, modules = json.loads(done.stdout)
    assert os.access(argv[0], os.X_OK)
    assert argv[1:] == ["-x"]
    assert set(modules) & HEAVY == set()


def test_project_does_not_say_what_runs(quick: Tooling) -> None:
    """A program or a setting in the folder that one stands in is not what is run."""
    quick.offer("demo")
    write(quick.workspace / "demo", "#!/bin/sh\necho theirs\n", executable=True)
    write(quick.workspace / "uv.toml", "no-index = true\nfind-links = []\n")
    assert run(quick, "demo")["version"] == "1.0"
