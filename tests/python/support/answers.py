"""What a test asks a language server most: what a place uses, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.language_client import uri

if TYPE_CHECKING:
    from pathlib import Path

    from support.language_client import LanguageClient


def project(folder: Path) -> Path:
    """A folder that declares a project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n')
    return folder


def answer_of(client: LanguageClient, path: Path | str) -> dict[str, Any]:
    """The answer to a request about one place."""
    answers = client.request("pythonWorkflow/resolve", {"uris": [uri(path)]})["answers"]
    assert len(answers) == 1
    found: dict[str, Any] = answers[0]
    return found


def prefix_of(answer: dict[str, Any]) -> str | None:
    """The environment's folder, or nothing."""
    environment = answer["environment"]
    return None if environment is None else str(environment["prefix"])


def changed(client: LanguageClient, path: Path, kind: int) -> None:
    """Tell of a change on the disk, as an editor does."""
    event = {"uri": uri(path), "type": kind}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [event]})


def next_change(client: LanguageClient, path: Path) -> dict[str, Any]:
    """The next answer that the server tells of for ``path``."""
    while True:
        notification = client.wait_for("pythonWorkflow/didChangeInterpreter")
        for answer in notification["answers"]:
            if answer["uri"] == uri(path):
                found: dict[str, Any] = answer
                return found
