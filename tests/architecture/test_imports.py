"""Who may import whom: the table of docs/architecture.md, held against every import."""

from __future__ import annotations

import ast

from support.imports import OWNERS, PACKAGE, PROCESS, SOURCE, files, imports, unit_of, uses_of_os

VALUES = {"light", "errors", "masking", "model", "real"}
PROTOCOL = VALUES | {"jsonrpc", "wsp"}
READING = VALUES | {"discovery"}
#: What is remembered on this machine: files, written whole.
REMEMBERING = READING | {"files", "locks", "records", "store", "trust", "remembered"}
#: Work that starts processes, or hands programs their work.
WORKING = (
    PROTOCOL
    | REMEMBERING
    | {
        "system",
        "locks",
        "installing",
        "install",
        "launch",
        "workflows",
        "scripts",
        "tools",
        "pythons",
    }
)
ANSWERING = WORKING | {
    "resolve",
    "asking",
    "told",
    "permitted",
    "governed",
    "selecting",
    "creating",
    "ensuring",
    "keeping",
    "running",
    "offering",
    "preferring",
    "server",
}

#: By unit, what it may import of the product besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "light": set(),
    "masking": set(),
    "real": set(),
    "errors": {"masking"},
    "model": VALUES,
    "jsonrpc": {"light", "errors"},
    "wsp": PROTOCOL,
    "server": PROTOCOL,
    "discovery": VALUES,
    "files": {"errors"},
    "records": READING | {"files", "locks"},
    "store": REMEMBERING,
    "trust": REMEMBERING,
    "remembered": REMEMBERING,
    "system": VALUES,
    "locks": READING,
    "installing": READING | {"system"},
    "install": READING | {"locks", "system"},
    "launch": WORKING,
    "workflows": WORKING | {"__version__"},  # what a bundled workflow's server says of itself
    "scripts": WORKING,
    "tools": WORKING,
    "pythons": WORKING,
    "resolve": WORKING,
    "asking": ANSWERING,
    "told": PROTOCOL | READING,
    "selecting": ANSWERING,
    "permitted": ANSWERING,
    "governed": ANSWERING,
    "creating": ANSWERING,
    "ensuring": ANSWERING,
    "keeping": ANSWERING,
    "running": ANSWERING,
    "offering": ANSWERING,
    "preferring": ANSWERING,
    "editor": ANSWERING,
    "mcp": ANSWERING | {"__version__"},
    "console": {"errors", "masking"},
    "cli": ANSWERING | {"console"},
    "__main__": ANSWERING | {"editor", "mcp", "cli", "console", "__init__", "__version__"},
}

#: All that `jsonrpc` may use besides the product: no socket, pipe, thread, clock or file.
SANS_IO = {"__future__", "collections", "json", "re", "typing", "typing_extensions"}


def test_every_unit_is_in_the_table() -> None:
    """A module that is new has a place in the order."""
    assert {unit_of(path) for path in files()} <= set(MAY_IMPORT)


def test_no_unit_imports_one_that_it_may_not() -> None:
    """Dependencies point one way, lazy ones and those for types alone too."""
    own = [
        (one, one.module.split(".")[1]) for one in imports() if one.module.startswith(f"{PACKAGE}.")
    ]
    breaches = [
        f"{one.place}: {one.unit} imports {target}"
        for one, target in own
        if target != one.unit and target not in MAY_IMPORT[one.unit]
    ]
    assert breaches == []


def test_no_two_units_import_each_other() -> None:
    """Following the imports of a unit never leads back to it."""
    edges: dict[str, set[str]] = {}
    for one in imports():
        if one.module.startswith(f"{PACKAGE}."):
            edges.setdefault(one.unit, set()).add(one.module.split(".")[1])

    def behind(unit: str) -> set[str]:
        found: set[str] = set()
        todo = edges.get(unit, set()) - {unit}
        while todo:
            found |= todo
            todo = {target for one in todo for target in edges.get(one, set()) - {one}} - found
        return found

    assert [unit for unit in edges if unit in behind(unit)] == []


def test_modules_of_others_are_imported_by_their_owners_alone() -> None:
    """The language server's libraries, processes, sockets and the like each have one place."""
    breaches = [
        f"{one.place} imports {one.module}"
        for one in imports()
        for name, owners in OWNERS.items()
        if (one.module == name or one.module.startswith(f"{name}.")) and one.unit not in owners
    ]
    assert breaches == []


def test_only_system_touches_the_process() -> None:
    """Nothing else starts a process, becomes another one, or reads the process's environment."""
    breaches = [
        f"{path.relative_to(SOURCE)}:{line} uses os.{name}"
        for path in files()
        if unit_of(path) != "system"
        for name, line in uses_of_os(path)
        if name.startswith(PROCESS)
    ]
    assert breaches == []


def test_links_are_followed_in_one_place() -> None:
    """That bears any chain of them: a folder with a long one is no error of our own."""
    breaches = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in files()
        if unit_of(path) != "real"
        for name, line in uses_of_os(path)
        if name == "path" and "os.path.realpath" in path.read_text().splitlines()[line - 1]
    ]
    assert breaches == []


def test_jsonrpc_is_bytes_in_and_messages_out() -> None:
    """It has no socket, pipe, thread, clock or file to reach for."""
    used = {one.module.split(".")[0] for one in imports() if one.unit == "jsonrpc"}
    assert used <= SANS_IO | {PACKAGE}


def test_one_function_alone_decides_what_may_be_started() -> None:
    """Nobody else looks at what was consented to, or at what an editor says that it trusts, to decide a part of it."""
    # Who hands a question on, or shows what was consented to, says what it holds.
    deciding = {"digest_for"}
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in files(SOURCE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and (node.attr in deciding or ast.unparse(node).endswith("question.trusted"))
    }
    assert found == {"trust/policy.py"}
