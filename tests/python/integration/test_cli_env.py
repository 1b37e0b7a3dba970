"""``wsp env create``, ``sync``, ``check`` and ``delete`` by real uv, and by venv and pip: status, JSON, and what is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.command import GUARD, WSP, Finished
from support.files import (
    base_python,
    break_venv,
    drawn_venv,
    link,
    packages_in,
    python_in,
    write,
)
from support.forked_command import wsp
from support.imports import SYS_PATH
from support.launching import put_uv_on_path
from support.machine import Machine, make_venv
from support.mirror import mirror_of
from support.needs import need
from support.processes import see_it_end
from support.pythons import minor, other_cpython
from support.recipes import Site
from support.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["uv", "pip"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A small project with a dependency, a group and an extra: of uv's with a lock, or of no tool's, without uv."""
    if request.param == "uv":
        return Site.at(tmp_path / "machine", "uv")
    made = Site.at(tmp_path / "machine", "venv")
    made.take("uv")
    return made


@pytest.fixture(params=["uv", "venv"])
def quick(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """The same where it does not matter who installs: of uv's, or of no tool's, and uv does it for both."""
    return Site.at(tmp_path / "machine", request.param)


@pytest.fixture
def uv_site(tmp_path: Path) -> Site:
    """The same, with uv."""
    return Site.at(tmp_path / "machine", "uv")


def done(site: Site, *words: str) -> Finished:
    """``wsp WORDS...``, which must succeed."""
    finished = wsp(site.machine, *words)
    assert finished.exit_code == 0, finished.text
    return finished


def error_of(finished: Finished, code: str, exit_code: int = 1) -> dict[str, str]:
    """The error that the one document on standard output tells."""
    assert finished.exit_code == exit_code, finished.text
    assert list(finished.document) == ["error"]
    error: dict[str, str] = finished.document["error"]
    assert list(error) == ["code", "message", "hint"]
    assert error["code"] == code, error
    return error


def installed(site: Site) -> set[str]:
    """The names of what the environment holds."""
    script = "import importlib.metadata as m; print(*{one.name for one in m.distributions()})"
    return set(done(site, "env", "run", "--", "python", "-I", "-c", script).stdout.decode().split())


@pytest.mark.needs("POSIX")
@pytest.mark.needs("another CPython")
def test_python_that_a_project_lacks_is_offered(tmp_path: Path) -> None:
    """Who says yes gets the Python, and the environment with it; where nobody can be asked, the error names the command."""
    machine = Machine.at(tmp_path)
    put_uv_on_path(machine)
    other = other_cpython()
    version = minor(other)
    mirror_of(other, machine, tmp_path)
    write(
        machine.workspace / "pyproject.toml",
        f'[project]\nname = "a"\nrequires-python = "=={version}.*"\n',
    )
    words = ("--workflow", "venv")
    finished = wsp(machine, "env", "create", *words)
    assert (finished.exit_code, f"'wsp python install {version}'" in finished.text) == (1, True)
    argv = [*WSP, "env", "create", *words]
    for answer, status in ((b"n\n", 1), (b"y\n", 0)):
        with Terminal(
            argv, cwd=machine.workspace, environ=machine.environ, columns=300
        ) as terminal:
            terminal.until(
                f"Python {version} is not on this machine. Install it now? [y/N] ".encode()
            )
            terminal.type(answer)
            assert terminal.ended()[1] == status
    assert (machine.workspace / ".venv" / "bin" / f"python{version}").exists()


# -- create, check, sync --------------------------------------------------------------------------------------------


def test_what_is_created_holds_what_the_project_says(site: Site) -> None:
    """Its dependencies, and the groups and extras that are named; it is the default, works, and is in sync; ``-v`` tells how."""
    created = done(site, "env", "create", "--group", "test", "--extra", "more", "--json", "-v")
    made = created.document
    assert list(made) == ["root", "environment"]
    assert made["environment"]["default"] is True
    # With -v each command that was run stands on standard error.
    assert b"wsp: running /" in created.stderr
    assert {"iniconfig", "packaging", "pluggy"} <= installed(site)
    done(site, "workflow", "trust")
    checked = done(site, "env", "check", "--group", "test", "--extra", "more", "--json").document
    assert list(checked) == ["root", "environment", "in_sync", "message"]
    assert (checked["in_sync"], checked["message"]) == (True, "")


def test_what_is_out_of_sync_is_told_and_mended(site: Site) -> None:
    """``check`` fails with a code of its own and changes nothing; ``sync`` says what it did, and then they agree."""
    done(site, "env", "create")
    done(site, "workflow", "trust")
    assert "packaging" not in installed(site)
    before = sorted((site.root / ".venv").rglob("*"))
    error = error_of(wsp(site.machine, "env", "check", "--group", "test", "--json"), "out_of_sync")
    assert "wsp env sync --group test" in error["hint"]
    assert sorted((site.root / ".venv").rglob("*")) == before
    plain = wsp(site.machine, "env", "check", "--group", "test")
    assert (plain.exit_code, plain.stdout) == (1, b"")

    synced = done(site, "env", "sync", "--group", "test", "--json").document
    assert list(synced) == ["root", "environment", "changed", "installed", "removed", "recreated"]
    assert synced["changed"] is True
    assert synced["recreated"] is False
    assert [one["name"] for one in synced["installed"]] == ["packaging"]
    assert "packaging" in installed(site)
    done(site, "env", "check", "--group", "test")
    again = done(site, "env", "sync", "--group", "test", "--json").document
    assert (again["changed"], again["installed"], again["removed"]) == (False, [], [])


def test_a_frozen_sync_fails_where_the_lock_is_out_of_date(uv_site: Site) -> None:
    """The lock file stays as it is; without ``--frozen`` it is brought up to date."""
    done(uv_site, "env", "create")
    uv_site.make_stale()
    lock = (uv_site.root / "uv.lock").read_bytes()
    error_of(wsp(uv_site.machine, "env", "sync", "--frozen", "--json"), "lock_outdated")
    assert (uv_site.root / "uv.lock").read_bytes() == lock
    done(uv_site, "env", "sync")
    assert (uv_site.root / "uv.lock").read_bytes() != lock


@pytest.mark.needs("POSIX")
def test_a_check_runs_nothing_of_a_project_that_is_not_trusted(tmp_path: Path) -> None:
    """The tool, which may build the project, is asked after ``wsp workflow trust`` alone; until then nobody can tell."""
    site = Site.at(tmp_path / "machine", "uv", lock=False)
    done(site, "env", "create")
    ran = site.machine.home / "ran"
    fake = site.machine.home / "programs" / "uv"
    real = os.readlink(fake)
    fake.unlink()
    write(fake, f'#!/bin/sh\necho >> "{ran}"\nexec "{real}" "$@"\n', executable=True)
    # That the project names its workflow is no consent.
    with (site.root / "pyproject.toml").open("a") as file:
        file.write('[workflow]\nwsp = "uv"\n')
    checked = done(site, "env", "check", "--json").document
    assert checked["in_sync"] is None
    assert "wsp workflow trust" in checked["message"]
    assert not ran.exists()
    done(site, "workflow", "trust")
    assert done(site, "env", "check", "--json").document["in_sync"] is True
    assert ran.exists()
    done(site, "workflow", "untrust")
    assert done(site, "env", "check", "--json").document["in_sync"] is None


def test_without_an_environment_there_is_nothing_to_check_and_nothing_to_sync(site: Site) -> None:
    """A query that finds nothing is exit 3; a change that cannot be made is exit 1, and says what to do."""
    assert wsp(site.machine, "env", "check").exit_code == 3
    error = error_of(wsp(site.machine, "env", "sync", "--json"), "not_found")
    assert "wsp env create" in error["hint"]


# -- what is broken -------------------------------------------------------------------------------------------------


def test_a_broken_environment_is_recreated_with_consent_alone(quick: Site) -> None:
    """Without a terminal that is ``--recreate``: until then it stays as it is."""
    done(quick, "env", "create")
    break_venv(quick.root / ".venv")
    mark = write(quick.root / ".venv" / "lib" / "mark")
    checked = error_of(wsp(quick.machine, "env", "check", "--json"), "broken")
    assert "wsp env sync" in checked["hint"]
    for more in ((), ("--no-input",)):
        refused = error_of(wsp(quick.machine, "env", "sync", "--json", *more), "broken")
        assert "--recreate" in refused["hint"]
    assert mark.exists()

    synced = done(quick, "env", "sync", "--recreate", "--group", "test", "--json").document
    assert (synced["changed"], synced["recreated"]) == (True, True)
    assert {"iniconfig", "packaging"} <= {one["name"] for one in synced["installed"]}
    assert synced["environment"]["status"]["state"] == "ok"
    assert not mark.exists()
    kept = done(quick, "env", "sync", "--recreate", "--group", "test", "--json").document
    assert kept["recreated"] is False


@pytest.mark.needs("POSIX")
def test_a_killed_sync_is_repaired_by_the_next(site: Site) -> None:
    """Without ``--recreate``: the package of which half the files are there is installed again, the rest stays."""
    done(site, "env", "create", "--group", "test")
    folder = packages_in(site.root / ".venv")
    mark = write(folder / "mine.txt")
    script = (
        "import os, signal, sys; from workflow_helper.system.host import this_host\n"
        "from workflow_helper.install.claim import changing\n"
        "with changing(sys.argv[1], this_host()):\n"
        "    os.unlink(sys.argv[2]); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    half = folder / "iniconfig" / "__init__.py"
    argv = [sys.executable, "-I", "-c", script, str(site.root / ".venv"), str(half)]
    subprocess.run(argv, env=site.machine.environ, check=False)
    (folder / "iniconfig" / "_parse.py").touch()
    checked = error_of(wsp(site.machine, "env", "check", "--json"), "broken")
    assert "repair it with: wsp env sync" in checked["message"]
    synced = done(site, "env", "sync", "--group", "test", "--json").document
    assert synced["recreated"] is False
    assert half.exists()
    assert mark.exists()
    assert wsp(site.machine, "env", "check", "--group", "test").exit_code == 0


@pytest.mark.needs("POSIX")
def test_a_moved_project_is_told_and_its_programs_lead_to_it_after_a_sync(quick: Site) -> None:
    """Also where the old place holds another environment by now; a program of the machine's is left as it is."""
    done(quick, "env", "create")
    done(quick, "workflow", "trust")
    programs = quick.root / ".venv" / "bin"
    old = str(quick.root / ".venv")
    short, long = f"#!{old}/bin/python\n", f"#!/bin/sh\n'''exec' '{old}/bin/python' \"$0\" \"$@\"\n"
    for name, first in (("short", short), ("long", long), ("theirs", "#!/usr/bin/python3\n")):
        write(programs / name, f"{first}print('{old}-other')\n").chmod(0o755)
    done(quick, "env", "check")
    moved = quick.root.rename(quick.root.with_name("moved"))
    make_venv(quick.root / ".venv")

    def run(*words: str) -> Finished:
        return wsp(quick.machine, *words, "--folder", str(moved))

    assert run("workflow", "trust").exit_code == 0
    error = error_of(run("env", "check", "--json"), "out_of_sync")
    assert f"it was moved: its programs start the Python of {old}" in error["message"]
    synced = run("env", "sync", "--json")
    assert synced.exit_code == 0, synced.text
    assert synced.document["changed"] is True
    assert run("env", "check").exit_code == 0
    programs = moved / ".venv" / "bin"
    for name in ("short", "long"):
        text = (programs / name).read_text()
        assert f"{moved}/.venv/bin/python" in text
        assert f"{old}-other" in text
        assert os.access(programs / name, os.X_OK)
    assert (programs / "theirs").read_text().startswith("#!/usr/bin/python3\n")
    script = f". {programs}/activate && command -v python"
    found = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == f"{programs}/python\n"


def test_a_python_of_the_machine_is_never_changed_as_a_project_s_environment(uv_site: Site) -> None:
    """As in a container, where UV_PROJECT_ENVIRONMENT names its folder: each refusal is one sentence."""
    prefix = sys.base_prefix
    uv_site.machine.environ["UV_PROJECT_ENVIRONMENT"] = prefix
    shown = done(uv_site, "env", "default", "--json").document["environment"]
    assert (shown["kind"], shown["source"]) == ("system", "tool")
    done(uv_site, "workflow", "trust")
    synced = wsp(uv_site.machine, "env", "sync")
    assert synced.exit_code == 1
    assert synced.text.strip().splitlines() == [
        f"wsp: {prefix} is not changed: it is a Python of the machine, whose packages are neither compared nor changed"
    ]
    checked = done(uv_site, "env", "check", "--json").document
    assert checked["in_sync"] is None
    made = error_of(wsp(uv_site.machine, "env", "create", "--json"), "protected")
    assert f"UV_PROJECT_ENVIRONMENT names {prefix}" in made["message"]


def test_a_python_that_lacks_a_package_of_ours_is_named(machine: Machine) -> None:
    """Whoever starts the sources with any Python is told what is missing, not of an internal error."""
    write(
        machine.workspace / "pyproject.toml",
        '[project]\nname = "a"\nversion = "1"\ndependencies = ["b"]\n',
    )
    make_venv(machine.workspace / ".venv")
    script = f"import sys; sys.path[:0] = {SYS_PATH!r}; sys.argv = ['wsp', 'env', 'check']\n"
    script += "from workflow_helper.__main__ import console; console()"
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    # What tells the user's folders is asked for first where the product does not know them by itself.
    package = "packaging" if sys.platform == "linux" else "platformdirs"
    said = f"the Python package {package}, which wsp needs, is not installed for {sys.executable}"
    assert said in finished.stderr


def test_a_package_whose_files_are_gone_is_told_and_comes_back(site: Site) -> None:
    """Its record says that it is installed, so the tools themselves find nothing to do."""
    done(site, "env", "create")
    done(site, "workflow", "trust")
    folder = packages_in(site.root / ".venv")
    shutil.rmtree(folder / "iniconfig")
    error = error_of(wsp(site.machine, "env", "check", "--json"), "out_of_sync")
    assert "the files of iniconfig are gone" in error["message"]
    done(site, "env", "sync")
    assert (folder / "iniconfig" / "__init__.py").exists()
    done(site, "env", "check")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("answer", "made"), [(b"\n", False), (b"n\n", False), (b"y\n", True)])
def test_a_terminal_is_asked_before_anything_is_deleted(
    machine: Machine,
    answer: bytes,
    made: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The question shows what is deleted; anything but a yes leaves it."""
    make_venv(machine.workspace / ".venv")
    break_venv(machine.workspace / ".venv")
    argv = [*WSP, "env", "sync"]
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ) as terminal:
        output = terminal.until(b"[y/N] ")
        assert os.fsencode(machine.workspace / ".venv") in output
        terminal.type(answer)
        _, status = terminal.ended()
    assert status == (0 if made else 1)
    assert (wsp(machine, "env", "check").exit_code == 0) == made


@pytest.mark.needs("POSIX")
def test_no_question_is_asked_with_no_input(machine: Machine) -> None:
    """On a terminal too it is refused then, and says what to add."""
    make_venv(machine.workspace / ".venv")
    break_venv(machine.workspace / ".venv")
    argv = [*WSP, "env", "sync", "--no-input"]
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ) as terminal:
        output, status = terminal.ended()
    assert status == 1
    assert b"--recreate" in output


def test_what_would_not_be_made_again_is_not_deleted(machine: Machine) -> None:
    """A broken environment where the workflow makes none, or outside the project, stays, also with ``--recreate``."""
    outside = make_venv(machine.home / "elsewhere")
    inside = make_venv(machine.workspace / "envs" / "a")
    write(machine.workspace / ".python-envs", f"envs/a\n{outside}\n")
    for prefix, word in ((outside, str(outside)), (inside, "envs/a")):
        break_venv(prefix)
        error_of(wsp(machine, "env", "sync", word, "--recreate", "--json"), "protected")
        assert (prefix / "pyvenv.cfg").exists()


# -- deleting -------------------------------------------------------------------------------------------------------


def test_a_deleted_environment_is_gone_and_forgotten(machine: Machine) -> None:
    """With the line and the selection that named it; the others stay."""
    for name in (".venv", "envs/a", "envs/b"):
        make_venv(machine.workspace / name)
    write(machine.workspace / ".python-envs", "envs/a\nenvs/b\n")
    wsp(machine, "env", "select", "envs/a")
    deleted = wsp(machine, "env", "delete", "envs/a", "--json")
    assert deleted.exit_code == 0, deleted.text
    prefix = str(machine.workspace / "envs" / "a")
    assert deleted.document == {
        "root": str(machine.workspace),
        "deleted": prefix,
        "forgotten": True,
    }
    assert not os.path.lexists(prefix)
    assert (machine.workspace / ".python-envs").read_text() == "envs/b\n"
    left = wsp(machine, "env", "list", "--json").document["environments"]
    assert [(one["id"], one["default"]) for one in left] == [(".venv", True), ("envs/b", False)]
    again = wsp(machine, "env", "delete", ".venv", "--json")
    assert again.document["forgotten"] is False


def test_a_broken_environment_can_be_deleted(quick: Site) -> None:
    """Though its tool would not know it any more."""
    done(quick, "env", "create")
    break_venv(quick.root / ".venv")
    write(quick.root / ".venv" / "pyvenv.cfg", "home = /nowhere\n")
    done(quick, "env", "delete", ".venv")
    assert not (quick.root / ".venv").exists()


def test_what_lies_outside_is_deleted_when_that_is_said(machine: Machine) -> None:
    """A redirect leads to it: without ``--outside`` the message shows where it really is, and it stays."""
    outside = make_venv(machine.home / "elsewhere")
    write(machine.workspace / ".venv", f"{outside}\n")
    identity = wsp(machine, "env", "list", "--json").document["environments"][0]["id"]
    error = error_of(wsp(machine, "env", "delete", identity, "--json"), "outside_project")
    assert str(outside) in error["message"]
    assert "--outside" in error["hint"]
    assert python_in(outside).exists()
    assert wsp(machine, "env", "delete", identity, "--outside").exit_code == 0
    assert not outside.exists()
    assert not (machine.workspace / ".venv").exists()


@pytest.mark.needs("POSIX")
def test_pythons_and_conda_s_base_are_never_deleted(machine: Machine) -> None:
    """Nor a link, nor a folder that is not an environment, with ``--outside`` either."""
    base = machine.home / "conda"
    for name in ("conda-meta/history", "condabin/conda", "bin/python"):
        write(base / name, executable=True)
    python = os.path.realpath(sys.executable)
    target = make_venv(machine.home / "target")
    alias = link(machine.workspace / "alias", target)
    for word in (str(base), python, str(alias)):
        for more in ((), ("--outside",)):
            refused = wsp(machine, "env", "delete", word, *more, "--json")
            error_of(refused, "protected")
    assert (base / "conda-meta" / "history").exists()
    assert os.path.exists(python)
    assert (target / "pyvenv.cfg").exists()


# -- interrupted ----------------------------------------------------------------------------------------------------


def interrupted(project: Blocking, site: Site, *words: str, times: int = 1) -> Finished:
    """``wsp WORDS...``, interrupted while the project is being built; what it started is gone."""
    need("POSIX")  # a signal
    running = subprocess.Popen(
        [*WSP, *words],
        cwd=site.root,
        env=site.machine.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    building = project.building()
    for _ in range(times):
        running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=GUARD)
    see_it_end(building)
    return Finished(running.returncode, stdout, stderr)


def held_up(site: Site) -> Blocking:
    """Have the project of the site wait when it is built."""
    for name in ("pyproject.toml", "uv.lock"):
        (site.root / name).unlink(missing_ok=True)
    return Blocking.at(site.root, table="[tool.uv]\n" if site.recipe.name == "uv" else "")


def test_an_interrupted_create_leaves_nothing(site: Site) -> None:
    """Exit 130, no environment, no process; and the next one makes it."""
    blocking = held_up(site)
    stopped = interrupted(blocking, site, "env", "create", "--json")
    assert stopped.exit_code == 130, stopped.text
    assert not (site.root / ".venv").exists()
    assert wsp(site.machine, "env", "default").exit_code == 3
    blocking.wait(wanted=False)
    done(site, "env", "create")
    assert "blocking" in installed(site)


def test_a_create_that_is_interrupted_twice_at_once_leaves_nothing(quick: Site) -> None:
    """The second interruption does not keep the first from tidying up."""
    stopped = interrupted(held_up(quick), quick, "env", "create", "--json", times=2)
    assert stopped.exit_code == 130, stopped.text
    assert not (quick.root / ".venv").exists()


def test_an_interrupted_sync_can_be_done_again(quick: Site) -> None:
    """Exit 130; whatever is there then, the next sync brings in sync."""
    blocking = held_up(quick)
    blocking.wait(wanted=False)
    done(quick, "env", "create")
    blocking.wait(wanted=True)
    blocking.change()
    stopped = interrupted(blocking, quick, "env", "sync", "--json")
    assert stopped.exit_code == 130, stopped.text
    blocking.wait(wanted=False)
    done(quick, "env", "sync", "--recreate")
    assert "blocking" in installed(quick)


# -- trust ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("env", "create"),
        ("env", "sync"),
        ("env", "sync", "--recreate"),
        ("env", "delete", ".venv"),
        ("env", "run", "--", "true"),
        ("task", "run", "x"),
    ],
    ids=" ".join,
)
def test_a_change_is_refused_where_a_declared_workflow_is_not_trusted(
    machine: Machine, words: tuple[str, ...]
) -> None:
    """Exit 4 with what allows it, and nothing is touched."""
    make_venv(machine.workspace / ".venv")
    write(machine.workspace / "pyworkflow.toml", '[workflow]\nwsp = { cmd = ["no-such-server"] }\n')
    head, *rest = words[:2], *words[2:]
    error = error_of(wsp(machine, *head, "--json", *rest), "not_trusted", 4)
    assert "wsp workflow trust" in error["hint"]
    assert (machine.workspace / ".venv" / "pyvenv.cfg").exists()


def test_queries_are_never_refused(machine: Machine) -> None:
    """They do without the workflow, and say so."""
    make_venv(machine.workspace / ".venv")
    write(machine.workspace / "pyworkflow.toml", '[workflow]\nwsp = { cmd = ["no-such-server"] }\n')
    checked = wsp(machine, "env", "check", "--json")
    assert checked.exit_code == 0
    assert checked.document["in_sync"] is None
    assert "is not trusted" in checked.document["message"]
    listed = wsp(machine, "task", "list", "--json")
    assert listed.exit_code == 3
    assert (listed.document["workflow"], listed.document["tasks"]) == (None, [])
    assert "is not trusted" in listed.document["summary"]


# -- what is installed ----------------------------------------------------------------------------------------------


def test_workflow_list_tells_which_tools_are_installed(site: Site) -> None:
    """By name, with the program's absolute path, and the version where a file tells it; nothing is started."""
    document = done(site, "workflow", "list", "--json").document
    has_uv = site.recipe.name == "uv"
    assert [one["name"] for one in document["installed"]] == (["uv"] if has_uv else [])
    assert set(document["bundled"]) >= {"uv", "venv", "conda"}
    if has_uv:
        program = str(site.machine.home / "programs" / "uv")
        output = subprocess.run([program, "--version"], capture_output=True, check=True).stdout
        assert document["installed"][0]["program"] == program
        assert document["installed"][0]["version"] == output.decode().split()[1]
        assert program in done(site, "workflow", "list").stdout.decode()


@pytest.mark.needs("POSIX")
def test_a_program_whose_version_no_file_tells_is_listed_without(machine: Machine) -> None:
    """A file of that name is enough to be found, and is not run."""
    tools = machine.home / "tools"
    write(tools / "hatch", "#!/bin/sh\nexit 1\n", executable=True)
    environ = {"PATH": f"{tools}:{machine.environ['PATH']}"}
    document = wsp(machine, "workflow", "list", "--json", environ=environ).document["installed"]
    entry = {"name": "hatch", "program": str(tools / "hatch"), "version": None}
    assert entry in document
    assert shutil.which("hatch", path=str(tools)) == entry["program"]


def test_check_never_calls_in_sync_what_it_did_not_compare(machine: Machine) -> None:
    """An archive that is not there is out of sync; what a missing file asks for is told as not compared."""
    drawn_venv(machine.workspace / ".venv", base_python(machine.home / "base"))
    requirements = machine.workspace / "requirements.txt"
    write(requirements, "./nothere-1-py3-none-any.whl\n")
    done = wsp(machine, "env", "check", "--json")
    assert (done.exit_code, done.document["error"]["code"]) == (1, "out_of_sync")
    write(requirements, "-r none.txt\n")
    done = wsp(machine, "env", "check", "--json")
    assert (done.exit_code, done.document["in_sync"]) == (0, None)
    assert "none.txt asks for, which does not exist" in done.document["message"]
    assert b"It is unknown whether it is in sync" in wsp(machine, "env", "check").stdout
