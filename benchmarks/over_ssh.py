"""A workflow on another machine, asked over ssh: beside ssh itself, with an OpenSSH server of its own on loopback.

By a command, which connects and ends, and in a session that is open, as the language server and the server for agents keep one.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rounds import Command, in_turn
from setting import Series
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Declaration, Host, ProgramLaunch, SshLaunch, Workflow
from workflow_helper.servers.manager import Servers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from setting import Setting

ROOT = Path(__file__).parents[1]
#: Questions in a session, for each round of the commands.
QUESTIONS = 20
SERVER = ROOT / "test-fixtures" / "servers" / "good" / "base_lines.py"


def measure(setting: Setting, rounds: int) -> list[Series]:
    """Measure a question about an environment there, from start to end, and one more in a session that is open.

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
        words = [PYTHON, "-I", "-S", "/srv/serve.py"]
        serve = f"{{cmd = {words}}}"
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
        series = in_turn(commands, dict(machine.environ), rounds)
        launch = SshLaunch(HOST, FOLDER, ProgramLaunch(tuple(words)))
        warm = _warm(launch, machine.environ, folder, setting, rounds * QUESTIONS)
        return [*series, warm]


def _warm(
    launch: SshLaunch,
    environ: Mapping[str, str],
    folder: Path,
    setting: Setting,
    times: int,
) -> Series:
    """Return how long a question takes that is not the first to a server there."""
    home, cache = environ["HOME"], str(setting.folder / "cache")
    host = Host(environ, home, "linux", home, home, cache)
    workflow = Workflow(Declaration("over ssh", launch), "W4")
    os.chdir(folder)
    values = []
    with Servers(host, Disk) as servers:
        for _ in range(times):
            began = time.perf_counter_ns()
            found = servers.environments(workflow, str(folder), trusted=True)
            values.append((time.perf_counter_ns() - began) / 1e6)
            if not found:
                raise RuntimeError("the workflow over ssh lists nothing")
    return Series("a question in an open session over ssh", values[1:])
