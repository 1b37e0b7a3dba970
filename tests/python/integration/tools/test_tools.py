"""``wsp tool``: tools installed, changed and removed, by uv, and by venv and pip."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.command import WSP
from support.command import wsp as started_wsp
from support.files import link, tree_of, write
from support.forked_command import wsp
from support.machine import uv
from support.mirror import mirror_of
from support.pythons import two_pythons
from support.terminal import Terminal
from support.tooling import NEWER, OLDER, Tooling, assert_failed, held_by, online, run

#: Nobody listens there.
CLOSED = "http://127.0.0.1:9"


# -- what is installed --------------------------------------------------------------------------------------------


def test_uv_and_pip_install_the_same(tmp_path: Path) -> None:
    """A tool of the index, with an extra and a version, is the same whoever installs it, and its programs run."""
    made = {}
    for installer in ("uv", "pip"):
        (tmp_path / installer).mkdir()
        machine = online(Tooling.of(tmp_path / installer, installer))
        tool = machine.tool("install", "black[colorama]==24.*")["tool"]
        finished = subprocess.run(
            [machine.bin / "black", "--version"], capture_output=True, check=True
        )
        assert f"black, {tool['version']}".encode() in finished.stdout
        assert sorted(os.listdir(machine.bin)) == ["black", "blackd"]
        inside = {"prefix": None, "programs": [os.path.basename(one) for one in tool["programs"]]}
        made[installer] = ({**tool, **inside}, held_by(tool["prefix"], machine))
    assert made["uv"] == made["pip"]
    tool, packages = made["uv"]
    assert tool["version"].startswith("24.")
    assert tool["requirement"] == "black[colorama]==24.*"
    assert tool["by"] == "wsp"
    assert "colorama" in {name for name, _ in packages}


def test_program_that_is_no_entry_point_is_linked(quick: Tooling) -> None:
    """A tool that is a binary, as ruff is, is linked as any other."""
    online(quick).tool("install", "ruff")
    finished = subprocess.run([quick.bin / "ruff", "--version"], capture_output=True, check=True)
    assert finished.stdout.startswith(b"ruff ")


def test_every_program_of_a_tool_is_linked_and_none_of_what_it_needs(quick: Tooling) -> None:
    """A tool with two programs has two links; those of its dependencies and plug-ins have none."""
    quick.offer("needed")
    quick.offer("plugin")
    quick.offer("two", programs=("two", "two-more"), needs=("needed",))
    done = quick.tool("install", "two", "--with", "plugin")
    assert sorted(os.listdir(quick.bin)) == ["two", "two-more"]
    assert done["tool"]["programs"] == [str(quick.bin / name) for name in ("two", "two-more")]
    assert done["tool"]["with"] == ["plugin"]
    packages = held_by(done["tool"]["prefix"], quick)
    assert packages == {("needed", "1.0"), ("plugin", "1.0"), ("two", "1.0")}
    assert run(quick, "two-more", "a", "b c")["argv"] == ["a", "b c"]


@pytest.mark.needs(pythons=2)
def test_python_is_the_one_that_is_asked_for(quick: Tooling) -> None:
    """A version, a range and a path choose the Python; what was installed gives way, and the list tells."""
    quick.offer("demo")
    path = str(quick.home / "pythons" / f"python{OLDER}")
    for spec, version in ((NEWER, NEWER), (f"<{NEWER}", OLDER), (NEWER, NEWER), (path, OLDER)):
        assert quick.tool("install", "demo", "--python", spec)["changed"]
        assert run(quick, "demo")["python"] == version
        assert quick.listed()["demo"]["python_version"].startswith(version)
    assert len(list((quick.tools / "demo").glob("*/pyvenv.cfg"))) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("demo",),
        ("Demo",),
        ("demo@1.0",),
        ("demo==1.*",),
        ("demo>=0.5,<2",),
        ("{packages}/demo-1.0-py3-none-any.whl",),
        ("demo @ file://{packages}/demo-1.0-py3-none-any.whl",),
        ("{source}",),
        ("demo", "--from", "demo==1.0"),
        ("demo", "--from", "{source}"),
    ],
    ids=str,
)
def test_tool_is_named_in_many_ways(quick: Tooling, words: tuple[str, ...]) -> None:
    """By name, with a version, as an archive or a folder, and by the package that has the program."""
    quick.offer("demo")
    source = quick.workspace / "source"
    backend = "import zipfile, shutil\ndef build_wheel(folder, settings=None, metadata=None):\n    shutil.copy({!r}, folder)\n    return 'demo-1.0-py3-none-any.whl'\n"
    write(source / "backend.py", backend.format(str(quick.packages / "demo-1.0-py3-none-any.whl")))
    project = '[project]\nname = "demo"\nversion = "1.0"\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    write(source / "pyproject.toml", project)
    spelled = [word.format(packages=quick.packages, source=source) for word in words]
    tool = quick.tool("install", *spelled)["tool"]
    assert (tool["name"], tool["version"]) == ("demo", "1.0")
    assert run(quick, "demo")["version"] == "1.0"


@pytest.mark.parametrize(
    "words",
    [
        ("-r requirements.txt",),
        ("two words",),
        ("./nonesuch",),
        ("//host/share/demo.whl",),
        ("{home}",),
        ("demo", "--with", "--index-url=x"),
        ("../demo", "--from", "demo"),
    ],
    ids=str,
)
def test_what_names_no_tool_is_refused(quick: Tooling, words: tuple[str, ...]) -> None:
    """An option, nonsense and a folder that tells no name are refused before an installer sees them."""
    spelled = [word.format(home=quick.home) for word in words]
    finished = wsp(quick, "tool", "install", "--json", *spelled[1:], "--", spelled[0])
    assert_failed(finished, 2, "usage")
    assert quick.remains() == {}


def test_installing_again_does_nothing_and_mends(quick: Tooling) -> None:
    """What is installed as it is asked for stays; a lost program is linked again; another wish replaces it."""
    quick.offer("demo")
    first = quick.tool("install", "demo")
    before = quick.remains()
    again = quick.tool("install", "demo")
    assert (first["changed"], again["changed"]) == (True, False)
    assert again["tool"] == first["tool"]
    (quick.bin / "demo").unlink()
    assert quick.listed()["demo"]["status"]["state"] == "broken"
    assert quick.tool("install", "demo")["changed"]
    assert quick.remains() == before
    other = quick.tool("install", "demo==1.0")
    assert other["changed"]
    assert not Path(first["tool"]["prefix"]).exists()


def test_newest_is_had_in_so_many_words(quick: Tooling) -> None:
    """``@latest`` brings what is installed up to date, and leaves it where it is the newest."""
    quick.offer("demo")
    first = quick.tool("install", "demo")
    assert not quick.tool("install", "demo@latest")["changed"]
    quick.offer("demo", "2.0")
    assert not quick.tool("install", "demo")["changed"]
    done = quick.tool("install", "demo@latest")
    assert (done["before"], done["tool"]["version"]) == ("1.0", "2.0")
    assert done["tool"]["requirement"] == first["tool"]["requirement"]


def test_archive_is_installed_as_it_is_now(quick: Tooling) -> None:
    """What changed at its place under the same version is installed anew, and when it is upgraded."""
    for words in (("install", "packages/demo-1.0-py3-none-any.whl"), ("upgrade", "demo")):
        for programs in (("demo",), ("demo", "more")):
            archive = quick.offer("demo", programs=programs)
            quick.tool(*(str(archive) if "/" in word else word for word in words))
            assert sorted(os.listdir(quick.bin)) == list(programs)


@pytest.mark.needs("POSIX")
def test_folders_may_be_called_anything(tmp_path: Path) -> None:
    """A home with spaces, quotes and letters of other alphabets holds tools like any other."""
    (tmp_path / "with space 'ü\"").mkdir()
    machine = Tooling.of(tmp_path / "with space 'ü\"", "uv")
    # Lists of folders in uv's variable end at a space.
    machine.environ["UV_FIND_LINKS"] = ""
    archive = machine.offer("demo")
    machine.tool("install", str(archive))
    assert run(machine, "demo")["version"] == "1.0"
    machine.tool("upgrade")
    machine.tool("uninstall", "demo")
    assert machine.remains() == {}


def test_programs_move_with_their_folder(quick: Tooling) -> None:
    """Where another folder for programs is configured, installing again links them there and nowhere else."""
    quick.offer("demo")
    quick.tool("install", "demo")
    quick.environ["XDG_BIN_HOME"] = str(quick.home / "bin")
    done = quick.tool("install", "demo")
    assert done["tool"]["programs"] == [str(quick.home / "bin" / "demo")]
    assert os.listdir(quick.bin) == []
    quick.tool("uninstall", "demo")
    assert os.listdir(quick.home / "bin") == []


# -- what is not --------------------------------------------------------------------------------------------------


def test_library_is_no_tool(quick: Tooling) -> None:
    """A package without programs is refused, what it needs that has some is named, and nothing stays."""
    quick.offer("library", programs=())
    quick.offer("needed")
    quick.offer("above", programs=(), needs=("needed",))
    finished = wsp(quick, "tool", "install", "library", "--json")
    assert_failed(finished, 1, "not_found")
    assert finished.document["error"]["message"] == "library has no programs"
    finished = wsp(quick, "tool", "install", "above", "--json")
    assert "needed (needed)" in finished.document["error"]["hint"]
    assert quick.remains() == {}
    assert not Path(quick.host.data).exists()


def test_package_that_does_not_build(machine: Tooling) -> None:
    """What fails to build is told in one sentence with the last words of the build, and nothing stays."""
    source = machine.workspace / "source"
    build = 'requires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    project = f'[project]\nname = "demo"\nversion = "1"\n[build-system]\n{build}'
    write(source / "pyproject.toml", project)
    write(source / "backend.py", "def build_wheel(*_):\n    raise SystemExit('no frob.h here')\n")
    finished = wsp(machine, "tool", "install", "./source")
    assert finished.exit_code == 1
    assert "building it from source failed" in finished.text
    assert "no frob.h here" in finished.text
    assert machine.remains() == {}


def test_package_of_the_index_that_does_not_build(quick: Tooling) -> None:
    """So is one of an index that has nothing but a source that only ever fails."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": "def build_wheel(*_):\n    raise SystemExit('no frob.h here')\n",
        "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    }
    with tarfile.open(quick.packages / "demo-1.0.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            archive.add(write(quick.home / "source" / name, text), f"demo-1.0/{name}")
    finished = wsp(quick, "tool", "install", "demo", "--json")
    assert finished.exit_code == 1
    assert "building it from source failed" in finished.document["error"]["message"]
    assert quick.remains() == {}


def test_package_that_is_not_there(machine: Tooling) -> None:
    """A version that no index has is told as that."""
    finished = wsp(online(machine), "tool", "install", "cowsay==99.0")
    assert finished.exit_code == 1
    assert "no such package, or no version that fits" in finished.text
    assert machine.remains() == {}


def lose_the_index(machine: Tooling) -> None:
    """Leave no way to any index, and nothing in any cache."""
    for name in ("UV_OFFLINE", "PIP_NO_INDEX", "UV_FIND_LINKS", "PIP_FIND_LINKS"):
        machine.environ.pop(name, None)
    machine.environ.update(
        dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), CLOSED),
        PIP_RETRIES="1",
        UV_HTTP_RETRIES="0",
        UV_CACHE_DIR=str(machine.home / "empty"),
    )


def test_index_that_cannot_be_reached(machine: Tooling) -> None:
    """Without a network that is said, and nothing stays."""
    lose_the_index(machine)
    finished = wsp(machine, "tool", "install", "cowsay", "--json")
    assert_failed(finished, 1, "network_unavailable")
    assert machine.remains() == {}


@pytest.mark.needs("unshare")
def test_full_disk_is_told_and_nothing_stays(machine: Tooling) -> None:
    """A disk that is full halfway is told in these words, and what was written is taken away."""
    big = machine.packages / "big-1.0-py3-none-any.whl"
    machine.offer("big")
    with zipfile.ZipFile(big, "a") as archive:
        archive.writestr("big_data.bin", b"\0" * 40_000_000)
    machine.environ["XDG_DATA_HOME"] = str(machine.home / "small")
    script = 'mkdir "$0" && mount -t tmpfs -o size=20M tmpfs "$0" && "$@"; code=$?; find "$0"; exit $code'
    through = ("unshare", "-rm", "sh", "-c", script, str(machine.home / "small"))
    finished = started_wsp(machine, "tool", "install", "big", through=through)
    assert finished.exit_code == 1
    assert "the disk is full" in finished.text
    assert finished.stdout.decode().split() == [str(machine.home / "small")]


def test_python_that_is_not_there(quick: Tooling) -> None:
    """A Python that the machine lacks is told with the command that installs it, and nothing is made."""
    quick.offer("demo")
    finished = wsp(quick, "tool", "install", "demo", "--python", "3.7", "--json")
    assert_failed(finished, 1, "python_unavailable")
    assert "'wsp python install 3.7'" in finished.document["error"]["hint"]
    finished = wsp(quick, "tool", "install", "demo", "--python", "./python3", "--json")
    assert_failed(finished, 1, "python_unavailable")
    assert quick.remains() == {}


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("answer", "made"), [(b"y\n", True), (b"\n", False)])
@pytest.mark.needs("another CPython")
def test_python_that_is_not_there_is_offered(
    tmp_path: Path,
    answer: bytes,
    made: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    """On a terminal a person is asked whether to install it, and the tool runs with it then."""
    machine = Tooling.of(tmp_path, "uv")
    machine.offer("demo")
    (machine.home / "pythons" / f"python{OLDER}").unlink()
    mirror_of(two_pythons()[1], machine, tmp_path / "mirror")
    machine.environ["PATH"] = f"{machine.home / 'tools'}:{machine.home / 'pythons'}:{machine.bin}"
    argv = (*WSP, "tool", "install", "demo", "--python", OLDER)
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ) as terminal:
        assert f"Python {OLDER} is not on this machine".encode() in terminal.until(b"[y/N] ")
        terminal.type(answer)
        output, status = terminal.ended()
    assert (status == 0) == made, output
    assert ("demo" in machine.listed()) == made
    if made:
        assert run(machine, "demo")["python"] == OLDER


# -- programs of somebody else's ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("kind", ["file", "link", "dead link", "folder"])
def test_foreign_program_is_kept(quick: Tooling, kind: str) -> None:
    """Whatever has a program's name already stays as it is, and nothing is installed."""
    quick.offer("two", programs=("first", "second"))
    theirs = quick.bin / "second"
    quick.bin.mkdir(parents=True)
    if kind == "file":
        write(theirs, "#!/bin/sh\n", executable=True)
    elif kind == "folder":
        theirs.mkdir()
    else:
        link(theirs, "/usr/bin/env" if kind == "link" else "/nowhere/second")
    before = quick.remains()
    finished = wsp(quick, "tool", "install", "two", "--json")
    assert_failed(finished, 1, "already_exists")
    assert str(theirs) in finished.document["error"]["message"]
    assert quick.remains() == before
    if kind == "folder":
        theirs.rmdir()
    else:
        theirs.unlink()
    quick.tool("install", "two")
    assert run(quick, "second")["program"] == "second"


def test_program_of_another_tool_is_kept(quick: Tooling) -> None:
    """Two tools with programs of one name: the second is told which tool has it."""
    quick.offer("one", programs=("same",))
    quick.offer("other", programs=("same", "alone"))
    quick.tool("install", "one")
    finished = wsp(quick, "tool", "install", "other", "--json")
    assert_failed(finished, 1, "already_exists")
    assert "belongs to the tool one" in finished.document["error"]["message"]
    assert list(quick.listed()) == ["one"]
    assert os.listdir(quick.bin) == ["same"]
    quick.tool("uninstall", "one")
    quick.tool("install", "other")


def test_upgrade_that_meets_a_foreign_program_changes_nothing(quick: Tooling) -> None:
    """A new version with one more program, whose name is taken, leaves the old version at work."""
    quick.offer("demo")
    write(quick.bin / "more", "theirs")
    quick.tool("install", "demo")
    before = quick.remains()
    quick.offer("demo", "2.0", programs=("demo", "more"))
    finished = wsp(quick, "tool", "upgrade", "demo", "--json")
    assert_failed(finished, 1, "already_exists")
    assert {**quick.remains()} == before
    assert run(quick, "demo")["version"] == "1.0"


def test_tools_of_uv_are_listed_and_left_alone(quick: Tooling) -> None:
    """What uv installed is listed as uv's; its programs are kept, and neither upgraded nor removed."""
    quick.offer("demo")
    done = subprocess.run(
        [uv(), "tool", "install", "demo==1.0"], env=quick.environ, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs = quick.home / ".local" / "share" / "uv" / "tools"
    before = tree_of(theirs), tree_of(quick.bin)
    record = quick.listed()["demo"]
    assert (record["by"], record["version"], record["requirement"]) == ("uv", "1.0", "demo==1.0")
    assert record["programs"] == [str(quick.bin / "demo")]
    assert record["status"]["state"] == "ok"
    finished = wsp(quick, "tool", "install", "demo", "--json")
    assert_failed(finished, 1, "already_exists")
    assert "uv installed it with its tool demo" in finished.document["error"]["message"]
    for verb in ("upgrade", "uninstall"):
        finished = wsp(quick, "tool", verb, "demo", "--json")
        assert_failed(finished, 1, "not_found")
        assert f"uv tool {verb} demo" in finished.document["error"]["hint"]
    assert (tree_of(theirs), tree_of(quick.bin)) == before


def test_tools_of_pipx_are_listed_and_left_alone(quick: Tooling) -> None:
    """So is what pipx installed, which is a tool as well."""
    demo = quick.offer("demo")
    online(quick).tool("install", "pipx")
    done = subprocess.run(
        [quick.bin / "pipx", "install", "--python", two_pythons()[0], demo],
        env=quick.environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    records = quick.listed()
    assert (records["pipx"]["by"], records["demo"]["by"]) == ("wsp", "pipx")
    assert records["demo"]["programs"] == [str(quick.bin / "demo")]
    finished = wsp(quick, "tool", "install", str(demo), "--json")
    assert "pipx installed it with its tool demo" in finished.document["error"]["message"]
    assert "'pipx uninstall demo'" in finished.document["error"]["hint"]


# -- PATH ---------------------------------------------------------------------------------------------------------


def in_terminal(machine: Tooling, *words: str, answer: bytes | None = None) -> bytes:
    """What ``wsp tool WORDS...`` says on a terminal, where it is answered if it asks."""
    argv = (*WSP, "tool", *words)
    environ = {"SHELL": "/bin/bash", **machine.environ}
    with Terminal(argv, cwd=machine.workspace, environ=environ, columns=500) as terminal:
        before = b""
        if answer is not None:
            before = terminal.until(b"[y/N] ")
            terminal.type(answer)
        output, status = terminal.ended()
    assert status == 0, output
    return before + output


@pytest.mark.needs("POSIX")
def test_path_is_offered_once_and_done_with_a_yes(quick: Tooling) -> None:
    """A yes adds a line to the shell's file, behind what is there, which shells act upon; undoing it is shown."""
    quick.offer("demo")
    quick.offer("other")
    rc = write(quick.home / ".bashrc", "# mine")
    output = in_terminal(quick, "install", "demo", answer=b"y\n")
    assert str(quick.bin).encode() in output
    line = next(text for text in rc.read_text().splitlines() if "PATH" in text)
    assert b"To undo that, remove this line there" in output
    assert line.encode() in output
    assert rc.read_text() == f"# mine\n{line}\n"
    found = subprocess.run(
        ["/bin/bash", "--rcfile", rc, "-ic", "command -v demo"],
        env=quick.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        start_new_session=True,
    )
    assert found.stdout.decode().strip() == str(quick.bin / "demo")
    again = in_terminal(quick, "install", "other")
    assert b"is on PATH in new terminals" in again
    assert rc.read_text() == f"# mine\n{line}\n"


@pytest.mark.needs("POSIX")
def test_path_is_not_changed_with_a_no(quick: Tooling) -> None:
    """A no is remembered: nothing is written, nobody is asked again, and the line to add is shown."""
    quick.offer("demo")
    quick.offer("other")
    for words, answer in ((("install", "demo"), b"n\n"), (("install", "other"), None)):
        output = in_terminal(quick, *words, answer=answer)
        assert b"To add it, put this line into" in output
        assert b'export PATH="$HOME/.local/bin":"$PATH"' in output
    assert not (quick.home / ".bashrc").exists()


def test_without_a_terminal_nobody_is_asked(quick: Tooling) -> None:
    """The line to add is told on standard error, and no file is written."""
    quick.offer("demo")
    finished = wsp(quick, "tool", "install", "demo")
    assert finished.stdout == b"demo 1.0 is installed: demo\n"
    assert b"To add it, put this line into" in finished.stderr
    assert not (quick.home / ".profile").exists()
    assert not quick.tool("install", "demo")["on_path"]


@pytest.mark.needs("POSIX")
def test_folder_that_is_on_path_is_no_matter(quick: Tooling) -> None:
    """Nothing is said of PATH then; that another program comes first is."""
    quick.offer("demo")
    write(quick.home / "first" / "demo", "#!/bin/sh\n", executable=True)
    quick.environ["PATH"] += f":{quick.bin}"
    assert b"PATH" not in wsp(quick, "tool", "install", "demo").stderr
    quick.tool("uninstall", "demo")
    quick.environ["PATH"] = f"{quick.home / 'first'}:{quick.environ['PATH']}"
    warning = f"{quick.home / 'first' / 'demo'} comes before {quick.bin / 'demo'}"
    assert warning.encode() in in_terminal(quick, "install", "demo")


def test_project_does_not_say_what_is_installed(machine: Tooling) -> None:
    """Settings, modules and programs in the folder that one stands in do not count."""
    machine.offer("demo")
    for name in ("pip", "sitecustomize", "ensurepip"):
        write(machine.workspace / f"{name}.py", "raise SystemExit('the project was run')\n")
    theirs = f'no-index = true\nfind-links = ["{machine.workspace / "none"}"]\n'
    write(machine.workspace / "uv.toml", theirs)
    write(machine.workspace / "bin" / "uv", "#!/bin/sh\ntouch $HOME/ran\n", executable=True)
    machine.environ["PATH"] = f"{machine.workspace / 'bin'}:{machine.environ['PATH']}"
    assert machine.tool("install", "demo")["tool"]["version"] == "1.0"
    assert not (machine.home / "ran").exists()
