"""Consent on the command line: what was consented to is what runs, to the byte. Real servers, each change for real."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.forked_command import wsp

if TYPE_CHECKING:
    from support.machine import Machine

#: A server of the base profile without an environment; it leaves a trace where it runs.
SERVER = """
import json, os, sys
open(os.path.expanduser("~/ran"), "a").write({mark!r})
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        sys.exit()
    result = {{"methods": ["environment/list", "exit", "initialize", "shutdown"], "protocol_version": "0.1.0"}}
    if asked["method"] == "environment/list":
        result = []
    print(json.dumps({{"jsonrpc": "2.0", "id": asked["id"], "result": result}}), flush=True)
"""


def server(mark: str, before: str = "") -> str:
    """The source of a server that leaves ``mark`` when it runs."""
    return before + SERVER.format(mark=mark)


def declare(machine: Machine, table: str, folder: str = ".") -> None:
    """Have a folder of the workspace declare a workflow."""
    write(machine.workspace / folder / "pyworkflow.toml", f"[workflow]\nwsp = {{{table}}}\n")


def trust(machine: Machine, *words: str) -> list[str]:
    """Consent, and start it once; what is covered, relative to the workspace."""
    finished = wsp(machine, "workflow", "trust", *words, "--json")
    assert finished.exit_code == 0, finished.text
    wsp(machine, "env", "list", *words)
    return [
        Path(os.path.relpath(path, machine.workspace)).as_posix()
        for path in finished.document["files"]
    ]


def ran(machine: Machine) -> str:
    """The marks of what ran, one a start."""
    path = machine.home / "ran"
    return path.read_text() if path.exists() else ""


PYTHON = Path(sys.executable).as_posix()


def test_a_plain_environment_is_advised_where_one_is_to_be_created(machine: Machine) -> None:
    """And by no other command that is refused for want of consent, such as the check of the very server."""
    declare(machine, 'script = "serve.py"')
    write(machine.workspace / "serve.py")
    advised = []
    for words in (("check",), ("call", "environment/list"), ("env", "create"), ("env", "ensure")):
        refused = wsp(machine, *words, "--json")
        assert refused.exit_code == 4, refused.text
        advised.append("--workflow venv" in refused.document["error"]["hint"])
    assert advised == [False, False, True, True]


@pytest.mark.parametrize(
    "table",
    [
        f'cmd = ["{PYTHON}", "tools/serve.py"]',
        f'cmd = ["{PYTHON}", "./tools/serve.py"]',
        'script = "tools/serve.py", files = ["tools/helper.py"]',
        'script = "tools/serve.py", files = ["tools"]',
    ],
)
def test_a_neighbor_that_changes_asks_again(machine: Machine, table: str) -> None:
    """What a script imports from beside it is consented to, or is not there."""
    declare(machine, table)
    before = "import os, sys; sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\nimport helper\n"
    write(machine.workspace / "tools" / "serve.py", server("a", before))
    write(machine.workspace / "tools" / "helper.py")
    assert "tools/helper.py" in trust(machine)
    assert ran(machine) == "a"
    write(machine.workspace / "tools" / "helper.py", "open('/dev/null')")
    listed = wsp(machine, "env", "list")
    assert ran(machine) == "a"
    assert "not trusted" in wsp(machine, "explain").text or listed.exit_code


def test_a_module_that_appears_shadows_nothing(machine: Machine) -> None:
    """A ``json.py`` put beside a script later is not imported, and beside a command it asks again."""
    for table, marks in (('script = "serve.py"', "aa"), (f'cmd = ["{PYTHON}", "serve.py"]', "a")):
        shutil.rmtree(machine.workspace)
        (machine.workspace / ".git").mkdir(parents=True)
        (machine.home / "ran").unlink(missing_ok=True)
        declare(machine, table)
        write(machine.workspace / "serve.py", server("a"))
        trust(machine)
        evil = 'import os; open(os.path.expanduser("~/ran"), "a").write("EVIL")'
        write(machine.workspace / "json.py", evil)
        wsp(machine, "env", "list")
        assert ran(machine) == marks


def test_a_neighbor_that_is_not_declared_is_told_of(machine: Machine) -> None:
    """The error says how to declare it, for a module and for a file that the script reads."""
    declare(machine, 'script = "serve.py"')
    write(machine.workspace / "helper.py")
    write(machine.workspace / "data" / "x.txt")
    for before, name in (
        ("import helper\n", "helper.py"),
        ("import os; open(os.path.dirname(__file__) + '/data/x.txt')\n", "data/x.txt"),
    ):
        write(machine.workspace / "serve.py", server("a", before))
        assert wsp(machine, "workflow", "trust").exit_code == 0
        finished = wsp(machine, "call", "environment/list")
        assert finished.exit_code != 0
        assert f'files = ["{name}"]' in finished.text
    assert ran(machine) == ""


def test_a_script_is_told_where_it_came_from(machine: Machine) -> None:
    """Its own folder in the project stands in a variable, and the project is where it runs."""
    declare(machine, 'script = "tools/serve.py"')
    before = (
        "import os\nwhere = (os.environ['PYTHON_WORKFLOW_SCRIPT_DIR'], os.getcwd())\n"
        "open(os.path.expanduser('~/where'), 'w').write(repr(where))\n"
    )
    write(machine.workspace / "tools" / "serve.py", server("a", before))
    trust(machine)
    where = (str(machine.workspace / "tools"), str(machine.workspace))
    assert (machine.home / "where").read_text() == repr(where)


@pytest.mark.parametrize(
    "table", ['script = "../tools/serve.py"', f'cmd = ["{PYTHON}", "../tools/serve.py"]']
)
def test_a_script_above_the_root_is_covered(machine: Machine, table: str) -> None:
    """It is the declaration's own, wherever it lies."""
    write(machine.workspace / "tools" / "serve.py", server("a"))
    declare(machine, table, "package")
    folder = ("--folder", str(machine.workspace / "package"))
    assert trust(machine, *folder) == ["tools/serve.py"]
    write(machine.workspace / "tools" / "serve.py", server("b"))
    wsp(machine, "env", "list", *folder)
    assert ran(machine) == "a"


def project(folder: Path, module: str, pause: str = "") -> None:
    """A project with a build backend of its own, whose one module is ``module``."""
    write(folder / "depmod.py", module)
    write(
        folder / "pyproject.toml",
        '[project]\nname = "depmod"\nversion = "1"\n'
        '[build-system]\nrequires = []\nbuild-backend = "bk"\nbackend-path = ["."]\n',
    )
    write(
        folder / "bk.py",
        "import os, zipfile\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        f"    {pause or 'pass'}\n"
        "    name = 'depmod-1-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(os.path.join(folder, name), 'w') as made:\n"
        "        made.write('depmod.py')\n"
        "        made.writestr('depmod-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: depmod\\nVersion: 1\\n')\n"
        "        made.writestr('depmod-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "        made.writestr('depmod-1.dist-info/RECORD', '')\n"
        "    return name\n",
    )


def test_a_local_dependency_that_changes_asks_again(machine: Machine) -> None:
    """What inline metadata installs from the project is consented to with the script."""
    project(machine.workspace / "dep", server("a"))
    dependency = json.dumps(f"depmod @ {(machine.workspace / 'dep').as_uri()}")
    write(
        machine.workspace / "serve.py",
        f"# /// script\n# dependencies = [{dependency}]\n# ///\nimport depmod\n",
    )
    declare(machine, 'script = "serve.py"')
    assert "dep/depmod.py" in trust(machine)
    assert ran(machine) == "a"
    write(machine.workspace / "dep" / "depmod.py", server("b"))
    wsp(machine, "env", "list")
    assert ran(machine) == "a"


def test_what_changes_while_requirements_are_installed_does_not_run(machine: Machine) -> None:
    """It is looked at again right before the start."""
    evil = machine.workspace / "evil.py"
    target = machine.workspace / "serve.py"
    project(machine.workspace / "dep", "x = 1", f"os.replace({str(evil)!r}, {str(target)!r})")
    write(target, server("a"))
    write(evil, server("EVIL"))
    declare(machine, f'cmd = ["{PYTHON}", "serve.py"], requires = "./dep"')
    trust(machine)
    assert target.read_text() == server("EVIL")
    assert ran(machine) == ""


@pytest.mark.parametrize(
    ("tool", "files", "changed"),
    [
        ("nox", {"noxfile.py": "import helper"}, "noxfile.py"),
        ("nox", {"noxfile.py": "import helper", "helper.py": ""}, "helper.py"),
        ("tox", {"tox.ini": "", "toxfile.py": ""}, "toxfile.py"),
        ("hatch", {"hatch_plugins.py": "", "hatch.toml": ""}, "hatch_plugins.py"),
        (
            "hatch",
            {"pyproject.toml": '[tool.hatch.env.collectors.custom]\npath = "c/own.py"\n', "c/own.py": ""},
            "c/own.py",
        ),
        ("pdm", {"pdm.toml": "", ".pdm-plugins/x/y.py": ""}, ".pdm-plugins/x/y.py"),
        ("poetry", {"poetry.toml": "", ".poetry/plugins/p.py": ""}, ".poetry/plugins/p.py"),
        (
            "uv",
            {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "bk"\nbackend-path = ["own"]\n', "own/bk.py": ""},
            "own/bk.py",
        ),
        ("uv", {"setup.py": ""}, "setup.py"),
    ],
)  # fmt: skip
def test_trust_in_a_bundled_workflow_ends_with_what_its_tool_executes(
    machine: Machine, tool: str, files: dict[str, str], changed: str
) -> None:
    """Merely asking the tool would run the change, so its user is asked first; another file of the project does not matter."""
    write(machine.workspace / "pyworkflow.toml", f'[workflow]\nwsp = "{tool}"\n')
    for name, text in files.items():
        write(machine.workspace / name, text)
    covered = trust(machine)
    assert changed in covered
    digests = set()
    for name in ("README.md", changed):
        digests.add(wsp(machine, "workflow", "trust", "--json").document["trusted"]["digest"])
        write(machine.workspace / name, "# another\n")
    digests.add(wsp(machine, "workflow", "trust", "--json").document["trusted"]["digest"])
    assert len(digests) == 2
