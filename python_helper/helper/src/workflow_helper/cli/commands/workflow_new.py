"""``wsp workflow new``: create a folder with a minimal server, its test, and the declaration."""

from __future__ import annotations

import os

from workflow_helper.cli.context import Result
from workflow_helper.errors import AlreadyExists, UsageError
from workflow_helper.filesystem.atomic import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.cli.context import Invocation

SERVER = '''\
"""List the environments in .venvs/NAME. Try it: wsp workflow trust, wsp env list, wsp check --watch."""

from pathlib import Path

from workflow_server import Environment, EnvironmentNotFound, Server

server = Server("{name}", "0.1")


def read(folder):
    lines = (folder / "pyvenv.cfg").read_text().splitlines()
    fields = dict(line.split(" = ", 1) for line in lines if " = " in line)
    version = (fields.get("version") or fields["version_info"]).split(".")[:3]
    python = next(path for path in (folder / "Scripts/python.exe", folder / "bin/python") if path.exists())
    return Environment(folder.name, folder.name, ".".join(version), str(python))


@server.list_environments
def environments():
    return [read(file.parent) for file in Path(server.root, ".venvs").glob("*/pyvenv.cfg")]


@server.get_environment
def get(params):
    for one in environments():
        if one.id == params.id:
            return one
    raise EnvironmentNotFound(f"There is no environment {{params.id}}.")


if __name__ == "__main__":
    server.run()
'''
TEST = '''\
"""Test that the server follows the protocol, with python -m unittest: it needs wsp on PATH, and 'wsp workflow trust' once."""

import json
import subprocess
import unittest
from pathlib import Path


class Conformance(unittest.TestCase):
    def test_no_clause_is_broken(self):
        done = subprocess.run(["wsp", "check", "--json"], cwd=Path(__file__).parent, capture_output=True, check=False)
        report = json.loads(done.stdout)
        broken = [one["detail"] for one in report.get("clauses", [report]) if one.get("outcome", "failed") == "failed"]
        self.assertEqual(broken, [])
'''
DECLARATION = '[workflow]\nwsp = { script = "server.py" }\n'


def _new(invocation: Invocation) -> Result:
    folder = os.path.normpath(os.path.join(invocation.cwd, invocation.action.operand or "."))
    name = os.path.basename(folder) or "workflow"
    if not name.isprintable() or set(name) & set('"\\{}'):
        raise UsageError(f"{name!r} cannot be the name of a workflow")
    texts = {
        "server.py": SERVER.format(name=name),
        "test_server.py": TEST,
        "pyproject.toml": DECLARATION,
    }
    paths = [os.path.join(folder, file) for file in texts]
    there = [path for path in paths if os.path.lexists(path)]
    if there:
        raise AlreadyExists(f"{there[0]} exists", "Name a folder without these files.")
    for path, text in zip(paths, texts.values(), strict=True):
        write_whole(path, text.encode(), replace=False)
    named = (f"  {path}" for path in paths)
    following = "next: wsp workflow trust, then wsp check --watch"
    return Result({"files": paths}, ("created", *named, following))


COMMANDS = {"workflow new": _new}
