"""Which Python is shown while there is no environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, write
from workflow_helper.discovery.interpreters.fallback import Terms, environment, python
from workflow_helper.discovery.interpreters.find import installed
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine
    from workflow_helper.model import Host

pytestmark = pytest.mark.needs("POSIX")


def _pythons(machine: Machine, *minors: str) -> Host:
    """A machine with these on PATH, each with the word ``python3``."""
    for minor in minors:
        program = base_python(machine.home / minor, f"python{minor}")
        program.with_name("python3").symlink_to(program.name)
    path = ":".join(str(machine.home / minor / "bin") for minor in minors)
    return machine.host._replace(environ={"PATH": path})


def _shown(host: Host, root: Path) -> str | None:
    found = python(installed(host, Disk()), str(root), host, Disk())
    return found and found.version


def _minor(host: Host, root: Path) -> str | None:
    """Leave out the patch, which may be that of the system's own."""
    shown = _shown(host, root)
    return shown and ".".join(shown.split(".")[:2])


def test_the_pinned_then_paths_then_the_newest_that_the_project_allows(machine: Machine) -> None:
    """Each counts only where requires-python allows it."""
    host, root = _pythons(machine, "3.12", "3.14", "3.11"), machine.workspace
    assert _minor(host, root) == "3.12"
    write(root / ".python-version", "3.11\n")
    assert _minor(host, root) == "3.11"
    project = write(root / "pyproject.toml", '[project]\nrequires-python = ">=3.12"\n')
    assert _minor(host, root) == "3.12"
    project.write_text('[project]\nrequires-python = ">=3.13"\n')
    assert _minor(host, root) == "3.14"
    project.write_text('[project]\nrequires-python = ">=3.15"\n')
    assert _minor(host, root) is None


def test_a_version_that_is_not_there_is_passed_over(machine: Machine) -> None:
    """Then PATH's is shown, and the trail says what is missing."""
    host = _pythons(machine, "3.12", "3.14")
    write(machine.workspace / ".python-version", "3.9\n")
    assert _minor(host, machine.workspace) == "3.12"


def test_behind_a_shim_is_what_pyenv_would_start(machine: Machine) -> None:
    """The variable goes before files, a file before the global version, and the system is behind them all."""
    host, root = _pythons(machine, "3.14"), machine.workspace
    top = machine.home / "pyenv"
    for version in ("3.9.18", "3.11.2", "3.11.10", "3.12.1"):
        program = base_python(top / "versions" / version, f"python{version.rpartition('.')[0]}")
        program.with_name("python3").symlink_to(program.name)
    write(top / "shims" / "python3", "#!/bin/sh\n", executable=True)
    environ = {"PATH": f"{top}/shims:{host.environ['PATH']}", "PYENV_ROOT": str(top)}
    host = host._replace(environ=environ)
    assert _shown(host, root) == "3.14"
    write(top / "version", "3.12.1\n")
    assert _shown(host, root) == "3.12.1"
    write(root / ".python-version", "3.11\n")
    assert _shown(host, root) == "3.11.10"
    (root / ".python-version").unlink()
    changed = host._replace(environ={**environ, "PYENV_VERSION": "3.8.1:3.9.18"})
    assert _shown(changed, root) == "3.9.18"


@pytest.mark.parametrize(
    ("manager", "variable", "own"),
    [("asdf", "ASDF_PYTHON_VERSION", ""), ("mise", "MISE_PYTHON_VERSION", "latest")],
)
def test_behind_a_shim_is_what_asdf_or_mise_would_start(
    machine: Machine, manager: str, variable: str, own: str
) -> None:
    """The variable goes before the nearest file, and the system is behind them all."""
    host, root = _pythons(machine, "3.14"), machine.workspace
    top = machine.home / manager
    for version in ("3.9.18", "3.11.2", "3.11.10"):
        program = base_python(
            top / "installs" / "python" / version, f"python{version.rpartition('.')[0]}"
        )
        program.with_name("python3").symlink_to(program.name)
    write(top / "shims" / "python3", "#!/bin/sh\n", executable=True)
    data = f"{manager.upper()}_DATA_DIR"
    environ = {"PATH": f"{top}/shims:{host.environ['PATH']}", data: str(top)}
    host = host._replace(environ=environ)
    assert _shown(host, root) == "3.14"
    write(root.parent / ".tool-versions", "nodejs 20\npython 3.9.18 # old\n")
    assert _shown(host, root) == "3.9.18"
    write(root / ".tool-versions", "python 3.8.1 3.11.2\n")
    assert _shown(host, root) == "3.11.2"
    if own:
        write(root / "mise.toml", f'[tools]\npython = [{{ version = "{own}" }}]\n')
        assert _shown(host, root) == "3.11.10"
    write(root / ".tool-versions", "python system\n")
    (root / "mise.toml").unlink(missing_ok=True)
    assert _shown(host, root) == "3.14"
    changed = host._replace(environ={**environ, variable: "3.9.18"})
    assert _shown(changed, root) == "3.9.18"


def _with_first(host: Host, prefix: Path) -> Host:
    """The machine on which the programs of an environment come first."""
    return host._replace(environ={"PATH": f"{prefix}/bin:{host.environ['PATH']}"})


def test_an_environment_that_leads_path_is_shown(machine: Machine) -> None:
    """An image of a container has its environment first on PATH; one of another project is passed over."""
    host, root = _pythons(machine, "3.14"), machine.workspace
    image = drawn_venv(machine.home.parent / "opt" / "venv", base_python(machine.home / "base"))
    found = environment(installed(host, Disk()), str(root), _with_first(host, image), Disk())
    assert found is not None
    assert (found.prefix, found.kind, found.source) == (str(image), "venv", "system")
    other = drawn_venv(machine.home / "other" / "env", base_python(machine.home / "base"))
    write(machine.home / "other" / "pyproject.toml")
    assert _minor(_with_first(host, other), root) == "3.14"


def test_an_environment_in_a_folder_that_nobody_trusts_is_not_shown(machine: Machine) -> None:
    """PATH may lead into the very folder that was opened."""
    host, root = _pythons(machine, "3.14"), machine.workspace
    within = drawn_venv(root / "envs" / "own", base_python(machine.home / "base"))
    changed = _with_first(host, within)
    pythons = installed(host, Disk())
    trusted = environment(pythons, str(root), changed, Disk())
    untrusted = environment(pythons, str(root), changed, Disk(), Terms(closed=(str(root),)))
    assert trusted is not None
    assert untrusted is not None
    assert (trusted.prefix, untrusted.kind) == (str(within), "system")
