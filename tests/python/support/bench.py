"""A machine with the real tools, to hold what is computed of them against what they say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from support.forking import CAN_FORK, forks
from support.ground import Ground
from support.machine import TREE
from support.needs import need

PATHS = json.loads((TREE / ".cache" / "paths.json").read_text())
#: Two Pythons that every tool takes.
PYTHONS: list[str] = PATHS["pythons"]
PYTHON = PYTHONS[0]

QUIET = {
    "NO_COLOR": "1",
    "PDM_CHECK_UPDATE": "false",
    "PDM_NON_INTERACTIVE": "1",
    "PIPENV_VERBOSITY": "-1",
    "PIPENV_IGNORE_VIRTUALENVS": "1",
    "VIRTUALENV_VENV_REDIRECT": "false",
    # Where an environment is does not depend on what is put into it.
    "VIRTUALENV_NO_SEED": "true",
    "UV_OFFLINE": "1",
    "UV_PYTHON": PYTHON,
}

#: What each tool that is written in Python imports before it looks at anything.
MODULES = {
    "hatch": ("hatch.cli",),
    "nox": ("nox.__main__",),
    "pdm": ("pdm.core",),
    "pipenv": ("pipenv.cli",),
    "poetry": ("poetry.console.application",),
    "tox": ("tox.run",),
}


class Bench(Ground):
    """A machine with the real tools."""

    def __init__(self, top: Path, known: Path) -> None:
        need("POSIX")  # its PATH and its tools are
        super().__init__(top)
        self.environ = {
            "PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin",
            # What virtualenv learned of the Pythons is the same on every machine of these tests.
            "VIRTUALENV_OVERRIDE_APP_DATA": str(known),
            **QUIET,
        }

    def run(self, tool: str, *words: str, at: Path, **environ: str) -> str:
        """What the tool prints; it must succeed."""
        argv = [PATHS["tools"][tool], *words]
        variables = {"HOME": str(self.home), **self.environ, **environ}
        if tool in MODULES and CAN_FORK:
            # The tool's own program, but for the seconds in which it imports itself.
            python = Path(argv[0]).read_text().partition("\n")[0].removeprefix("#!")
            forked = forks(python, MODULES[tool]).run(argv, cwd=str(at), environ=variables)
            code, out, err = forked.returncode, forked.stdout.decode(), forked.stderr.decode()
        else:
            done = subprocess.run(
                argv,
                cwd=at,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        assert code == 0, err + out
        return out.strip()

    def settings(self, name: str, text: str) -> str:
        """A file in the home folder, and its path."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)
