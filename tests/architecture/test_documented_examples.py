"""What the pages show is what the product takes: commands, declarations, documents and code."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.files import write
from support.machine import TREE, Machine
from workflow_helper.cli.arguments import parse
from workflow_helper.discovery import declarations
from workflow_helper.filesystem.reader import Disk

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGES = [TREE / "README.md", TREE / "CONTRIBUTING.md", *sorted((TREE / "docs").rglob("*.md"))]
#: What ends a command of a line, and begins another.
_BETWEEN = ("&&", "|", ";")


class Example(NamedTuple):
    """A block of code in a page."""

    page: Path
    language: str
    text: str


EXAMPLES = [
    Example(page, language, text)
    for page in PAGES
    for language, text in re.findall(
        r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
]


def commands() -> list[list[str]]:
    """Return the words behind each ``wsp`` that a page shows at a prompt."""
    found: list[list[str]] = []
    for one in EXAMPLES:
        for line in re.findall(r"^\$ (.*)", one.text, re.MULTILINE):
            words: list[str] | None = None
            for word in shlex.split(line, comments=True):
                if word in _BETWEEN:
                    words = None
                elif words is not None:
                    words.append(word)
                elif word == "wsp":
                    words = []
                    found.append(words)
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_command_that_a_page_shows_is_one(words: list[str]) -> None:
    """The command line knows it, with the options and words that stand there."""
    assert parse(words).command != "help"


@pytest.mark.parametrize(
    "text", [one.text for one in EXAMPLES if one.language == "toml"], ids=lambda text: text[:40]
)
def test_each_table_that_a_page_shows_is_read_without_complaint(text: str, tmp_path: Path) -> None:
    """It is TOML; what declares a workflow is right in the user's own file or in a project's."""
    document = tomllib.loads(text)
    if not {"workflow", "folder"} & document.keys():
        return
    machine = Machine.at(tmp_path)
    write(Path(machine.host.config) / "pyworkflow.toml", text)
    write(machine.workspace / "pyworkflow.toml", text)
    user = declarations.of_user(machine.host, Disk())
    project = declarations.of_project(str(machine.workspace), Disk())
    assert () in (user.problems, project.problems)


@pytest.mark.parametrize(
    "text", [one.text for one in EXAMPLES if one.language == "json"], ids=lambda text: text[:40]
)
def test_each_document_that_a_page_shows_is_json(text: str) -> None:
    """It can be copied as it stands: one document, or one a line."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        for line in text.splitlines():
            json.loads(line)


@pytest.mark.parametrize(
    "text", [one.text for one in EXAMPLES if one.language == "python"], ids=lambda text: text[:40]
)
def test_each_program_that_a_page_shows_is_python(text: str) -> None:
    """It compiles; the servers among them are run by tests of their own."""
    compile(text, "<page>", "exec")


def test_the_workflow_that_the_guide_adds_fits_the_product() -> None:
    """The two modules of the imaginary tool import what is there, and make a tool and a backend that do what they say."""
    page = TREE / "docs" / "guides" / "adding-a-workflow.md"
    reads, acts = (one.text for one in EXAMPLES if (one.page, one.language) == (page, "python"))
    read: dict[str, Any] = {}
    exec(reads, read)  # noqa: S102 - it is ours
    assert read["TOOL"].name == "acme"
    acted: dict[str, Any] = {}
    exec(acts, acted)  # noqa: S102 - it is ours
    backend = acted["BACKEND"]
    assert (backend.program, backend.sync, backend.check) == (
        "acme",
        acted["_sync"],
        acted["_check"],
    )
