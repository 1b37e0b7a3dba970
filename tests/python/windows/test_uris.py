"""The language server, asked as editors on Windows spell their folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from support.language_client import LSP, LanguageClient
from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine


def test_every_spelling_of_a_folder_has_its_environment(machine: Machine) -> None:
    """With an escaped colon or a bare one, a drive of either case, and names in the other case."""
    prefix = make_venv(machine.workspace / ".venv")
    drive, rest = machine.workspace.drive[0], quote(machine.workspace.as_posix()[2:])
    spelled = [
        f"file:///{drive.lower()}%3A{rest}",
        f"file:///{drive.upper()}:{rest}",
        f"file:///{drive.upper()}:{rest}/",
        f"file:///{drive.lower()}:{quote(machine.workspace.as_posix()[2:].swapcase())}",
    ]
    with LanguageClient(machine.environ, command=LSP) as client:
        client.initialize([machine.workspace])
        answers = client.request("pythonWorkflow/resolve", {"uris": spelled})["answers"]
    found = [os.path.normcase(answer["environment"]["prefix"]) for answer in answers]
    assert found == [os.path.normcase(prefix)] * len(spelled)
