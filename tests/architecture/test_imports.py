"""Who may import whom: the table of docs/architecture.md, held against every import."""

from __future__ import annotations

import ast
import sys

from support.imports import (
    HELPER,
    OWNERS,
    PACKAGES,
    PROCESS,
    PROTOCOL,
    files,
    imports,
    unit_of,
    uses_of_os,
)

VALUES = {"workflow_server", "errors", "model"}
GROUND = VALUES | {"filesystem", "state", "discovery"}
INSTALLING = GROUND | {"system", "trust", "install"}
ENGINES = INSTALLING | {"backends", "servers", "resolver"}
OPERATIONS = ENGINES | {"operations", "scripts", "apps", "test_runner"}

#: By package of the helper, or module right inside it, what it may import of the product besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "errors": {"workflow_server"},
    "model": {"workflow_server"},
    # The ground.
    "filesystem": VALUES,
    "state": VALUES | {"filesystem"},
    "discovery": VALUES | {"filesystem", "state"},
    "system": VALUES | {"filesystem"},
    "terminal": VALUES,
    "test_runner": VALUES,
    # The engines.
    "trust": GROUND,
    "install": INSTALLING,
    "backends": INSTALLING | {"__init__"},  # what a bundled workflow's server says of itself
    "servers": INSTALLING,
    "scripts": INSTALLING | {"backends"},
    "apps": INSTALLING | {"backends"},
    "resolver": GROUND | {"trust", "scripts"},
    # What a user can do, and the sides that offer it.
    "operations": OPERATIONS,
    "lsp": OPERATIONS | {"__init__"},
    "mcp": OPERATIONS | {"__init__"},
    "cli": OPERATIONS | {"terminal"},
    "__main__": OPERATIONS | {"lsp", "mcp", "cli", "terminal", "__init__"},
}

#: All that `jsonrpc` may use besides the product: no socket, pipe, thread, clock or file.
SANS_IO = {"__future__", "_json", "collections", "json", "re", "typing", "typing_extensions"}


def target(module: str) -> str:
    """The package of the helper, or the other distribution, that a module of the product is of."""
    parts = module.split(".")
    if parts[0] != HELPER.name:
        return parts[0]
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_unit_is_in_the_table() -> None:
    """A module that is new has a place in the order."""
    assert {unit_of(path) for path in files()} == set(MAY_IMPORT)


def test_no_unit_imports_one_that_it_may_not() -> None:
    """Dependencies point one way, lazy ones and those for types alone too."""
    own = {source.name for source in PACKAGES}
    breaches = [
        f"{one.place}: {one.unit} imports {one.module}"
        for one in imports()
        if one.module.partition(".")[0] in own
        and target(one.module) not in {one.unit, *MAY_IMPORT[one.unit]}
    ]
    assert breaches == []


def test_the_protocol_needs_nothing_but_python() -> None:
    """``workflow_server`` imports neither a library nor another part of the product."""
    breaches = [
        f"{one.place} imports {one.module}"
        for one in imports(PROTOCOL)
        if one.module.partition(".")[0] not in {PROTOCOL.name, "typing_extensions"}
        and one.module.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert breaches == []


def test_no_two_modules_import_each_other() -> None:
    """Following the imports of a module never leads back to it, within a package either."""
    edges: dict[str, set[str]] = {}
    for source in PACKAGES:
        for one in imports(source):
            if one.module != one.importer:
                edges.setdefault(one.importer, set()).add(one.module)

    def behind(module: str) -> set[str]:
        found: set[str] = set()
        todo = set(edges.get(module, ()))
        while todo:
            found |= todo
            todo = {further for one in todo for further in edges.get(one, ())} - found
        return found

    assert [module for module in edges if module in behind(module)] == []


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
        f"{path.relative_to(HELPER)}:{line} uses os.{name}"
        for path in files()
        if unit_of(path) != "system"
        for name, line in uses_of_os(path)
        if name.startswith(PROCESS)
    ]
    assert breaches == []


def test_links_are_followed_in_one_place() -> None:
    """That bears any chain of them: a folder with a long one is no error of our own."""
    breaches = [
        f"{path.relative_to(HELPER)}:{line}"
        for path in files()
        if path.stem != "real_path"
        for name, line in uses_of_os(path)
        if name == "path" and "os.path.realpath" in path.read_text("utf-8").splitlines()[line - 1]
    ]
    assert breaches == []


def test_jsonrpc_is_bytes_in_and_messages_out() -> None:
    """It has no socket, pipe, thread, clock or file to reach for."""
    used = {one.module.split(".")[0] for one in imports(PROTOCOL) if one.unit == "jsonrpc"}
    assert used <= SANS_IO | {PROTOCOL.name}


def test_one_function_alone_decides_what_may_be_started() -> None:
    """Nobody else looks at what was consented to, or at what an editor says that it trusts, to decide a part of it."""
    # Who hands a question on, or shows what was consented to, says what it holds.
    deciding = {"digest_for"}
    found = {
        path.relative_to(HELPER).as_posix()
        for path in files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and (node.attr in deciding or ast.unparse(node).endswith("question.trusted"))
    }
    assert found == {"trust/policy.py"}
