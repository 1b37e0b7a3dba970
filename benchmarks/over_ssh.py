"""A workflow on another machine, asked over ssh: beside ssh itself, with an OpenSSH server of its own on loopback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rounds import Command, in_turn

if TYPE_CHECKING:
    from setting import Series, Setting

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "test-fixtures" / "servers" / "good" / "base_lines.py"


def measure(setting: Setting, rounds: int) -> list[Series]:
    """Measure a question about an environment there, and the first program in it, from start to end.

    Raises :class:`RuntimeError` where this machine cannot be two.
    """
    # The other machine is that of the tests.
    sys.path.insert(0, str(ROOT / "tests" / "python"))
    from support.machine import Machine
    from support.other_machine import FOLDER, HOST, PYTHON, OtherMachine, can_be

    if not can_be():
        raise RuntimeError("'ssh' needs root, namespaces, and OpenSSH with its server")
    base = setting.folder / "other"
    base.mkdir()
    machine = Machine(setting.folder / "home", setting.folder / "project", setting.environ)
    (machine.workspace / ".git").mkdir(parents=True)
    with OtherMachine(base) as other:
        other.reachable_from(machine)
        other.give("/srv/serve.py", SERVER.read_text())
        serve = f'{{cmd = ["{PYTHON}", "-I", "-S", "/srv/serve.py"]}}'
        table = f'{{ssh = "{HOST}", folder = "{FOLDER}", wsp = {serve}}}'
        config = machine.home / ".config" / "python-workflow" / "pyworkflow.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f"[workflow]\nwsp = {table}\n")
        ssh = shutil.which("ssh", path=machine.environ["PATH"])
        assert ssh is not None
        folder, default = machine.workspace, ["env", "default", "--json"]
        commands = [
            Command("ssh HOST true", [ssh, "-T", HOST, "true"], folder),
            Command(
                "ssh HOST python -c pass",
                [ssh, "-T", HOST, PYTHON, "-I", "-S", "-c", "pass"],
                folder,
            ),
            Command("wsp env default over ssh", setting.helper_command(*default), folder, HOST),
        ]
        return in_turn(commands, dict(machine.environ), rounds)
