"""``wsp env default --json``, as the extension runs it and as a user does, beside its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projects import Projects
from rounds import Command, in_turn

if TYPE_CHECKING:
    from setting import Series, Setting

FOUND = '"state": "ok"'
#: A command in the environment that tells which one it runs in.
RUN = ("python", "-I", "-S", "-c", "import sys; print(sys.executable)")


def measure(setting: Setting, rounds: int) -> list[Series]:
    """The times of every command in every folder, in interleaved rounds."""
    made = Projects(setting)
    folders = {
        "a .venv": made.dot_venv,
        "a declared workflow": made.declared,
        "a .python-envs": made.listed,
        "a uv.lock": made.locked,
    }
    here = made.dot_venv
    python, script, tools = setting.python, setting.script, setting.tools
    question = ["env", "default", "--json"]
    commands = [
        Command("python -I -S -c pass", [python, "-I", "-S", "-c", "pass"], here),
        # What any console script costs before its first line.
        Command(
            "python -I -c pass, in an environment",
            [script.rpartition("/")[0] + "/python", "-I", "-c", "pass"],
            here,
        ),
    ]
    for name, folder in folders.items():
        asked = setting.helper_command(
            *question, "--static", "--no-input", "--editor", "--trusted", "--folder", str(folder)
        )
        commands += [
            Command(f"the extension's wsp, {name}", asked, setting.folder, FOUND),
            Command(f"the installed wsp, {name}", [script, *question], folder, FOUND),
        ]
    return in_turn(
        [
            *commands,
            Command("wsp env run", [script, "env", "run", "--", *RUN], made.locked, ".venv"),
            Command(
                "uv run --no-sync", [tools["uv"], "run", "--no-sync", *RUN], made.locked, ".venv"
            ),
            Command("uv python find", [tools["uv"], "python", "find"], here, ".venv/"),
            Command("hatch env find", [tools["hatch"], "env", "find"], here),
            Command("poetry env info -p", [tools["poetry"], "env", "info", "-p"], here, ".venv"),
        ],
        setting.environ,
        rounds,
    )
