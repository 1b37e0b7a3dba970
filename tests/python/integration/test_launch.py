"""Every form of the ``wsp = ...`` table, started for real, and what the project's folder cannot do to it."""

from __future__ import annotations

import json
import os
import sys
import zipapp
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.command import wsp
from support.files import link, packages_in, tree_of, write
from support.launching import SCRIPT, SERVER, launched, put_uv_on_path, session_of, told_by, wheel
from support.machine import make_venv
from support.needs import need
from support.tree import supported_pythons
from workflow_helper.errors import NotFound, UnusableFile, UsageError
from workflow_helper.system.environ import REMOVED, SET

if TYPE_CHECKING:
    from support.machine import Machine

MAIN = SERVER + "\nif __name__ == '__main__':\n    main()\n"
#: What names of programs end in.
ENDING = ".exe" if os.name == "nt" else ""
#: Prints the words that follow.
ECHO = (sys.executable, "-I", "-c", "import sys; print(*sys.argv[1:])")
#: Names under which a project could slip in code of its own.
SHADOWS = (
    "json.py",
    "os.py",
    "sitecustomize.py",
    "usercustomize.py",
    "pip.py",
    "venv.py",
    "demo.py",
)


def report_of(
    machine: Machine, table: dict[str, Any], origin: Path | None = None
) -> dict[str, Any]:
    """What the server that ``table`` starts tells of how it was started."""
    return told_by(launched(machine, table, origin), machine.workspace)


def put_pythons_on_path(machine: Machine) -> None:
    """Give the machine every Python that setup found, each as ``pythonX.Y``."""
    need("POSIX")  # links
    for python in map(Path, supported_pythons()):
        place = machine.home / "pythons" / python.name
        if not place.exists():
            link(place, python)
    machine.environ["PATH"] = f"{machine.home / 'pythons'}:{machine.environ['PATH']}"


def plant(folder: Path) -> None:
    """Put code of the project's where Python could look for the standard library's."""
    for name in SHADOWS:
        write(folder / name, "raise SystemExit('the project was run')\n")


# -- cmd --------------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_program_on_path_is_started(machine: Machine) -> None:
    """``cmd`` starts a program that PATH finds, with its arguments, in the project's folder."""
    program = write(
        machine.home / "bin" / "mytool", f"#!{sys.executable}\n{SCRIPT}", executable=True
    )
    machine.environ["PATH"] = f"{program.parent}:{machine.environ['PATH']}"
    about = report_of(machine, {"cmd": ["mytool", "wsp", "a b"]})
    assert about["argv"] == ["wsp", "a b"]
    assert about["cwd"] == str(machine.workspace)


@pytest.mark.needs("POSIX")
def test_program_by_path_is_relative_to_its_declaration(machine: Machine) -> None:
    """A program named by a path is looked for beside the file that declares it, or in the home."""
    script = f"#!{sys.executable}\n{SCRIPT}"
    write(machine.workspace / "tools" / "serve", script, executable=True)
    write(machine.home / "serve", script, executable=True)
    origin = machine.workspace / "tools" / "pyworkflow.toml"
    assert report_of(machine, {"cmd": ["./serve"]}, origin)["argv"] == []
    assert report_of(machine, {"cmd": ["tools/serve"]})["argv"] == []
    assert report_of(machine, {"cmd": ["~/serve"]})["argv"] == []


def test_program_of_the_project_is_not_found_by_name(machine: Machine) -> None:
    """A program that the project plants is not started by its mere name, though PATH holds its folder."""
    planted = write(machine.workspace / "bin" / f"mytool{ENDING}", SCRIPT, executable=True)
    path = (str(planted.parent), "bin", ".", "", machine.environ["PATH"])
    machine.environ["PATH"] = os.pathsep.join(path)
    with pytest.raises(NotFound, match="mytool was not found on PATH"):
        launched(machine, {"cmd": ["mytool"]})


def test_programs_of_the_home_are_found_from_the_home(machine: Machine) -> None:
    """Where the project is the home itself, the user's own programs in it are found."""
    place = machine.home / ".local" / "bin" / f"mytool{ENDING}"
    program = write(place, SCRIPT, executable=True)
    machine.environ["PATH"] = os.pathsep.join((str(program.parent), machine.environ["PATH"]))
    at_home = machine._replace(workspace=machine.home)
    assert launched(at_home, {"cmd": ["mytool"]}).argv == (str(program),)


def test_program_that_is_not_there_is_told(machine: Machine) -> None:
    """What cannot be found is told before anything is started, with what would bring it."""
    with pytest.raises(NotFound) as caught:
        launched(machine, {"cmd": ["nonesuch", "wsp"]})
    assert 'requires = "nonesuch"' in (caught.value.hint or "")
    for table in ({"cmd": ["./nonesuch"]}, {"script": "nonesuch.py"}, {"config": "nonesuch.toml"}):
        with pytest.raises(NotFound, match="does not exist"):
            launched(machine, table)
    for word in ("//host/share/x.py", "\\\\host\\share\\x.py"):
        with pytest.raises(UsageError, match="another machine"):
            launched(machine, {"script": word})


# -- script -----------------------------------------------------------------------------------------------------


def test_script_is_started_isolated(machine: Machine) -> None:
    """A script runs alone: neither what lies beside it nor the project's folder is imported from."""
    write(machine.workspace / "tools" / "serve.py", SCRIPT)
    plant(machine.workspace)
    plant(machine.workspace / "tools")
    machine.environ["PYTHONPATH"] = str(machine.workspace)
    about = report_of(machine, {"script": "tools/serve.py"})
    assert about["isolated"] == 1
    assert about["path"][0].startswith(machine.host.cache)
    assert not {str(machine.workspace), str(machine.workspace / "tools"), ""} & set(about["path"])
    assert about["cwd"] == str(machine.workspace)


@pytest.mark.parametrize("python", supported_pythons())
def test_python_that_a_script_requires_is_taken(machine: Machine, python: str) -> None:
    """``requires-python`` in a script's metadata chooses among the machine's Pythons."""
    put_pythons_on_path(machine)
    minor = os.path.basename(python).removeprefix("python")
    metadata = f'# /// script\n# requires-python = "=={minor}.*"\n# ///\n'
    write(machine.workspace / "serve.py", metadata + SCRIPT)
    with session_of(launched(machine, {"script": "serve.py"}), machine.workspace) as session:
        (one,) = session.environments()
    assert one.python_version == minor


def test_python_that_is_not_here_is_told(machine: Machine) -> None:
    """A version that the machine does not have, and one that says nothing, name the script."""
    script = machine.workspace / "serve.py"
    write(script, '# /// script\n# requires-python = ">=4"\n# ///\n')
    with pytest.raises(NotFound, match=r">=4.*serve\.py"):
        launched(machine, {"script": "serve.py"})
    write(script, '# /// script\n# requires-python = "newest"\n# ///\n')
    with pytest.raises(UnusableFile, match=r"serve\.py.*requires-python"):
        launched(machine, {"script": "serve.py"})


def test_script_gets_its_dependencies(machine: Machine) -> None:
    """A script's dependencies are there for it, in an environment of its own outside the project."""
    put_uv_on_path(machine)
    wheel(machine.workspace / "wheels")
    metadata = '# /// script\n# dependencies = ["../wheels/demo-1.0-py3-none-any.whl"]\n# ///\n'
    write(machine.workspace / "tools" / "serve.py", f"{metadata}import demo\ndemo.main()\n")
    before = tree_of(machine.workspace)
    about = report_of(machine, {"script": "tools/serve.py"})
    assert about["prefix"].startswith(machine.host.cache)
    assert about["isolated"] == 1
    assert tree_of(machine.workspace) == before


@pytest.mark.parametrize("metadata", ["", 'dependencies = ["workflow-server>=0.1"]'])
def test_script_that_uses_the_sdk_gets_this_products_own(machine: Machine, metadata: str) -> None:
    """A script, or a folder, imports the SDK although nothing is installed, and nothing else of what this product has."""
    block = f"# /// script\n# {metadata}\n# ///\n" if metadata else ""
    source = f"""{block}import sys
from workflow_server import Environment, Server
try:
    import workflow_helper as other
except ImportError:
    other = None
server = Server("own")

@server.list_environments
def environments():
    yield Environment(id=sys.argv[0][-20:], name=str(other), python_version="3.12")

if __name__ == "__main__":
    server.run()
"""
    write(machine.workspace / "serve.py", source)
    write(machine.workspace / "folder" / "__main__.py", "import helper\n" + source)
    write(machine.workspace / "folder" / "helper.py", "")
    for script in ("serve.py", "folder"):
        with session_of(launched(machine, {"script": script}), machine.workspace) as session:
            (one,) = session.environments()
        assert one.id.endswith(".py")
        assert one.name == "None"


def test_a_script_that_needs_another_sdk_is_told_which_there_is(machine: Machine) -> None:
    """A requirement that the SDK of this product does not satisfy is an error that says so, and no index is asked."""
    block = '# /// script\n# dependencies = ["workflow-server>=99"]\n# ///\n'
    write(machine.workspace / "serve.py", f"{block}import workflow_server\n")
    with pytest.raises(
        UsageError, match=r"workflow-server>=99 .* included workflow-server is 0\.1\.0"
    ):
        launched(machine, {"script": "serve.py"})


def test_what_a_workflow_requires_gets_this_products_sdk(machine: Machine) -> None:
    """What depends on ``workflow-server`` gets the copy that comes along, not what an index has under that name."""
    put_uv_on_path(machine)
    wheel(machine.workspace / "wheels", needs=["workflow-server"])
    launch = {"requires": "wheels/demo-1.0-py3-none-any.whl", "module": "demo"}
    prefix = Path(report_of(machine, launch)["prefix"])
    assert (packages_in(prefix) / "workflow_server" / "sdk.py").exists()


def test_folder_is_started(machine: Machine) -> None:
    """A folder with ``__main__.py`` runs with its own modules, and with none of the project's."""
    write(machine.workspace / "server" / "__main__.py", "import helper\nhelper.main()\n")
    write(machine.workspace / "server" / "helper.py", SERVER)
    plant(machine.workspace)
    before = tree_of(machine.workspace)
    about = report_of(machine, {"script": "server"})
    assert about["path"][0].startswith(machine.host.cache)
    assert not any(path.startswith(str(machine.workspace)) for path in about["path"])
    # Byte code is neither written beside the sources nor read from there.
    assert tree_of(machine.workspace) == before
    (machine.workspace / "empty").mkdir()
    with pytest.raises(NotFound, match=r"empty has no __main__\.py"):
        launched(machine, {"script": "empty"})


def test_archive_is_started(machine: Machine, tmp_path: Path) -> None:
    """A ``.pyz`` runs as it is."""
    write(tmp_path / "source" / "__main__.py", MAIN)
    zipapp.create_archive(tmp_path / "source", machine.workspace / "server.pyz")
    about = report_of(machine, {"script": "server.pyz"})
    assert (about["isolated"], about["cwd"]) == (1, str(machine.workspace))


# -- requires ---------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_program_of_what_is_required_is_started(machine: Machine) -> None:
    """``requires`` with ``cmd`` installs, and what was installed leads PATH."""
    put_uv_on_path(machine)
    wheel(machine.workspace)
    path = machine.environ["PATH"]
    write(machine.home / "tools" / "demo", "#!/bin/sh\nexit 1\n", executable=True)
    about = report_of(machine, {"requires": "./demo-1.0-py3-none-any.whl", "cmd": ["demo", "x"]})
    scripts, _, rest = about["environ"]["PATH"].partition(":")
    assert rest == path
    assert scripts == str(Path(about["executable"]).parent)
    assert scripts.startswith(machine.host.cache)
    assert about["argv"] == ["x"]


def test_required_program_is_found_wherever_the_cache_is(machine: Machine) -> None:
    """A cache inside the project does not hide what was installed into it."""
    put_uv_on_path(machine)
    made = wheel(machine.home / "wheels")
    at_home = machine._replace(workspace=machine.home)
    how = launched(at_home, {"requires": [str(made)], "cmd": ["demo"]})
    assert how.argv[0].startswith(machine.host.cache)


def test_program_that_is_not_among_what_is_required_is_told(machine: Machine) -> None:
    """A program that nothing provides is told, and where it was looked for."""
    put_uv_on_path(machine)
    wheel(machine.workspace)
    with pytest.raises(NotFound, match="nonesuch was not found among what it requires or on PATH"):
        launched(machine, {"requires": "./demo-1.0-py3-none-any.whl", "cmd": ["nonesuch"]})


def test_module_is_started(machine: Machine) -> None:
    """``module`` runs in the environment of what it requires; the project is not imported from."""
    put_uv_on_path(machine)
    made = wheel(machine.home / "wheels")
    plant(machine.workspace)
    about = report_of(machine, {"module": "demo", "requires": str(made)})
    assert about["prefix"].startswith(machine.host.cache)
    assert about["isolated"] == 1
    assert str(machine.workspace) not in about["path"]


# -- what this product brings -----------------------------------------------------------------------------------


def test_adapter_is_started(machine: Machine) -> None:
    """``config`` serves a declarative adapter, by its path beside the declaration."""
    text = '[{{"id": "a", "name": "n", "python_version": "3.12"}}]'
    write(
        machine.workspace / "tools" / "tool.toml",
        f"[handlers.'environment/list']\ncommand = {json.dumps([*ECHO, text])}\n",
    )
    plant(machine.workspace)
    how = launched(machine, {"config": "tools/tool.toml"})
    with session_of(how, machine.workspace) as session:
        assert [one.id for one in session.environments()] == ["a"]


def test_bundled_workflow_is_started(machine: Machine) -> None:
    """A bundled workflow can be asked as a server as well."""
    make_venv(machine.workspace / ".venv")
    plant(machine.workspace)
    with session_of(launched(machine, "venv"), machine.workspace) as session:
        assert [one.id for one in session.environments()] == [".venv"]


# -- all of them ------------------------------------------------------------------------------------------------


def test_variables_are_scrubbed(machine: Machine) -> None:
    """No variable that a shell's activation left reaches a server, and those that keep tools quiet are set."""
    write(machine.workspace / "serve.py", SCRIPT)
    machine.environ.update(dict.fromkeys(REMOVED, "/nowhere"), MINE="kept", NO_COLOR="0")
    seen = report_of(machine, {"script": "serve.py"})["environ"]
    assert not set(REMOVED) & set(seen)
    assert {name: seen[name] for name in SET} == SET
    assert seen["MINE"] == "kept"


def test_forms_answer_the_command_line(machine: Machine) -> None:
    """What the user prefers, in a file beside their configuration, answers ``wsp env list`` in any folder."""
    put_uv_on_path(machine)
    config = Path(machine.host.config)
    write(config / "serve.py", SCRIPT)
    handlers = {"environment/list": {"command": [*ECHO, "[]"]}}
    write(config / "tool.json", json.dumps({"handlers": handlers}))
    made = wheel(config / "wheels").as_posix()
    expected = {
        '{ script = "serve.py" }': ["told"],
        f'{{ cmd = ["demo"], requires = "{made}" }}': ["told"],
        f'{{ module = "demo", requires = "{made}" }}': ["told"],
        '{ config = "tool.json" }': [],
    }
    for table, ids in expected.items():
        write(config / "pyworkflow.toml", f"[workflow]\nwsp = {table}\n")
        done = wsp(machine, "env", "list", "--json")
        assert done.exit_code == 0, done.text
        found = [one["id"] for one in done.document["environments"]]
        assert found == ids, table
