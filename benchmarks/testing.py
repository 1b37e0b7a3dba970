"""Finding and running tests by ``wsp test`` beside pytest itself."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from rounds import Command, in_turn
from setting import Series

if TYPE_CHECKING:
    from pathlib import Path

    from setting import Setting

TESTS, FILES = 5000, 100
ONE = "tests/test_part_42.py::test_number_7"


def measure(setting: Setting, rounds: int) -> list[Series]:
    """Measure a list of many tests, a run of them, and one test, each beside pytest in the same rounds."""
    project = _project(setting)
    pytest = str(project / ".venv" / "bin" / "pytest")
    wsp = setting.helper_command("test")
    several = in_turn(
        [
            Command("wsp test list", [*wsp, "list"], project, ONE),
            Command("pytest --collect-only -q", [pytest, "--collect-only", "-q"], project, ONE),
            Command("wsp test run", [*wsp, "run"], project, f"{TESTS} passed"),
            Command("pytest -q", [pytest, "-q"], project, f"{TESTS} passed"),
            Command("wsp test run, one test", [*wsp, "run", ONE], project, "1 passed"),
            Command("pytest, one test", [pytest, ONE], project, "1 passed"),
        ],
        setting.environ,
        rounds,
    )
    times = {one.name: one.values for one in several}
    pairs = zip(times["wsp test run, one test"], times["pytest, one test"], strict=True)
    return [*several, Series("wsp test run, one test, more", [ours - own for ours, own in pairs])]


def _project(setting: Setting) -> Path:
    """Make a project of many tests that do nothing, with an environment that has pytest."""
    folder = setting.folder / "tested"
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    for part in range(FILES):
        tests = [f"def test_number_{number}():\n    pass\n" for number in range(TESTS // FILES)]
        (folder / "tests" / f"test_part_{part}.py").write_text("\n\n".join(tests))
    uv = setting.tools["uv"]
    for words in (
        ["venv", "--python", setting.python, ".venv"],
        ["pip", "install", "--compile-bytecode", "--python", ".venv", "pytest"],
    ):
        subprocess.run(
            [uv, *words], cwd=folder, env=setting.environ, check=True, capture_output=True
        )
    return folder
