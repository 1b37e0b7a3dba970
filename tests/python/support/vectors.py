"""The shared cases of ``test-fixtures/vectors``: what a folder holds, and what must be said of it."""

from __future__ import annotations

import copy
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from support.files import break_venv, link, write
from support.forked_command import wsp
from support.machine import FOLDERS, TREE, make_venv
from support.needs import need

if TYPE_CHECKING:
    from support.machine import Machine

VECTORS = TREE / "test-fixtures" / "vectors"

#: Cases about other systems' paths, and about folders of tools that are elsewhere on Windows.
ONLY_POSIX = {
    "pipenv's folder of environments is one of those that are shared",
    "the usual folders of environments in the home folder are elsewhere",
    "MAMBA_ROOT_PREFIX and CONDA_ENVS_DIRS name further folders",
    "envs_dirs in conda's folder of configurations, in one line, counts too",
    "what Poetry keeps for a project that was moved is elsewhere, and selected by its name",
    "the folder that Poetry's settings name is looked in",
    "what pdm keeps for any project is elsewhere",
    "a setting made on another machine is told of, and the user's file counts",
    "a redirect's blanks belong to the path",
    "an environment made on Windows",
    "the message names the command that mends it",
    "the user's own configuration of tox moves its environments",
    "an environment of pyenv-virtualenv is named by its whole name too, from the top of the repository",
    "pipenv reads PIPENV_CUSTOM_VENV_NAME and WORKON_HOME in .env",
    "a drive letter is no scheme",
}


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
    root, case = machine.workspace, copy.deepcopy(case)
    if case.keys() & {"executables", "links"} or case["name"] in ONLY_POSIX:
        need("POSIX")
    names = {".config/python-workflow": FOLDERS[0], ".local/state/python-workflow": FOLDERS[1]}
    # In forward slashes, as a person writes a path into TOML on Windows too.
    names |= {"{root}": root.as_posix(), "{home}": machine.home.as_posix()}
    if os.name == "nt":
        names["/bin/python"] = "/Scripts/python.exe"
        for name in [one for one in case.get("files", ()) if one.endswith("selections.json")]:
            case["files"][name] = _as_written(case["files"][name], root)
    case = filled(case, names)
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


def _as_written(text: str, root: Path) -> str:
    """A file of the product's own, with the paths in it as the product writes them."""

    def path(found: re.Match[str]) -> str:
        below = found[1].replace("/bin/python", "/Scripts/python.exe")
        return json.dumps(os.path.normpath(f"{root}{below}"))[1:-1]

    return re.sub(r'\{root\}([^"]*)', path, text)


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
