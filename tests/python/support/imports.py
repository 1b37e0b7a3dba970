"""Every import of the product and of its launcher, read from their sources: those inside functions and for types alone too."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from support.machine import TREE

if TYPE_CHECKING:
    from pathlib import Path

PROTOCOL = TREE / "python_helper" / "protocol" / "src" / "workflow_server"
HELPER = TREE / "python_helper" / "helper" / "src" / "workflow_helper"
LAUNCHER = TREE / "python_helper" / "launcher" / "src" / "python_launcher"
PACKAGES = (PROTOCOL, HELPER, LAUNCHER)
#: What a bare Python needs on its path to find the helper.
SYS_PATH = [str(HELPER.parent), str(PROTOCOL.parent)]


#: By a module of others, the units that may import it.
OWNERS: dict[str, set[str]] = {
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "subprocess": {"system"},
    "multiprocessing": set(),
    "pty": set(),
    "ctypes": {"system"},
    "platformdirs": {"system"},
    "winreg": {"discovery"},
    "socket": set(),
    "urllib.request": {"system"},
    "http": {"system"},
    "argparse": {"test_runner"},
    "dataclasses": set(),
    # A declarative adapter's functions, in a process that does nothing else.
    "importlib": {"servers", "test_runner"},
    # In the project's own Python: its `manage.py`, and what that imported.
    "runpy": {"test_runner"},
    "pickle": set(),
    # It opens what a link leads to.
    "filelock": set(),
    # They start programs by name: uname, ifconfig, ldconfig, gcc, a browser.
    "platform": set(),
    "uuid": set(),
    "ctypes.util": set(),
    "webbrowser": set(),
}

#: Attributes of :mod:`os` that start a process, become another one, or read the process's own environment.
PROCESS = (
    "environ",
    "getenv",
    "putenv",
    "unsetenv",
    "exec",
    "spawn",
    "posix_spawn",
    "fork",
    "popen",
    "system",
    "startfile",
)

#: Each costs as much as a good part of an answer.
HEAVY = {
    "pygls",
    "lsprotocol",
    "asyncio",
    "subprocess",
    "dataclasses",
    "pathlib",
    "argparse",
    "packaging",
    "platformdirs",
    "tempfile",
    "inspect",
    "threading",
    "socket",
    "importlib.metadata",
}
#: These too, where no file of TOML or JSON has to be understood.
PARSING = {
    *("typing", "re", "json", "tomllib", "tomli", "enum", "functools", "hashlib", "binascii"),
    "workflow_server.masking_rules",
}


class Import(NamedTuple):
    """One import: by whom, of what, and where it is written."""

    #: The module or package right inside the package that imports: ``"discovery"``, ``"model"``.
    unit: str
    #: The dotted name of the module that imports.
    importer: str
    #: The dotted name of the module that is imported.
    module: str
    place: str


class _Uses(NamedTuple):
    """What the source of one module makes use of, each with its line."""

    modules: tuple[tuple[str, int], ...]
    #: Attributes of :mod:`os`.
    of_os: tuple[tuple[str, int], ...]


@cache
def files(source: Path = HELPER) -> tuple[Path, ...]:
    """Every module of the package at ``source``, of the helper if none is given."""
    return tuple(sorted(source.rglob("*.py")))


def unit_of(path: Path, source: Path = HELPER) -> str:
    """The unit that a file belongs to."""
    return path.relative_to(source).with_suffix("").parts[0]


def name_of(path: Path, source: Path = HELPER) -> str:
    """The dotted name of a module of the package at ``source``."""
    name = ".".join(path.relative_to(source.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    """The dotted names of all modules of the product."""
    return frozenset(name_of(path, source) for source in PACKAGES for path in files(source))


@cache
def imports(source: Path = HELPER) -> tuple[Import, ...]:
    """All imports of all modules."""
    return tuple(
        Import(
            unit_of(path, source),
            name_of(path, source),
            module,
            f"{path.relative_to(source)}:{line}",
        )
        for path in files(source)
        for module, line in _uses(path).modules
    )


def uses_of_os(path: Path) -> tuple[tuple[str, int], ...]:
    """What of :mod:`os` a file uses, and on which line."""
    return _uses(path).of_os


# To parse and walk the whole tree takes longer than all the tests that ask: once for all of them.
@cache
def _uses(path: Path) -> _Uses:
    modules: list[tuple[str, int]] = []
    of_os: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules += [(module, node.lineno) for module in _modules(node)]
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                of_os += [(alias.name, node.lineno) for alias in node.names]
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        ):
            of_os.append((node.attr, node.lineno))
    return _Uses(tuple(modules), tuple(of_os))


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert node.level == 0, "imports are absolute"
    module = node.module or ""
    # `from workflow_helper.state import selections` names a module, `from workflow_helper.model import Host` a value.
    named = (f"{module}.{alias.name}" for alias in node.names)
    own = module.partition(".")[0] in {source.name for source in PACKAGES}
    return [name if own and name in modules() else module for name in named]
