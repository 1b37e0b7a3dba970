"""The shared cases of ``test-fixtures/vectors``: what a folder holds, and what must be said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from support.files import break_venv, link, write
from support.forked_command import wsp
from support.machine import TREE, make_venv
from support.needs import need

if TYPE_CHECKING:
    from support.machine import Machine

VECTORS = TREE / "test-fixtures" / "vectors"


class Built(NamedTuple):
    """A case on disk: the machine it is on, where it is asked from, and what is expected."""

    machine: Machine
    cwd: Path
    arguments: tuple[str, ...]
    expect: dict[str, Any]

    @property
    def root(self) -> Path:
        """The case's ``root``, to which its paths are relative."""
        return self.machine.workspace


def all_cases() -> list[dict[str, Any]]:
    """Every case of every file."""
    return [case for path in sorted(VECTORS.glob("*.json")) for case in cases_of(path.stem)]


def cases_of(name: str) -> list[dict[str, Any]]:
    """The cases of one file, by its name."""
    found: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return found


def build(case: dict[str, Any], machine: Machine) -> Built:
    """Make the folders of ``case`` on ``machine``."""
    root = machine.workspace
    if case.keys() & {"executables", "links"}:
        need("POSIX")
    # In forward slashes, as a person writes a path into TOML on Windows too.
    case = filled(case, {"{root}": root.as_posix(), "{home}": machine.home.as_posix()})
    for name in case.get("venvs", ()):
        make_venv(root / name)
    for name in case.get("broken", ()):
        break_venv(root / name)
    for name, text in case.get("files", {}).items():
        write(root / name, text)
    for name, digits in case.get("bytes", {}).items():
        write(root / name, bytes.fromhex(digits))
    for name, text in case.get("executables", {}).items():
        write(root / name, text, executable=True)
    for name, target in case.get("links", {}).items():
        link(root / name, target)
    if "user" in case:
        write(Path(machine.host.config) / "pyworkflow.toml", case["user"])
    machine = machine._replace(environ={**machine.environ, **case.get("env", {})})
    cwd = root / case.get("cwd", ".")
    if case.get("trust"):
        trusted = wsp(machine, "workflow", "trust", cwd=cwd)
        assert trusted.exit_code == 0, trusted.text
    return Built(machine, cwd, tuple(case.get("args", ())), case["expect"])


def filled(value: Any, names: dict[str, str]) -> Any:
    """``value`` with the texts of ``names`` wherever their names stand."""
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    if isinstance(value, dict):
        return {filled(key, names): filled(item, names) for key, item in value.items()}
    return value
