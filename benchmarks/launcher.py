"""``py -c pass``, as a user has it installed, beside the Python that it starts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from rounds import Command, in_turn

if TYPE_CHECKING:
    from setting import Series, Setting


def measure(setting: Setting, rounds: int) -> list[Series]:
    """The times of ``py`` in each of its ways, and of the Pythons that it starts, in interleaved rounds."""
    environment = os.path.dirname(setting.script)
    py, python = os.path.join(environment, "py"), setting.python
    # So that what py finds on PATH is the very Python beside which it is measured.
    path = f"{os.path.dirname(python)}:{setting.environ['PATH']}"
    environ = {**setting.environ, "PATH": path}
    plain, project = setting.folder / "plain", setting.folder / "project"
    plain.mkdir()
    (plain / "script.py").write_text("#!/usr/bin/env python3\n")
    subprocess.run([python, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    of_project = str(project / ".venv" / "bin" / "python")
    nothing = ["-c", "pass"]
    told = ["-c", "import sys; print(sys.executable)"]
    for argv, folder, expected in (([py], plain, python), ([py], project, of_project)):
        done = subprocess.run(
            [*argv, *told], cwd=folder, env=environ, capture_output=True, text=True, check=True
        )
        if os.path.realpath(done.stdout.strip()) != os.path.realpath(expected):
            raise RuntimeError(f"py starts {done.stdout.strip()}, expected {expected}")
    return in_turn(
        [
            Command("python -c pass", [python, *nothing], plain),
            Command("python -c pass, of a .venv", [of_project, *nothing], project),
            # What any console script costs before its first line.
            Command(
                "python -c pass, in an environment",
                [os.path.join(environment, "python"), *nothing],
                plain,
            ),
            Command("py -c pass", [py, *nothing], plain, environ=environ),
            Command("py -3 -c pass", [py, "-3", *nothing], plain, environ=environ),
            Command("py -c pass, a .venv", [py, *nothing], project, environ=environ),
            Command("py script.py", [py, "script.py"], plain, environ=environ),
        ],
        environ,
        rounds,
    )
