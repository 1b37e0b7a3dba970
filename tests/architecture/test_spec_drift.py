"""The specification's pages, its schema, the golden messages and the code say the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from support import spec
from workflow_helper.errors import Cancelled
from workflow_server import error_codes, methods, values
from workflow_server.conformance.clauses import CLAUSES, UNSEEN
from workflow_server.jsonrpc import framing, messages
from workflow_server.methods import CAPABILITIES, CLIENT_CAPABILITIES, METHODS
from workflow_server.params import PARAMS
from workflow_server.registry import Registry
from workflow_server.results import RESULTS
from workflow_server.values import (
    LOG_PARAMS,
    PROGRESS_PARAMS,
    UPDATE_PARAMS,
    Changes,
    Command,
    Execution,
    Initialized,
    InSync,
    RunConfiguration,
    ServerEnvironment,
    Task,
    each,
    interpreter_from_wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jsonschema.exceptions import ValidationError
    from support.spec import Section

BOTH = ("base", "extended")
SHAPES = spec.SCHEMA["methods"]
SECTIONS = {section.method: section for section in spec.sections()}
FILES = [
    pytest.param(document, id=f"{path.parent.name}/{path.stem}")
    for path, document in spec.golden(*BOTH)
]
#: What a client reads each result with.
READERS: dict[str, Callable[[object], object]] = {
    "initialize": Initialized.from_wire,
    "environment/list": lambda wire: each(wire, ServerEnvironment.from_wire),
    "environment/create": ServerEnvironment.from_wire,
    "environment/get": ServerEnvironment.from_wire,
    "environment/execute": Execution.from_wire,
    "environment/sync": Changes.from_wire,
    "environment/check": InSync.from_wire,
    "environment/ensure": ServerEnvironment.from_wire,
    "environment/install": Changes.from_wire,
    "environment/uninstall": Changes.from_wire,
    "environment/command": Command.from_wire,
    "python/list": lambda wire: each(wire, interpreter_from_wire),
    "python/find": interpreter_from_wire,
    "python/install": interpreter_from_wire,
    "task/list": lambda wire: each(wire, Task.from_wire),
    "task/command": Command.from_wire,
    "test/configurations": lambda wire: each(wire, RunConfiguration.from_wire),
    "test/discover": values.TestRunEnd.from_wire,
    "test/run": values.TestRunEnd.from_wire,
    "script/environment": ServerEnvironment.from_wire,
}
LISTS_AND_NOTHING = {"shutdown", "environment/delete", "environment/packages"}


def validator(shape: dict[str, Any]) -> Draft202012Validator:
    """Judges values by a shape of the schema."""
    return Draft202012Validator({"$defs": spec.SCHEMA["$defs"], "allOf": [shape]})


def shape_of(method: str, part: str, profile: str) -> dict[str, Any]:
    """The schema's shape of a method's ``params`` or ``result`` in a profile."""
    found: dict[str, Any] = SHAPES[method][part]
    if profile == "extended":
        found = SHAPES[method].get(f"extended_{part}", found)
    return found


def resolved(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape, its references followed."""
    while "$ref" in shape:
        shape = spec.SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]]
    return shape


def places(found: Iterable[ValidationError]) -> set[str]:
    """Where the schema finds what is wrong, in the words of the specification."""
    members = set()
    for error in found:
        at = ""
        for step in error.absolute_path:
            at += f"[{step}]" if isinstance(step, int) else f".{step}" if at else str(step)
        more: list[str] = []
        schema: Any = error.schema
        instance: Any = error.instance
        if error.validator == "required":
            more = [name for name in schema["required"] if name not in instance]
        elif error.validator == "additionalProperties" and error.validator_value is False:
            more = [name for name in instance if name not in schema.get("properties", {})]
        members |= {f"{at}.{name}" if at else name for name in more} or {at}
    return members


def code_violations(method: str, profile: str, params: object) -> set[str] | None:
    """Where the code finds params wrong; ``None`` where it never reads them."""
    offered = frozenset(CAPABILITIES if profile == "extended" else ())
    if method in METHODS:
        found = METHODS[method].violations(params, offered)
        # In initialize a client may say more than a server knows.
        known = {one.name for one in METHODS[method].params} if method == "initialize" else None
        return {one.path for one in found if known is None or one.path in {"", *known}}
    check = {
        "$/progress": PROGRESS_PARAMS,
        "log/message": LOG_PARAMS,
        "test/update": UPDATE_PARAMS,
    }.get(method)
    return (
        None if check is None else {one.path for one in check({} if params is None else params, "")}
    )


# The schema itself.


def test_the_schema_is_a_json_schema() -> None:
    """The schema is valid against the meta-schema of draft 2020-12, and every reference in it resolves."""
    Draft202012Validator.check_schema(spec.SCHEMA)
    names = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(spec.SCHEMA)))
    assert names == set(spec.SCHEMA["$defs"]) - {"ErrorData"}


def test_the_schema_has_the_methods_of_the_code() -> None:
    """Requests of the schema are those of the code, each under the same capability."""
    requests = {name: one for name, one in SHAPES.items() if one["kind"] == "request"}
    assert set(requests) == set(METHODS) == set(RESULTS)
    assert {name: one["capability"] for name, one in requests.items()} == {
        name: one.capability for name, one in METHODS.items()
    }


def test_the_schema_has_the_version_of_the_code() -> None:
    """Schema, pages and code name one protocol version."""
    assert spec.SCHEMA["protocol_version"] == methods.PROTOCOL_VERSION
    assert f"protocol version `{methods.PROTOCOL_VERSION}`" in spec.pages()["index.md"]


@pytest.mark.parametrize("method", METHODS)
def test_the_schema_has_the_members_of_the_code(method: str) -> None:
    """Params of the schema have the members of the code, required or not, in the base and the extended profile."""
    for profile in BOTH if SHAPES[method]["profile"] == "base" else ("extended",):
        offered = CAPABILITIES if profile == "extended" else ()
        shape = resolved(shape_of(method, "params", profile))
        known = [
            one
            for one in METHODS[method].params
            if one.capability is None or one.capability in offered
        ]
        if method != "initialize" or profile == "extended":
            assert set(shape.get("properties", {})) == {one.name for one in known}
        needed = {one.name for one in known if one.required and one.waived_by not in offered}
        assert set(shape.get("required", ())) == needed


def test_handlers_get_every_member() -> None:
    """The named tuple of each method's params has its members, and its decorator exists."""
    handled = {name for name in METHODS if name not in {"initialize", "shutdown"}}
    for name in handled:
        members = {one.name for one in METHODS[name].params} - {"progress_token"}
        assert members <= set(getattr(PARAMS.get(name), "_fields", ())), name
    documented = " ".join(str(one.__doc__) for one in vars(Registry).values())
    assert handled == {name for name in handled if f"``{name}``:" in documented}


# Golden messages.


def test_every_method_has_golden_messages() -> None:
    """Every method of the schema has golden messages in its profile, and nothing else has."""
    for profile in BOTH:
        named = {document["method"] for _, document in spec.golden(profile)}
        own = {name for name, one in SHAPES.items() if one["profile"] == profile}
        also = {
            name
            for name, one in SHAPES.items()
            if {"extended_params", "extended_result"} & set(one)
        }
        assert own <= named <= own | also


@pytest.mark.parametrize("document", FILES)
def test_golden_params_are_judged_alike(document: dict[str, Any]) -> None:
    """Schema and code find in golden params exactly the violations that stand beside them."""
    method, profile = document["method"], document["profile"]
    shape = validator(shape_of(method, "params", profile))
    for case in document["params"]:
        expected = set(case.get("violations", ()))
        value = {} if case["value"] is None else case["value"]
        found = places(shape.iter_errors(value))
        if method == "initialize" and profile == "base":
            found = {
                one
                for one in found
                if one in ("", *resolved(shape_of(method, "params", profile))["properties"])
            }
        assert found == expected, case["says"]
        violations = code_violations(method, profile, case["value"])
        assert violations in (None, expected), case["says"]


@pytest.mark.parametrize("document", FILES)
def test_golden_results_are_judged_alike(document: dict[str, Any]) -> None:
    """Schema and code find in golden results exactly the violations that stand beside them, and a client reads the good ones."""
    method, profile = document["method"], document["profile"]
    assert ("result" in document) == (SHAPES[method]["kind"] == "request" and "result" in document)
    for case in document.get("result", ()):
        expected = set(case.get("violations", ()))
        shape = validator(shape_of(method, "result", profile))
        assert places(shape.iter_errors(case["value"])) == expected, case["says"]
        assert {one.path for one in RESULTS[method](case["value"], "")} == expected, case["says"]
        if not expected and method in READERS:
            READERS[method](case["value"])
    assert method in {*READERS, *LISTS_AND_NOTHING} or SHAPES[method]["kind"] == "notification"


def test_golden_messages_are_judged_alike() -> None:
    """Schema and code agree on what is a request, a notification, an answer, a batch, and what is none of them."""
    document = json.loads((spec.GOLDEN / "base" / "messages.json").read_bytes())
    kinds = {
        messages.Request: "request",
        messages.Notification: "notification",
        messages.Response: "response",
        messages.ErrorResponse: "error",
        messages.Batch: "batch",
        messages.Invalid: "invalid",
    }
    whole = Draft202012Validator(spec.SCHEMA)
    for case in document["messages"]:
        assert kinds[type(messages.parse(json.dumps(case["value"]).encode()))] == case["kind"], (
            case["says"]
        )
        assert whole.is_valid(case["value"]) == (case["kind"] != "invalid"), case["says"]


# Pages.


def test_every_method_has_one_section() -> None:
    """Every method of the schema is described once, and nothing else is described as a method."""
    assert sorted(one.method for one in spec.sections()) == sorted(SHAPES)


@pytest.mark.parametrize("section", SECTIONS.values(), ids=lambda section: section.method)
def test_a_method_is_described_in_one_order(section: Section) -> None:
    """A method's section says capability, params, result, errors and an example, in this order."""
    assert list(section.parts) == ["Capability", "Params", "Result", "Errors", "Example"]
    capability = SHAPES[section.method]["capability"]
    named_capability = section.parts["Capability"].strip()
    assert named_capability.startswith(
        "None: base profile." if capability is None else f"`{capability}`"
    )


@pytest.mark.parametrize("section", SECTIONS.values(), ids=lambda section: section.method)
def test_a_page_has_the_members_of_the_schema(section: Section) -> None:
    """Params in a page have the members of the schema, and say which are required, and by which capability they come."""
    shape = resolved(shape_of(section.method, "params", "extended"))
    rows = section.table("Params")
    assert set(rows) == set(shape.get("properties", {}))
    base = resolved(SHAPES[section.method]["params"])
    marked = {name for name, (_, note) in rows.items() if note.startswith("required")}
    assert marked == set(base.get("required", ()))
    for member in METHODS[section.method].params if section.method in METHODS else ():
        note = rows[member.name][1]
        assert ("`progress`" in note) == (member.capability == "progress")
        assert (note == "details") == (member.capability == "environment.details")


@pytest.mark.parametrize("section", SECTIONS.values(), ids=lambda section: section.method)
def test_a_page_has_the_result_of_the_schema(section: Section) -> None:
    """Where a page tells a result by a table, it has the members of the schema, and says which are required."""
    rows = section.table("Result")
    if not rows:
        return
    shape = resolved(SHAPES[section.method]["result"])
    entry = resolved(shape.get("items", shape))
    extended = resolved(shape_of(section.method, "result", "extended"))
    if any(note == "extended" for _, note in rows.values()):
        assert set(rows) == set(extended["properties"])
    else:
        assert set(rows) == set(entry["properties"])
    assert {name for name, (_, note) in rows.items() if note == "required"} == set(
        entry["required"]
    )


@pytest.mark.parametrize("section", SECTIONS.values(), ids=lambda section: section.method)
def test_examples_are_right(section: Section) -> None:
    """The messages in a page are as the schema says, and as the code says."""
    requests = 0
    for message in section.examples():
        assert Draft202012Validator(spec.SCHEMA).is_valid(message)
        if "method" in message:
            requests += 1
            assert message["method"] == section.method
            params = shape_of(section.method, "params", "extended")
            assert not places(validator(params).iter_errors(message.get("params", {})))
            assert not code_violations(section.method, "extended", message.get("params"))
        elif "result" in message:
            assert not list(RESULTS[section.method](message["result"], ""))
            result = shape_of(section.method, "result", "extended")
            assert not places(validator(result).iter_errors(message["result"]))
    assert requests == 1


def test_the_pages_list_the_capabilities_of_the_code() -> None:
    """The index lists the capabilities, in the order of the code, and names those that a client announces."""
    rows = spec.table("index.md", "capability")
    assert list(rows) == list(CAPABILITIES)
    for name, (adds, page) in rows.items():
        own = {method for method, one in SHAPES.items() if one["capability"] == name}
        assert set(re.findall(r"`((?:\$/|\w+/)\w+)`", adds)) >= own
        assert re.fullmatch(r"\[[\w]+\]\(([\w]+\.md)\)", page)
    text = spec.pages()["index.md"]
    announced = text[text.index("A client announces") :].partition("\n\n")[0]
    assert sorted(re.findall(r"`([\w.]+)`", announced)) == sorted(
        [*CLIENT_CAPABILITIES, "client_capabilities"]
    )


def test_the_details_of_an_environment_are_those_of_the_schema() -> None:
    """The table of what ``environment.details`` adds has the members that the schema adds."""
    text = spec.pages()["environment.md"]
    rows = spec.Section("", "", {"Details": text[text.index("### Details") :]}).table("Details")
    shapes = spec.SCHEMA["$defs"]
    listed, base = (
        set(shapes[name]["properties"]) for name in ("ListedEnvironment", "Environment")
    )
    assert set(rows) == listed - base


def test_the_pages_list_the_errors_of_the_code() -> None:
    """The table of errors has every code that the code knows, and methods name no other."""
    rows = {int(code) for code in spec.table("errors.md", "code")}
    constants = {
        messages.PARSE_ERROR,
        messages.INVALID_REQUEST,
        messages.METHOD_NOT_FOUND,
        messages.INVALID_PARAMS,
        messages.INTERNAL_ERROR,
        Cancelled.wire_code,
    }
    assert rows == constants | set(error_codes.BY_CODE)
    for section in SECTIONS.values():
        assert {int(code) for code in re.findall(r"-3\d{4}", section.parts["Errors"])} <= rows


def test_the_pages_state_the_limits_of_the_code() -> None:
    """Limits in the pages are those that the code keeps."""
    stated = spec.table("base-protocol.md", "limit") | spec.table("environment.md", "limit")
    assert {name: value for name, (value, _) in stated.items()} == {
        "bytes of a message": str(framing.MAX_MESSAGE),
        "bytes of a header block": str(framing.MAX_HEADERS),
        "levels of nested arrays and objects": str(messages.MAX_DEPTH),
        "characters of an id": f"1 to {methods.MAX_ID}",
        "characters of a name": f"1 to {methods.MAX_NAME}",
        "characters of a version": "at most 32: `X.Y` or `X.Y.Z`",
        "bytes of output of `environment/execute`": str(methods.MAX_OUTPUT),
    }
    names = SECTIONS["initialize"].table("Params")
    assert names["client_name"][0] == f"string, 1 to {methods.MAX_CLIENT_NAME} characters"
    assert (
        names["client_protocol_version"][0]
        == f"string, 1 to {methods.MAX_PROTOCOL_VERSION} characters"
    )


# Clauses.


def test_every_clause_has_a_name_of_its_own() -> None:
    """Every list item with a word of RFC 2119 has an anchor that is its printed name, and no two share one."""
    found = spec.clauses()
    assert [one.text for one in found if not one.anchor or one.anchor != one.name] == []
    names = [one.anchor for one in found]
    assert sorted(names) == sorted(set(names))


def test_normative_words_stand_in_clauses_only() -> None:
    """Outside its clauses, no page uses a word of RFC 2119, but the one that explains them and those that tell of them."""
    for page, text in spec.pages().items():
        if page in {"conformance.md", "writing-a-server.md"}:
            continue
        rest = re.sub(r"^- (.*?)(?=^- |^#|^$|\Z)", "", text, flags=re.DOTALL | re.MULTILINE)
        rest = re.sub(r"## Words.*?(?=^## )", "", rest, flags=re.DOTALL | re.MULTILINE)
        assert re.findall(r"\b(?:MUST|SHOULD|MAY)\b", rest) == [], page


def test_every_clause_for_servers_is_checked_or_has_a_reason() -> None:
    """The conformance kit checks every clause that binds a server, or says why it cannot; it knows no other clause."""
    by_name = {one.anchor: one for one in spec.clauses()}
    binding = {name for name, one in by_name.items() if one.binds_server}
    assert set(CLAUSES) | set(UNSEEN) == binding
    assert not set(CLAUSES) & set(UNSEEN)


def test_the_kit_knows_each_clause_by_its_page_and_level() -> None:
    """The page and the level that the kit reports are those of the clause."""
    by_name = {one.anchor: one for one in spec.clauses()}
    assert {name: (one.page, one.level) for name, one in CLAUSES.items()} == {
        name: (by_name[name].page, by_name[name].level) for name in CLAUSES
    }


def test_links_lead_somewhere() -> None:
    """Every link between the pages leads to a file that exists, and to a heading or a clause in it."""
    texts = spec.pages()
    headings = {
        page: {
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        | set(re.findall(r'<a id="([^"]+)">', text))
        for page, text in texts.items()
    }
    for text in texts.values():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            page, _, anchor = target.partition("#")
            if "://" not in target:
                assert (spec.PAGES / page).is_file()
                assert not anchor or anchor in headings[page], target


def test_the_index_lists_every_page() -> None:
    """The index links every page, and the schema."""
    text = spec.pages()["index.md"]
    for page in (*spec.pages(), "schema.json"):
        assert page == "index.md" or f"]({page})" in text
