"""The running helper: its start, its answers, and what it takes of the memory."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from client import Client
from projects import Projects, nested
from rounds import WARM_UP, Command, check, time_of
from setting import Series

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from setting import Setting

#: How many questions a running helper is asked in one round.
WARM = 200
NESTED = 1000

#: The least that a language server written with the same library does before it can answer.
_LIBRARY = "import sys; sys.path.append(sys.argv[1]); import pygls.lsp.server"


#: Answers every line with itself: what pipes, processes and the machine's other work cost a question.
_ECHO = "import os\nwhile line := os.read(0, 65536): os.write(1, line)"


def measure(setting: Setting, rounds: int) -> list[Series]:
    """Start, warm answers, a tree of projects, and memory: a new helper in every round."""
    made = Projects(setting)
    tree = nested(setting.folder / "tree", setting.python, NESTED)
    folders = (made.dot_venv, made.listed)
    start = Series("start to first answer", [])
    warm = Series("a warm answer", [])
    echoed = Series("a line, echoed", [])
    first = Series(f"{NESTED} nested projects, first", [])
    again = Series(f"{NESTED} nested projects, again", [])
    used = Series("memory after use", [], "MB")
    full = Series(f"memory after {NESTED} projects", [], "MB")
    commands = _peers(setting)
    for command in commands:
        check(command, setting.environ)
    peers = [Series(command.name, []) for command in commands]
    for number in range(-WARM_UP, rounds):
        counted = number >= 0
        beside = [time_of(command, setting.environ) for command in commands]
        began = time.perf_counter_ns()
        with Client(setting.helper_command("lsp"), setting.environ, setting.folder) as client:
            client.initialize(folders)
            _resolved(client, [folders[0]])
            started = _since(began)
            answers, echoes = _beside_an_echo(client, folders[0], setting)
            plain = client.megabytes()
            many = [_timed(lambda: _resolved(client, tree)) for _ in range(2)]
            most = client.megabytes()
        if counted:
            for peer, took in zip(peers, beside, strict=True):
                peer.values.append(took)
            start.values.append(started)
            warm.values.extend(answers)
            echoed.values.extend(echoes)
            first.values.append(many[0])
            again.values.append(many[1])
            used.values.append(plain)
            full.values.append(most)
    return [*peers, start, echoed, warm, first, again, used, full]


def _beside_an_echo(
    client: Client, folder: Path, setting: Setting
) -> tuple[list[float], list[float]]:
    """The times of warm answers, and of as many lines echoed between them."""
    command = [setting.python, "-I", "-S", "-c", _ECHO]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=setting.environ, bufsize=0
    ) as echo:
        assert echo.stdin is not None
        assert echo.stdout is not None
        line = f'{{"uris": ["{folder.as_uri()}"]}}\n'.encode()
        write, read = echo.stdin.write, echo.stdout.read

        def send() -> None:
            write(line)
            read(len(line))

        pairs = [(_timed(lambda: _resolved(client, [folder])), _timed(send)) for _ in range(WARM)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _peers(setting: Setting) -> tuple[Command, Command]:
    bare = [setting.python, "-I", "-S", "-c", "pass"]
    cache = f"pycache_prefix={setting.folder / 'pycache'}"
    libs = f"{setting.helper}/libs"
    library = [setting.python, "-I", "-S", "-X", cache, "-c", _LIBRARY, libs]
    return (
        Command("python -I -S -c pass", bare, setting.folder),
        Command("python: import pygls", library, setting.folder),
    )


def _resolved(client: Client, folders: list[Path]) -> None:
    answers = client.resolve(folders)
    wrong = [answer["root"] for answer in answers if answer["environment"] is None]
    if wrong or len(answers) != len(folders):
        raise RuntimeError(f"no environment was found for {wrong or folders}")


def _timed(ask: Callable[[], None]) -> float:
    began = time.perf_counter_ns()
    ask()
    return _since(began)


def _since(began: int) -> float:
    return (time.perf_counter_ns() - began) / 1e6
