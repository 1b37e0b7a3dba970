"""What grows with a machine and a project: each at a size and at four times that, so that growth which is not linear shows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from client import Client
from projects import drawn_environment, nested
from rounds import Command, in_turn
from setting import Series

if TYPE_CHECKING:
    from pathlib import Path

    from setting import Setting

#: Each thing in two sizes.
ELSEWHERE = (500, 2000)
LINES = (2500, 10_000)
PACKAGES = (750, 3000)
NESTED = (2500, 10_000)
FOUND = '"state": "ok"'


def measure(setting: Setting, rounds: int) -> list[Series]:
    """The times of the command line in every size, and of the helper in trees of projects."""
    commands = [
        *_elsewhere(setting),
        *(_lines(setting, count) for count in LINES),
        *(_packages(setting, count) for count in PACKAGES),
    ]
    return [*in_turn(commands, setting.environ, rounds), *_nested(setting, rounds)]


def _elsewhere(setting: Setting) -> list[Command]:
    """Lists in a folder with a ``.venv``, for users who keep so many environments in shared folders."""
    here = setting.folder / "sizes" / "elsewhere"
    drawn_environment(here / ".venv", setting.python)
    asked = [setting.script, "env", "list", "--json"]
    commands = []
    for count in ELSEWHERE:
        home = setting.folder / f"home-{count}"
        for number in range(count):
            top = (".virtualenvs", ".venvs", "envs")[number % 3]
            drawn_environment(home / top / f"env{number}", setting.python)
        environ = {**setting.environ, "HOME": str(home)}
        name = f"wsp env list, {count} elsewhere"
        commands += [
            Command(name, asked, here, FOUND, environ=environ),
            Command(f"{name}, all", [*asked, "--all"], here, f"env{count - 1}", environ=environ),
        ]
    return commands


def _lines(setting: Setting, count: int) -> Command:
    """A list of so many lines, of which the last one is there."""
    here = setting.folder / "sizes" / f"lines-{count}"
    drawn_environment(here / "last", setting.python)
    names = "".join(f"e{number}\n" for number in range(count - 1))
    (here / ".python-envs").write_text(f"{names}last\n")
    asked = [setting.script, "env", "default", "--json"]
    return Command(f"wsp env default, {count} lines", asked, here, FOUND)


def _packages(setting: Setting, count: int) -> Command:
    """An environment with so many packages that is compared with a project that asks for each of them."""
    here = setting.folder / "sizes" / f"packages-{count}"
    drawn_environment(here / ".venv", setting.python)
    site = here / ".venv" / "lib" / "python3.13" / "site-packages"
    for number in range(count):
        about = site / f"part{number}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: part{number}\nVersion: 1.0\n"
        )
    lines = "".join(f"part{number}==1.0\n" for number in range(count))
    (here / "requirements.txt").write_text(lines)
    asked = [setting.script, "env", "check", "--json"]
    return Command(f"wsp env check, {count} packages", asked, here, '"in_s')


def _nested(setting: Setting, rounds: int) -> list[Series]:
    """One request about all projects of a tree, to a new helper in every fourth round: one takes many seconds."""
    trees = {
        count: nested(setting.folder / f"tree-{count}", setting.python, count) for count in NESTED
    }
    series = {count: Series(f"{count} nested projects", []) for count in NESTED}
    for _ in range(max(1, rounds // 4)):
        for count, tree in trees.items():
            series[count].values.append(_answered(setting, tree))
    return [*series.values()]


def _answered(setting: Setting, tree: list[Path]) -> float:
    with Client(setting.helper_command("lsp"), setting.environ, setting.folder) as client:
        client.initialize((tree[0],))
        began = time.perf_counter_ns()
        answers = client.resolve(tree)
        took = (time.perf_counter_ns() - began) / 1e6
    if len(answers) != len(tree) or any(one["environment"] is None for one in answers):
        raise RuntimeError("a project of the tree has no environment")
    return took
