"""The servers that the specification teaches, run as they stand in its page."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest
from python_workflow.wsp.conformance.clauses import CLAUSES
from support import spec
from support.checking import broken, checked
from support.servers import GUARD
from support.talk import ANNOUNCED, CLIENT, Talk

if TYPE_CHECKING:
    from pathlib import Path


def server(mark: str, folder: Path) -> Path:
    """The program that stands in the page after ``<!-- mark: ... -->``."""
    text = spec.pages()["writing-a-server.md"]
    found = re.search(rf"<!-- {mark}:[^>]*-->\n```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    path = folder / "server.py"
    path.write_text(found[1], "utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with three environments."""
    for name in ("default", "a", "a-b"):
        venv.create(tmp_path / ".venvs" / name, symlinks=True)
    return tmp_path


def test_the_server_by_hand_is_short_and_whole(tmp_path: Path) -> None:
    """The server by hand has at most 20 lines and imports the standard library alone."""
    text = server("by-hand", tmp_path).read_text("utf-8")
    assert len(text.splitlines()) <= 20
    imported = {
        name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


def test_the_server_by_hand_lists_environments(project: Path) -> None:
    """The server by hand lists what is there, to one write that holds a whole session."""
    session: list[dict[str, object]] = [
        {"id": 0, "method": "initialize", "params": CLIENT},
        {"id": 1, "method": "environment/list"},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    lines = "".join(json.dumps({"jsonrpc": "2.0", **one}) + "\n" for one in session)
    done = subprocess.run(
        [sys.executable, "-I", str(server("by-hand", project))],
        cwd=project,
        input=lines.encode(),
        capture_output=True,
        timeout=GUARD,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    version = ".".join(map(str, sys.version_info[:3]))
    assert answers[1]["result"] == [
        {"id": name, "name": name, "python_version": version} for name in ("a", "a-b", "default")
    ]


def test_the_server_by_hand_meets_every_must(project: Path) -> None:
    """The kit finds no MUST broken in the server by hand; what it warns of are SHOULDs."""
    report = checked(server("by-hand", project), project, timeout=3)
    assert report.exit_code == 0
    assert {CLAUSES[one].level for one in broken(report)} == {"SHOULD"}


def test_the_server_with_the_sdk_meets_every_clause(project: Path) -> None:
    """The kit finds nothing broken in the server that uses the SDK."""
    assert broken(checked(server("sdk", project), project, forked=True)) == set()


def test_the_server_with_the_sdk_creates_and_deletes(project: Path) -> None:
    """The server that uses the SDK makes an environment, refuses to make it twice, and deletes it."""
    with Talk(server("sdk", project), project) as talk:
        talk.initialize(**ANNOUNCED)
        params = {"name": "new", "progress_token": 1}
        assert talk.ask("environment/create", params)["result"]["name"] == "new"
        assert talk.ask("environment/create", params)["error"]["code"] == -31002
        listed = talk.ask("environment/list")["result"]
        assert [one["id"] for one in listed if one.get("default")] == ["default"]
        assert talk.ask("environment/delete", {"id": "new"})["result"] == {"id": "new"}
        assert talk.ask("environment/delete", {"id": "new"})["error"]["code"] == -31001
    assert not (project / ".venvs" / "new").exists()
