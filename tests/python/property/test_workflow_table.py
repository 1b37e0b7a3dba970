"""The JSON Schema of the files that declare workflows takes what their readers take, and refuses what they refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from support.machine import TREE
from support.vectors import all_cases
from workflow_helper.discovery.declarations import in_file, read_user_file
from workflow_helper.discovery.editor_text import Unsaved
from workflow_helper.discovery.folder_mapping import entries_of
from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.discovery.workflow_table import FORMS
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import parse_toml
from workflow_helper.lsp import table_docs
from workflow_helper.model import Host

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = TREE / "docs" / "spec"
SCHEMA = json.loads((SPEC / "pyworkflow.schema.json").read_text("utf-8"))
#: On Windows, only a path with a drive is a whole one.
DRIVE = "C:" if os.name == "nt" else ""
HOME = f"{DRIVE}/home/ana"
HOST = Host(
    {}, HOME, "linux", f"{HOME}/.config/python-workflow", f"{DRIVE}/state", f"{DRIVE}/cache"
)
PROJECT, USER = f"{DRIVE}/p", HOST.config


def of(definition: str | None = None) -> Draft7Validator:
    """A validator of the whole schema, or of one definition of it."""
    if definition is None:
        return Draft7Validator(SCHEMA)
    reference = {"$ref": f"#/definitions/{definition}"}
    return Draft7Validator({"definitions": SCHEMA["definitions"], "allOf": [reference]})


WHOLE, TABLE, OWN = of(), of("project"), of("user")


class Parsed(Unsaved):
    """A file whose tables are these, whether or not a text says so."""

    def __init__(self, path: str, document: dict[str, Any]) -> None:
        super().__init__(path, "")
        self.document = document

    def toml(self, path: str, limit: int = 0) -> dict[str, Any] | None:  # type: ignore[explicit-override]  # noqa: ARG002
        """The tables."""
        return self.document


def read_takes(name: str, document: dict[str, Any]) -> bool:
    """Whether the readers find nothing wrong with a project's file."""
    path = os.path.join(os.path.normpath(PROJECT), name)
    disk = Parsed(path, document)
    try:
        in_file(path, disk)
    except UnusableFile:
        return False
    return name == "pyproject.toml" or not entries_of(document, path, disk)[1]


def schema_takes(name: str, document: dict[str, Any]) -> bool:
    """Whether the schema does not."""
    if name == "pyworkflow.toml":
        return bool(WHOLE.is_valid(document))
    return "workflow" not in document or bool(TABLE.is_valid(document["workflow"]))


def user_takes(document: dict[str, Any]) -> bool:
    """Whether the reader finds nothing wrong with the user's own file."""
    return read_user_file(HOST, Parsed(f"{USER}/pyworkflow.toml", document))[1] == ()


words = st.sampled_from(
    [
        "uv",
        "hatch",
        "project",
        "override",
        "default",
        "a",
        "a.b",
        "a..b",
        "1a",
        "",
        " ",
        "x/y.py",
        "\0",
        "/abs/x",
        "~/x",
        "~",
        "~x",
        "\\\\host\\x",
        "é.ü",
    ]
)
simple = st.one_of(words, st.booleans(), st.integers(0, 2), st.lists(words, max_size=2))
forms = st.dictionaries(st.sampled_from([*FORMS, "requires", "files", "x"]), simple, max_size=3)
wsp = st.one_of(simple, forms, st.sampled_from(sorted(BUNDLED)))
entries = st.lists(
    st.one_of(
        simple, st.dictionaries(st.sampled_from(["path", "environment", "x"]), simple, max_size=3)
    ),
    max_size=2,
)
tables = st.one_of(
    simple,
    st.fixed_dictionaries(
        {}, optional={"wsp": wsp, "folder": st.one_of(simple, entries), "x": simple}
    ),
)
rules = st.fixed_dictionaries(
    {}, optional={"path": simple, "workflow": simple, "wsp": wsp, "x": simple}
)
own_tables = st.fixed_dictionaries(
    {}, optional={"wsp": wsp, "policy": simple, "fallback": simple, "x": simple}
)
own = st.fixed_dictionaries(
    {},
    optional={
        "workflow": st.one_of(simple, own_tables),
        "folder": st.one_of(simple, st.lists(st.one_of(simple, rules), max_size=2)),
        "environments": st.one_of(
            simple, st.dictionaries(st.sampled_from(["folders", "x"]), simple)
        ),
        "x": simple,
    },
)


def test_the_schema_is_one() -> None:
    """It keeps the rules of the draft that TOML extensions read."""
    Draft7Validator.check_schema(SCHEMA)


def test_the_schema_of_the_table_is_a_part_of_it() -> None:
    """The one that is for pyproject.toml refers to the other, in the one way that TOML extensions follow."""
    table = json.loads((SPEC / "workflow-table.schema.json").read_text("utf-8"))
    project = SCHEMA["definitions"]["project"]
    assert table["properties"]["wsp"] == {"$ref": "pyworkflow.schema.json#/definitions/wsp"}
    assert project["properties"]["wsp"]["allOf"] == [{"$ref": "#/definitions/wsp"}]
    assert all(table[key] == project[key] for key in ("type", "additionalProperties", "required"))


@given(st.sampled_from(["pyproject.toml", "pyworkflow.toml"]), tables)
def test_a_project_s_table_is_taken_or_refused_by_both(name: str, table: object) -> None:
    """Whatever stands in it."""
    document = {"workflow": table}
    assert read_takes(name, document) == schema_takes(name, document)


@given(own)
def test_the_user_s_own_file_is_taken_or_refused_by_both(document: dict[str, Any]) -> None:
    """Whatever stands in it."""
    assert user_takes(document) == OWN.is_valid(document)


def vectors() -> Iterator[Any]:
    """Every file of the shared cases that can declare something, with the text."""
    for case in all_cases():
        for path, text in case.get("files", {}).items():
            name = Path(path).name
            if (
                name in ("pyproject.toml", "pyworkflow.toml")
                and path.startswith(("{home}", "/")) is False
            ):
                yield pytest.param(name, text, id=f"{case.get('name', '')}-{path}")
        if "user" in case:
            yield pytest.param("user", case["user"], id=f"{case.get('name', '')}-user")


@pytest.mark.parametrize(("name", "text"), list(vectors()))
def test_the_shared_cases_are_taken_or_refused_by_both(name: str, text: str) -> None:
    """Every file that declares something in them and is TOML; whether `..` leads out of a folder, only the reader tells."""
    try:
        document = parse_toml(name, text.replace("{home}", HOME).replace("{root}", PROJECT))
    except UnusableFile:
        return
    if "../" in text:
        return
    if name == "user":
        assert user_takes(document) == OWN.is_valid(document)
    else:
        assert read_takes(name, document) == schema_takes(name, document)


def test_the_schema_explains_what_the_editor_explains() -> None:
    """Every key has the paragraph that the language server shows, and the bundled workflows their lines."""
    definitions = SCHEMA["definitions"]
    assert definitions["bundled"]["enum"] == sorted(BUNDLED) == list(table_docs.BUNDLED)
    assert definitions["bundled"]["enumDescriptions"] == list(table_docs.BUNDLED.values())
    server = {name: one["description"] for name, one in definitions["server"]["properties"].items()}
    assert server == dict(table_docs.FORMS)
    assert explained(definitions["user"]) == dict(table_docs.USER)
    assert {
        "workflow": definitions["mapped"]["description"],
        **explained(definitions["mapped"], "workflow."),
    } == dict(table_docs.PYWORKFLOW)
    assert {
        "workflow": definitions["project"]["description"],
        **explained(definitions["project"], "workflow."),
    } == dict(table_docs.PYPROJECT)


def test_the_editor_s_setting_completes_to_the_bundled_workflows() -> None:
    """The setting offers each by name, with the line that the language server has for it."""
    manifest = json.loads((TREE / "package.json").read_text("utf-8"))
    texts = json.loads((TREE / "package.nls.json").read_text("utf-8"))
    setting = manifest["contributes"]["configuration"]["properties"]["pythonWorkflow.workflow"]
    [offered] = [one for one in setting["anyOf"] if "enum" in one]
    lines = [texts[one.strip("%")] for one in offered["enumDescriptions"]]
    assert dict(zip(offered["enum"], lines, strict=True)) == dict(table_docs.BUNDLED)
    [table] = [one for one in setting["anyOf"] if "properties" in one]
    assert table["properties"].keys() == table_docs.FORMS.keys()


def explained(node: dict[str, Any], above: str = "") -> dict[str, str]:
    """The descriptions below a node, by where they stand."""
    found = {}
    for name, one in node.get("properties", {}).items():
        found[above + name] = one["description"]
        inner = one
        for part in one.get("allOf", ()):
            inner = SCHEMA["definitions"][part["$ref"].rpartition("/")[2]]
        if "server" in str(inner.get("anyOf", "")):
            continue
        found |= explained(inner, f"{above}{name}.")
        if isinstance(inner.get("items"), dict):
            found |= explained(inner["items"], f"{above}{name}[].")
    return found
