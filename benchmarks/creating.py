"""Making an environment, and telling where a tool's own is, beside what the tools' own commands take."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from projects import PYPROJECT
from rounds import Command, in_turn

if TYPE_CHECKING:
    from pathlib import Path

    from setting import Series, Setting

PROJECT = """\
[project]
name = "parcels"
version = "4.2.0"
requires-python = ">=3.10"
dependencies = ["iniconfig", "packaging", "pluggy"]
"""
BUILT = """
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
only-include = ["parcels.py"]
"""
OK = '"state": "ok"'


def measure(setting: Setting, rounds: int) -> list[Series]:
    """The times of all of it, in interleaved rounds. Packages come from the tools' own caches."""
    uv, python = setting.tools["uv"], setting.python
    with_uv = {**setting.environ, "PATH": f"{uv.rpartition('/')[0]}:/usr/bin:/bin"}
    # Not built, in both: a build takes as long as all the rest, and is the same for both.
    virtual = "\n[tool.uv]\npackage = false\n"
    locked = _folder(setting, "locked", {"pyproject.toml": PYPROJECT + virtual})
    small = _folder(setting, "small", {"pyproject.toml": PROJECT + virtual})
    for folder in (locked, small):
        _run([uv, "lock"], folder, setting.environ)
    built = _folder(setting, "built", {"pyproject.toml": PROJECT + BUILT, "parcels.py": ""})
    listed = _folder(setting, "listed", {"requirements.txt": "iniconfig\npackaging\npluggy\n"})
    create = setting.helper_command("env", "create", "--json", "--no-input", "--python", python)
    venv = f"{python} -m venv .venv && .venv/bin/python -m pip install -q"
    by_uv = f"{uv} venv -q -p {python} && {uv} sync -q"
    made = (".venv",)
    return in_turn(
        [
            Command("wsp env create, uv.lock", create, locked, OK, made, with_uv),
            Command("uv venv + uv sync", _shell(by_uv), locked, "", made),
            Command("wsp env create, three packages", create, small, OK, made, with_uv),
            Command("uv venv + uv sync, three packages", _shell(by_uv), small, "", made),
            Command("wsp env create without uv, a project", create, built, OK, made),
            Command("python -m venv + pip, a project", _shell(f"{venv} -e ."), built, "", made),
            Command("wsp env create without uv, requirements.txt", create, listed, OK, made),
            Command(
                "python -m venv + pip, requirements.txt",
                _shell(f"{venv} -r requirements.txt"),
                listed,
                "",
                made,
            ),
            *_places(setting),
        ],
        setting.environ,
        rounds,
    )


def _places(setting: Setting) -> list[Command]:
    """Where the environments are that hatch and poetry keep in folders of their own, asked of each and of us."""
    asked = setting.helper_command("env", "default", "--static", "--json")
    found = []
    for name, make, ask, table in (
        (
            "hatch",
            ["env", "create"],
            ["env", "find"],
            "[tool.hatch.envs.default]\nskip-install = true\n",
        ),
        (
            "poetry",
            ["env", "use", "-n", setting.python],
            ["env", "info", "-p"],
            "[tool.poetry]\npackage-mode = false\n",
        ),
    ):
        folder = _folder(setting, name, {"pyproject.toml": PROJECT + table})
        tool = setting.tools[name]
        _run([tool, *make], folder, setting.environ)
        found += [
            Command(f"wsp env default, {name}'s", asked, folder, OK),
            Command(f"{name} {' '.join(ask)}", [tool, *ask], folder, "parcels"),
        ]
    return found


def _folder(setting: Setting, name: str, files: dict[str, str]) -> Path:
    folder = setting.folder / name
    folder.mkdir()
    for file, text in files.items():
        (folder / file).write_text(text)
    return folder


def _shell(line: str) -> list[str]:
    return ["/bin/sh", "-ec", line]


def _run(argv: list[str], folder: Path, environ: dict[str, str]) -> None:
    subprocess.run(
        argv, cwd=folder, env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL
    )
