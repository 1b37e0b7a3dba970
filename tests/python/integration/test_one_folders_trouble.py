"""A folder that is made to trip whoever looks at it: its trouble is told, and no other folder's."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.answers import answer_of
from support.command import assert_no_accident
from support.files import write
from support.forked_command import wsp
from support.language_client import LanguageClient, uri
from support.machine import TREE, make_venv
from support.needs import need

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

#: A server to which one folder is a mistake that nobody expected.
TRIPPED = """
import sys
from workflow_helper.lsp import server, session

look = session.EditorSession._look

def tripping(self, question, found):
    if question.folder.endswith("bad"):
        return tripping(self, question, found)
    return look(self, question, found)

session.EditorSession._look = tripping
sys.exit(server.serve())
"""


def with_chain(folder: Path, links: int = 1500) -> Path:
    """Have ``.venv``, ``.python-envs`` and a script's folder lead through a long chain of links."""
    need("POSIX")  # links
    (folder / "chain").mkdir(parents=True)
    (folder / ".git").mkdir()
    make_venv(folder / "real")
    os.symlink("../real", folder / "chain" / "l0")
    for number in range(1, links):
        os.symlink(f"l{number - 1}", folder / "chain" / f"l{number}")
    os.symlink(f"chain/l{links - 1}", folder / ".venv")
    write(folder / ".python-envs", f"chain/l{links - 1}\n")
    return folder


def test_a_long_chain_of_links_is_a_broken_environment(machine: Machine) -> None:
    """For every question of the command line."""
    folder = with_chain(machine.workspace / "p")
    for words in (
        ("env", "default"),
        ("env", "list"),
        ("env", "show"),
        ("explain",),
        ("workflow", "show"),
    ):
        done = wsp(machine, *words, "--folder", str(folder))
        assert_no_accident(done)
        assert "internal error" not in done.text
    listed = wsp(machine, "env", "list", "--json", "--folder", str(folder)).document
    assert {one["status"]["state"] for one in listed["environments"]} <= {"ok", "broken"}


def test_a_long_chain_in_one_folder_leaves_the_others_answered(machine: Machine) -> None:
    """Opened together, and each asked about."""
    folder, other = with_chain(machine.workspace / "p"), machine.workspace / "other"
    make_venv(other / ".venv")
    with LanguageClient(machine.environ) as client:
        client.initialize([folder, other])
        assert answer_of(client, other)["environment"]["name"] == ".venv"
        assert "answers" in client.request("pythonWorkflow/resolve", {"uris": [uri(folder)]})
        client.notify("pythonWorkflow/didFocus", {})
        assert answer_of(client, other)["environment"]["name"] == ".venv"


def test_a_mistake_of_ours_in_one_folder_leaves_the_others_answered(machine: Machine) -> None:
    """That folder's answer says so, and the server stays."""
    bad, good = machine.workspace / "bad", machine.workspace / "good"
    bad.mkdir()
    make_venv(good / ".venv")
    with LanguageClient(machine.environ, command=[sys.executable, "-I", "-c", TRIPPED]) as client:
        client.initialize([bad, good])
        assert answer_of(client, good)["environment"]["name"] == ".venv"
        answer = answer_of(client, bad)
        assert answer["environment"] is None
        assert "could not be examined" in str(answer)
        client.notify("pythonWorkflow/didFocus", {})
        assert answer_of(client, good)["environment"]["name"] == ".venv"


@pytest.mark.needs("POSIX")
def test_any_folder_is_borne() -> None:
    """Eighty hostile folders: each is answered, soon, in what can be told on the wire."""
    target = TREE / "tests" / "fuzz" / "fuzz_folders.py"
    argv = [sys.executable, str(target), "--iterations", "80", "--seconds", "250"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    assert "80 folders, none broke a rule" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("seed", [1, 2])
def test_any_json_is_borne(seed: int) -> None:
    """A thousand messages of any kind: none ends the server, and a good request among them is answered as ever."""
    target = TREE / "tests" / "fuzz" / "fuzz_language_server.py"
    argv = [sys.executable, str(target), "--iterations", "1000", "--seed", str(seed)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    assert "1000 messages, none broke a rule" in done.stdout, done.stdout + done.stderr
