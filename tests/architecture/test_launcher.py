"""The launcher stands on the core, beside the command line; it is light, and its document knows all of it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from python_launcher.commands import COMMANDS
from python_launcher.errors import STATUSES
from support.files import drawn_venv, write
from support.imports import (
    HEAVY,
    HELPER,
    LAUNCHER,
    OWNERS,
    PARSING,
    PROCESS,
    files,
    imports,
    unit_of,
    uses_of_os,
)
from support.launcher import PY, with_pythons
from support.machine import TREE

if TYPE_CHECKING:
    from support.machine import Machine

#: Units of the product that are programs of their own, or belong to one.
PROGRAMS = {"cli", "lsp", "__main__"}
#: By unit of the launcher, those of it that it may import.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "errors": set(),
    "shebang": set(),
    "versions": {"errors"},
    "actions": {"versions"},
    "commands": {"actions"},
    "arguments": {"actions", "versions", "commands"},
    "pythons": {"errors", "versions"},
    "folder_workflow": {"errors"},
    "select_python": {"errors", "folder_workflow", "versions", "shebang", "pythons"},
    "exec": {"actions", "select_python", "errors"},
    "task": {"actions"},
    "scripts": {"actions", "exec", "task"},
    "tools": {"actions", "exec", "task"},
    "extensions": {"__init__", "actions", "errors", "exec", "tools"},
    "list": {"actions", "select_python", "errors", "pythons"},
    "help": {"__init__", "actions", "errors", "extensions", "commands"},
    "run": {"actions", "exec", "extensions", "help", "list", "scripts", "tools"},
    "__main__": {"actions", "arguments", "run"},
}


def test_the_launcher_stands_on_the_core_alone() -> None:
    """It imports neither the command line nor the language server, and nothing of the product imports it."""
    used = [
        (one, one.module.split(".")[1])
        for one in imports(LAUNCHER)
        if one.module.startswith(f"{HELPER.name}.")
    ]
    assert [one.place for one, unit in used if unit in PROGRAMS] == []
    assert [one.place for one in imports() if one.module.startswith(LAUNCHER.name)] == []


def test_its_modules_import_those_that_they_may() -> None:
    """Each has a place in the table."""
    assert {unit_of(path, LAUNCHER) for path in files(LAUNCHER)} == set(MAY_IMPORT)
    breaches = [
        f"{one.place} imports {one.module}"
        for one in imports(LAUNCHER)
        if one.module.startswith(f"{LAUNCHER.name}.")
        and one.module.split(".")[1] not in MAY_IMPORT[one.unit]
    ]
    assert breaches == []


def test_it_starts_processes_and_reads_variables_through_the_core() -> None:
    """As everything but the core's ``system`` does."""
    breaches = [
        f"{one.place} imports {one.module}"
        for one in imports(LAUNCHER)
        for name in OWNERS
        if one.module == name or one.module.startswith(f"{name}.")
    ]
    breaches += [
        f"{path.name}:{line} uses os.{name}"
        for path in files(LAUNCHER)
        for name, line in uses_of_os(path)
        if name.startswith(PROCESS)
    ]
    assert breaches == []


def loaded(machine: Machine, *words: str) -> set[str]:
    """What ``py WORDS...`` loads until it has become a Python: that one's own modules are not told."""
    done = subprocess.run(
        [PY[0], "-X", "importtime", *PY[1:], *words],
        cwd=machine.workspace,
        env=machine.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.needs("Linux")
@pytest.mark.parametrize(
    "words", [("-c", "pass"), ("-3", "-c", "pass"), ("script.py",)], ids=" ".join
)
@pytest.mark.parametrize("where", ["an environment", "a version on PATH"])
def test_starting_a_python_loads_nothing_heavy(
    machine: Machine, where: str, words: tuple[str, ...]
) -> None:
    """Neither a parser, nor what is known of tools, nor what looks for Pythons everywhere."""
    bare = loaded_by_python(machine)
    with_pythons(machine)
    write(machine.workspace / "script.py", "#!/usr/bin/env python3\n")
    if where == "an environment":
        base = next(machine.home.glob("new/python3*"))
        drawn_venv(machine.workspace / ".venv", base, version=base.name.removeprefix("python"))
    modules = loaded(machine, *words) - bare
    assert modules & (HEAVY | PARSING | {"signal"}) == set()
    elsewhere = {"discovery.tools", "discovery.interpreters.find", "discovery.roots", "servers"}
    assert modules & {f"{HELPER.name}.{name}" for name in elsewhere} == set()
    assert "workflow_server.client" not in modules


def loaded_by_python(machine: Machine) -> set[str]:
    """What the Python that runs the tests loads before anything of ours, as ``runpy`` and what ``.pth`` files import."""
    done = subprocess.run(
        [PY[0], "-X", "importtime", "-I", "-m", "this"],
        env=machine.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_its_document_knows_every_command_option_and_status() -> None:
    """docs/launcher.md names what ``py help`` does."""
    document = (TREE / "docs" / "launcher.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"py {command.name}" in document, command.name
        for option in command.options:
            assert re.search(rf"(?<![\w-]){re.escape(option.name)}(?![\w-])", document), option.name
    for status, _ in STATUSES:
        assert re.search(rf"\| {status} \|", document), status
    for name in ("PY_PYTHON", "PY_PYTHON3", "PYLAUNCH_DEBUG", "PY_PATH", "PY_APP_VERSION"):
        assert name in document
