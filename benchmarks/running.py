"""Scripts with inline metadata and tools, and the list of Pythons, beside who else runs and lists them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from rounds import Command, in_turn
from setting import Series

if TYPE_CHECKING:
    from pathlib import Path

    from setting import Setting

OURS = "wsp script run, warm"
OWN = "python script.py, in its own environment"
#: What a script may take beyond this many times the start of its own Python is told in milliseconds.
TIMES = 1.3
SCRIPT = """\
# /// script
# dependencies = ["iniconfig==2.0.0"]
# ///
import iniconfig
print("it is", iniconfig.__name__)
"""
PRINTS = "it is iniconfig"


def measure(setting: Setting, rounds: int) -> list[Series]:
    """The times of a warm script, of its first run, of a warm tool, and of the list of Pythons, in interleaved rounds."""
    folder, uv = setting.folder / "scripts", setting.tools["uv"]
    folder.mkdir()
    (folder / "script.py").write_text(SCRIPT)
    script = ["script.py"]
    wsp, hatch = setting.script, setting.tools["hatch"]
    pipx = _pipx(setting.folder / "pipx", uv, setting)
    # So that all of them run it with the same Python; and uv is there for us, as it is for itself.
    python = os.path.dirname(setting.python)
    path = os.pathsep.join((python, os.path.dirname(uv), setting.environ["PATH"]))
    environ = {**setting.environ, "PATH": path}
    cache = setting.folder / "home" / ".cache"
    own = _own(wsp, folder, environ)
    warm = in_turn(
        [
            Command(OWN, [own, *script], folder, PRINTS),
            Command(OURS, [wsp, "script", "run", *script], folder, PRINTS),
            Command("py run, warm", [_beside(wsp, "py"), "run", *script], folder, PRINTS),
            Command("uv run, warm", [uv, "run", *script], folder, PRINTS),
            Command("pipx run, warm", [pipx, "run", *script], folder, PRINTS),
            Command("hatch run, warm", [hatch, "run", *script], folder, PRINTS),
            Command("wsp tool run, warm", [wsp, "tool", "run", "cowsay", "-t", "hi"], folder, "hi"),
            Command("pyx, warm", [_beside(wsp, "pyx"), "cowsay", "-t", "hi"], folder, "hi"),
            Command("uvx, warm", [_beside(uv, "uvx"), "cowsay", "-t", "hi"], folder, "hi"),
            Command("pipx run, a tool, warm", [pipx, "run", "cowsay", "-t", "hi"], folder, "hi"),
            Command("wsp python list, warm", [wsp, "python", "list"], folder, "3."),
            Command(
                "uv python list --only-installed",
                [uv, "python", "list", "--only-installed"],
                folder,
                "3.",
            ),
        ],
        environ,
        rounds,
    )
    ours = Command(
        "wsp script run, first",
        [wsp, "script", "run", *script],
        folder,
        PRINTS,
        (str(cache / "python-workflow/environments"),),
    )
    uvs = Command(
        "uv run, first", [uv, "run", *script], folder, PRINTS, (str(cache / "uv/environments-v2"),)
    )
    # In turns of their own: what one of the two takes away would be missing for the other.
    fewer = max(rounds // 2, 3)
    first = in_turn([_without(one, cache / "uv") for one in (ours, uvs)], environ, fewer)
    at_hand = [one._replace(name=f"{one.name}, its packages at hand") for one in (ours, uvs)]
    first += in_turn(at_hand, environ, fewer)
    times = {one.name: one.values for one in warm}
    beyond = [
        took - TIMES * own_took for took, own_took in zip(times[OURS], times[OWN], strict=True)
    ]
    return [*warm, *first, Series(f"{OURS}, beyond {TIMES} times its own Python", beyond)]


def _own(wsp: str, folder: Path, environ: dict[str, str]) -> str:
    """The Python of the script's own environment, which is made."""
    tell = [wsp, "script", "env", "--make", "script.py"]
    subprocess.run(tell, cwd=folder, env=environ, check=True, capture_output=True)
    ask = [wsp, "script", "env", "script.py", "--json"]
    told = subprocess.run(ask, cwd=folder, env=environ, check=True, capture_output=True).stdout
    path: str = json.loads(told)["environment"]["interpreter_path"]
    return path


def _pipx(folder: Path, uv: str, setting: Setting) -> str:
    """A pipx of its own."""
    for words in (
        ["venv", "--python", setting.python, str(folder)],
        ["pip", "install", "--python", str(folder), "pipx"],
    ):
        subprocess.run([uv, *words], env=setting.environ, check=True, capture_output=True)
    return str(folder / "bin" / "pipx")


def _without(command: Command, kept: Path) -> Command:
    return command._replace(makes=(*command.makes, str(kept)))


def _beside(program: str, name: str) -> str:
    return os.path.join(os.path.dirname(program), name)
