"""What is written in two places says the same in both, and nothing says what it must not."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.imports import HELPER, PACKAGES, PROTOCOL, files
from support.machine import TREE
from workflow_helper.cli.arguments import COMMANDS, COMMON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.cli.arguments import CommandSpec

TESTS = sorted((TREE / "tests").rglob("*.py"))


def tracked() -> Iterator[tuple[str, str]]:
    """Every file of text that is under version control, by its name."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TREE, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = TREE / name
        if name and path.is_file():
            data = path.read_bytes()
            if b"\0" not in data[:8192]:
                yield name, data.decode("utf-8", "replace")


def test_both_sides_of_the_protocol_name_the_same_methods() -> None:
    """The extension, the language server and the page for editors speak of the same requests and notifications."""
    page = (TREE / "docs" / "editors.md").read_text()
    for theirs, ours in (
        ("protocol", "protocol"),
        ("acts", "actions"),
        ("testActs", "test_actions"),
    ):
        named = [
            set(re.findall(r"pythonWorkflow/[a-zA-Z]+", (TREE / path).read_text("utf-8")))
            for path in (
                f"extension/{theirs}.ts",
                f"python_helper/helper/src/workflow_helper/lsp/{ours}.py",
            )
        ]
        assert named[0] == named[1] != set()
        assert [method for method in named[0] if method not in page] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_the_command_line_s_document_knows_every_command(command: CommandSpec) -> None:
    """docs/cli.md names each command and each of its options."""
    document = (TREE / "docs" / "cli.md").read_text("utf-8")
    assert re.search(rf"\b{re.escape(command.words[-1])}\b", document)
    for option in (*command.options, *COMMON):
        spelled = "|".join(re.escape(name) for name in (option.name, option.short) if name)
        assert re.search(rf"(?<![\w-])({spelled})(?![\w-])", document), option.name


@pytest.mark.needs("git")
def test_no_file_names_a_registry_or_this_machine() -> None:
    """What was fetched from where, and where this tree lies, are no part of it."""
    hosts = [
        "registry." + "npmjs",
        "py" + "pi.org",
        "python" + "hosted.org",
        "registry." + "yarnpkg",
    ]
    results = [
        os.environ.get(name, "")
        for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "npm_config_registry")
    ]
    hosts += [url.split("/")[2].rpartition("@")[2] for url in results if url.count("/") > 2]
    # A home among others may have a name that an example has, too.
    homes = [Path.home()] if Path.home().parent == Path("/") else []
    places = [str(path) for path in (TREE, *homes) if len(path.parts) > 1]
    forbidden = re.compile(
        "|".join(
            [*map(re.escape, hosts), *(rf"(?<![\w.}}-]){re.escape(place)}/" for place in places)]
        )
    )
    assert [(name, found[0]) for name, text in tracked() if (found := forbidden.search(text))] == []


@pytest.mark.needs("git")
def test_nothing_names_the_packages_that_strangers_have() -> None:
    """No file imports, requires or installs ``python_workflow`` or ``wsp`` by the names that others have on the index."""
    taken = re.compile(
        r"\b(?:from|import) python_workflow\b|\bpython_workflow\.(?!lua)\w"
        r"|\bpip install (?:\S+ )*(?:python-workflow|wsp)(?![\w-])"
        r"|\b(?:dependencies|requires) = \[?\"(?:python-workflow|wsp)\b(?!-)"
    )
    assert [(name, found[0]) for name, text in tracked() if (found := taken.search(text))] == []


def test_all_that_is_public_is_documented() -> None:
    """Every public module, class, function and method of the product and of its launcher has a docstring."""
    assert [
        f"{path.name}:{getattr(node, 'lineno', 1)}"
        for source in PACKAGES
        for path in files(source)
        for node in _public(ast.parse(path.read_text("utf-8")))
        if not ast.get_docstring(node)
    ] == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(TREE / "tests")))
def test_every_test_says_what_it_shows_and_runs(path: Path) -> None:
    """A test has a docstring, and none is skipped but for what its machine lacks, expected to fail, or shown a mock."""
    undocumented: list[str] = []
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("test_") and not ast.get_docstring(node):
                undocumented.append(node.name)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in ("unittest.mock", "mock")
    assert undocumented == []
    allowed = {"skip"} if path.name == "needs.py" else set()
    assert (names - allowed) & {
        "skip",
        "skipif",
        "xfail",
        "importorskip",
        "MagicMock",
        "mock",
    } == set()


def _public(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    yield tree
    todo: list[ast.Module | ast.ClassDef] = [tree]
    while todo:
        for node in todo.pop().body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
                overrides = [
                    getattr(one, "id", getattr(one, "attr", "")) for one in node.decorator_list
                ]
                if "override" in overrides or "overload" in overrides:
                    continue
                yield node
                if isinstance(node, ast.ClassDef):
                    todo.append(node)


def test_every_promise_of_security_names_a_test_that_is_there() -> None:
    """docs/security.md has no row without a test, and neither a test nor a module that is gone."""
    rows = [
        line
        for line in (TREE / "docs" / "security.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| promise")
    ]
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        assert [name for name in named if not (TREE / name).is_file()] == [], row
        modules = re.findall(r"`([a-z]\w*(?:/\w+)*\.(?:py|ts))`", row.rsplit("|", 2)[0])
        places = (HELPER, PROTOCOL.parent, TREE)
        missing = [name for name in modules if not any((at / name).is_file() for at in places)]
        assert missing == [], row
    assert len(rows) > 5
