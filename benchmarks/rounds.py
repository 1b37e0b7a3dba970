"""Running commands in turn, and timing each.

Every round runs every command once, so that whatever else slows the machine down slows all of them down alike: it is
the ratios within a round that can be trusted, more than any one time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from setting import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Rounds that are not counted: byte code is compiled, tools fill their caches, files come into memory.
WARM_UP = 2


class Command(NamedTuple):
    """A command, where it is run, and what it must print for its time to count."""

    name: str
    argv: list[str]
    folder: Path
    #: A part of the output; empty where none is looked for.
    prints: str = ""
    #: What it makes in its folder, taken away before each time.
    makes: tuple[str, ...] = ()
    #: Its variables, where they are not everybody's.
    environ: Mapping[str, str] | None = None


def in_turn(commands: Sequence[Command], environ: dict[str, str], rounds: int) -> list[Series]:
    """The times of ``commands`` in milliseconds, from the start of each to its end.

    Raises :class:`RuntimeError` when one fails or does not print what it should.
    """
    for command in commands:
        check(command, environ)
    for _ in range(WARM_UP):
        for command in commands:
            time_of(command, environ)
    series = [Series(command.name, []) for command in commands]
    for _ in range(rounds):
        for command, one in zip(commands, series, strict=True):
            one.values.append(time_of(command, environ))
    return series


def check(command: Command, environ: dict[str, str]) -> None:
    """Run ``command`` once. Raises :class:`RuntimeError` when it fails or does not print what it should."""
    _take_away(command)
    done = subprocess.run(
        command.argv,
        cwd=command.folder,
        env=command.environ or environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0 or command.prints not in done.stdout:
        raise RuntimeError(
            f"{command.name} ended with exit status {done.returncode}, and should have printed"
            f" {command.prints!r}:\n{done.stdout}{done.stderr}"
        )


def time_of(command: Command, environ: dict[str, str]) -> float:
    """Run ``command`` once; from its start to its end in milliseconds. Its folder becomes the current one."""
    _take_away(command)
    os.chdir(command.folder)
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in (0, 1, 2)]
    start = time.perf_counter_ns()
    # Nothing of our own but the system's call: subprocess would add a good part of a bare interpreter's time.
    child = os.posix_spawn(
        command.argv[0], command.argv, command.environ or environ, file_actions=actions
    )
    _, status = os.waitpid(child, 0)
    took = time.perf_counter_ns() - start
    os.close(nothing)
    if status != 0:
        raise RuntimeError(f"{command.name} failed (status {status}), though it had not before")
    return took / 1e6


def _take_away(command: Command) -> None:
    for name in command.makes:
        shutil.rmtree(command.folder / name, ignore_errors=True)
