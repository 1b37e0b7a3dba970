from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.apps import request
from workflow_helper.errors import UsageError
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("black", "black", None),
        (" Black ", "black", None),
        ("ruamel_yaml.cmd", "ruamel-yaml-cmd", None),
        ("black@24.1", "black", "24.1"),
        ("black@24.1rc1", "black", "24.1rc1"),
        ("black@1!2.0+local", "black", "1!2.0+local"),
        ("black@latest", "black", "latest"),
    ],
)
def test_plain_word(text: str, name: str, version: str | None) -> None:
    """A name, and at most a version, are told without a library, the name as names are compared."""
    word = request.plain(text)
    assert word is not None
    assert (word.name, word.version) == (name, version)


@pytest.mark.parametrize(
    "text",
    ["", "@", "black@", "black@main", "black[d]", "black==1", "./black", "-r", ".", "a b", "ü"],
)
def test_more_than_a_word(text: str) -> None:
    """Whatever says more, or nothing, is no plain word."""
    assert request.plain(text) is None


@pytest.mark.parametrize(
    ("text", "name", "requirement"),
    [
        ("Black", "black", "Black"),
        ("black@24.1", "black", "black==24.1"),
        ("black[d]@24.1", "black", "black[d]==24.1"),
        ("black@latest", "black", "black"),
        ("black[jupyter, d]==24.*", "black", "black[d,jupyter]==24.*"),
        (
            "demo @ git+https://example.org/demo@v1.0",
            "demo",
            "demo@ git+https://example.org/demo@v1.0",
        ),
    ],
)
def test_requirement(machine: Machine, text: str, name: str, requirement: str) -> None:
    """What is asked for becomes what an installer understands."""
    tool = request.of(request.ToolArguments(text, str(machine.workspace)), machine.host, Disk())
    assert tool.name == name
    assert tool.requirement.replace(" @", "@") == requirement
    assert tool.local == ()


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Demo_Tool-1.0-py3-none-any.whl", "demo-tool"),
        ("demo-tool-1.0.tar.gz", "demo-tool"),
        ("demo-1.0.zip", "demo"),
        ("project/pyproject.toml", "demo"),
    ],
)
def test_path(machine: Machine, file: str, name: str) -> None:
    """An archive tells its name by that of its file, a folder by its ``pyproject.toml``; extras may follow."""
    path = write(machine.workspace / file, '[project]\nname = "demo"\n')
    path = path.parent if path.name == "pyproject.toml" else path
    spelled = f"./{path.relative_to(machine.workspace)}"
    for extras in ("", "[more]"):
        tool = request.of(
            request.ToolArguments(spelled + extras, str(machine.workspace)), machine.host, Disk()
        )
        assert (tool.name, tool.requirement) == (name, f"{path}{extras}")
        assert tool.local == (str(path),)


@pytest.mark.parametrize("text", ["", ".", "..", "../x", "a/b", "-x", "a b", "a\n"])
def test_what_names_no_program_or_tool(text: str) -> None:
    """Names that could lead elsewhere are refused."""
    with pytest.raises(UsageError):
        request.program(text)
    if text != "a\n":
        with pytest.raises(UsageError):
            request.name_of(text)
