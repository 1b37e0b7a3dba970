"""Completion and hover in the files that declare workflows or list environments.

It reads only names of files, and works in unsaved documents too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_helper.discovery import pep832
from workflow_helper.discovery.declarations import expand_home
from workflow_helper.discovery.editor_text import Unsaved
from workflow_helper.discovery.environments import health
from workflow_helper.filesystem.paths import absolute, is_inside, is_remote
from workflow_helper.filesystem.reader import Disk
from workflow_helper.lsp import table_docs, toml_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from workflow_helper.lsp.document import Document
    from workflow_helper.lsp.toml_places import Spot
    from workflow_helper.model import Host

#: Kinds of LSP's items.
_PROPERTY, _VALUE, _FILE, _FOLDER, _STRUCT = 10, 12, 17, 19, 22
#: The maximum number of entries of a folder for one list, and of items in the list.
_MOST_NAMES = 2_000
_MOST_ITEMS = 200
#: Of each of the folders in which environments are looked for, and how many such folders.
_MOST_INSIDE = 50
_MOST_FOLDERS = 200
#: The ends of files' names that a key's value can be, and whether folders can as well.
_FILES: Mapping[str, tuple[str, ...]] = {
    "script": (".py", ".pyz", ".pyzw"),
    "config": (".toml", ".json"),
    "files": ("",),
    "cmd": ("",),
}
#: Folders that a person does not mean to name.
_SKIPPED = frozenset(("__pycache__", "node_modules", ".git", ".hg", ".svn", ".tox", ".nox"))
_KEYS = {
    "pyproject": table_docs.PYPROJECT,
    "pyworkflow": table_docs.PYWORKFLOW,
    "user": table_docs.USER,
}


class Item(NamedTuple):
    """A completion."""

    label: str
    #: The text that replaces what is written so far.
    text: str
    kind: int
    detail: str | None = None
    paragraph: str | None = None
    #: Those of a higher rank come later.
    rank: int = 0


def at(document: Document, offset: int, host: Host) -> dict[str, Any]:
    """Return LSP's completions at ``offset``; starts no process, and raises nothing."""
    if document.kind == "python-envs":
        begin, items = _of_list(document, offset)
        end = document.end_of(document.position(offset)["line"])
    else:
        spot = _spot(document, offset)
        if spot is None:
            return _to_wire([], document, offset, offset)
        begin, end = spot.begin, _end_of_word(document.text, offset, spot)
        items = list(_of_table(spot, document, offset, host))
    return _to_wire(items, document, begin, end)


def hover(document: Document, offset: int, host: Host) -> dict[str, Any] | None:
    """Return LSP's hover at ``offset``; starts no process, and raises nothing."""
    if document.kind == "python-envs":
        return _hover_of_list(document, offset, host)
    begin, end = toml_places.section(document.text, offset)
    entry = toml_places.find(document.text[begin:end]).at(offset - begin)
    if entry is None:
        return None
    spelled = table_docs.pattern(entry.path)
    documentation = table_docs.paragraph(spelled, _KEYS[document.kind])
    on_value = entry.value is not None and entry.value[0] <= offset - begin <= entry.value[1]
    span = entry.value if on_value and entry.value is not None else entry.name
    if on_value and entry.text is not None:
        if table_docs.form_of(spelled) == "" and entry.text in table_docs.BUNDLED:
            documentation = table_docs.BUNDLED[entry.text]
        documentation = table_docs.VALUES.get(spelled, {}).get(entry.text, documentation)
    if documentation is None:
        return None
    return {
        "contents": {"kind": "markdown", "value": documentation},
        "range": document.range_of(begin + span[0], begin + span[1]),
    }


# -- tables -----------------------------------------------------------------------------------------------------


def _spot(document: Document, offset: int) -> Spot | None:
    begin, _ = toml_places.section(document.text, max(offset - 1, 0))
    before = document.text[begin:offset]
    if len(before) >= toml_places.LIMIT:
        return None
    spot = toml_places.find(before).end
    return None if spot is None else spot._replace(begin=begin + spot.begin)


def _end_of_word(text: str, offset: int, spot: Spot) -> int:
    """Return the end of the text that a completion replaces: of the word, or of the quoted string if it is closed on the line."""
    line = text[offset:].split("\n", 1)[0]
    if spot.quote:
        closed = line.find(spot.quote)
        rest = line[:closed] if closed >= 0 else ""
        return offset + len(rest)
    word = len(line) - len(
        line.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    )
    return offset + word


def _of_table(spot: Spot, document: Document, offset: int, host: Host) -> Iterator[Item]:
    keys = _KEYS[document.kind]
    line = document.text[offset:].split("\n", 1)[0]
    if spot.kind == "header":
        yield from _headers(spot, keys, line)
    elif spot.kind == "key":
        begin, end = toml_places.section(document.text, max(offset - 1, 0))
        known = toml_places.find(document.text[begin:end]).names_in(spot.path) - {spot.part}
        yield from _names(spot, keys, known, is_assigned="=" in line)
        if (
            not spot.inline
            and not spot.part
            and not line.strip()
            and not document.text[begin:offset].strip()
        ):
            yield from _first(document)
    else:
        yield from _values(spot, document, offset, host)


def _first(document: Document) -> Iterator[Item]:
    """Yield the completions of an empty file."""
    if document.kind != "pyproject" and "[workflow]" not in document.text:
        documentation = _KEYS[document.kind]["workflow"]
        yield Item("[workflow]", '[workflow]\nwsp = "', _STRUCT, None, documentation)


def _headers(spot: Spot, keys: Mapping[str, str], line: str) -> Iterator[Item]:
    closed = line.lstrip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
    ).startswith("]")
    for spelled, documentation in keys.items():
        of_list = any(other.startswith(f"{spelled}[]") for other in keys)
        of_table = any(other.startswith(f"{spelled}.") for other in keys)
        fits = of_list if spot.inline else of_table and not of_list
        above, _, name = spelled.rpartition(".")
        if fits and above == table_docs.pattern(spot.path):
            yield Item(
                name,
                name + ("" if closed else "]]" if spot.inline else "]"),
                _STRUCT,
                None,
                documentation,
            )
        elif fits and not spot.path:
            yield Item(
                spelled,
                spelled + ("" if closed else "]]" if spot.inline else "]"),
                _STRUCT,
                None,
                documentation,
            )


def _names(
    spot: Spot, keys: Mapping[str, str], known: frozenset[str], *, is_assigned: bool
) -> Iterator[Item]:
    table = table_docs.pattern(spot.path)
    begins = "" if is_assigned else " = "
    if table_docs.form_of(table) == "":
        yield from _forms(known, begins)
        return
    for spelled, documentation in keys.items():
        above, _, name = spelled.rpartition(".")
        if above == table and above and name not in known:
            of_list = any(other.startswith(f"{spelled}[]") for other in keys)
            if not of_list:  # that is written as [[...]]
                yield Item(name, name + begins, _PROPERTY, None, documentation)


def _forms(known: frozenset[str], begins: str) -> Iterator[Item]:
    from workflow_helper.discovery.workflow_table import FORMS, MORE

    form = next((name for name in FORMS if name in known), None)
    beside = {"requires": ("cmd", "module"), "files": ("script", "cmd", "config")}
    for rank, (name, documentation) in enumerate(table_docs.FORMS.items()):
        if name in known or (form is not None and name in FORMS):
            continue
        if form is not None and name in MORE and form not in beside[name]:
            continue
        yield Item(name, name + begins, _PROPERTY, None, documentation, rank)


def _values(spot: Spot, document: Document, offset: int, host: Host) -> Iterator[Item]:
    spelled = table_docs.pattern(spot.path)
    form = table_docs.form_of(spelled)
    if form == "":
        for name, documentation in table_docs.BUNDLED.items():
            yield _quoted(name, spot, document, offset, documentation)
        if not spot.quote:
            for rank, (name, documentation) in enumerate(table_docs.FORMS.items(), 1):
                if name not in ("requires", "files"):
                    empty = "[]" if name == "cmd" else '""'
                    yield Item(
                        f"{{{name} = ...}}",
                        f"{{{name} = {empty}}}",
                        _STRUCT,
                        None,
                        documentation,
                        rank,
                    )
    elif spelled in table_docs.VALUES:
        for name, documentation in table_docs.VALUES[spelled].items():
            yield _quoted(name, spot, document, offset, documentation)
    elif spelled == "workflow.fallback" and document.kind == "user" and not spot.quote:
        for name in ("true", "false"):
            yield Item(name, name, _VALUE, None, table_docs.USER["workflow.fallback"])
    elif spot.quote and (form in _FILES or spelled.startswith("workflow.folder[].")):
        if form == "cmd" and (spot.path[-1] == 0 and not spot.part.startswith((".", "/", "~"))):
            return  # a program of PATH
        ends = _FILES.get(form or "", ())
        base = os.path.dirname(document.path)
        yield from _paths(spot.part, base, ends, host, anywhere=document.kind == "user")


def _quoted(name: str, spot: Spot, document: Document, offset: int, documentation: str) -> Item:
    if not spot.quote:
        return Item(f'"{name}"', f'"{name}"', _VALUE, documentation)
    closed = spot.quote in document.text[offset:].split("\n", 1)[0]
    return Item(name, name if closed else name + spot.quote, _VALUE, documentation)


def _paths(
    part: str, base: str, ends: tuple[str, ...], host: Host, *, anywhere: bool
) -> Iterator[Item]:
    """Yield the files and folders that begin with ``part``, relative to ``base``, and inside it unless ``anywhere`` is true."""
    above, _, _ = part.rpartition("/")
    text = part[: len(above) + 1] if "/" in part else ""
    folder = expand_home(text, host) if anywhere else text
    if is_remote(folder):
        return
    folder = absolute(base, folder) if folder else base
    if not anywhere and not is_inside(folder, base):
        return
    for name, is_folder in _entries(folder):
        if is_folder:
            yield Item(f"{text}{name}/", f"{text}{name}/", _FOLDER, rank=1)
        elif ends and name.endswith(ends):
            yield Item(f"{text}{name}", f"{text}{name}", _FILE)


def _entries(folder: str, most: int = _MOST_NAMES) -> Iterator[tuple[str, bool]]:
    """Yield a limited number of names in a folder, each with whether it is a folder."""
    from itertools import islice

    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, most):
                if entry.name not in _SKIPPED and "\\" not in entry.name and '"' not in entry.name:
                    yield entry.name, entry.is_dir(follow_symlinks=os.name != "nt")
    except (OSError, ValueError):
        return


# -- .python-envs -----------------------------------------------------------------------------------------------


def _of_list(document: Document, offset: int) -> tuple[int, list[Item]]:
    line = document.position(offset)["line"]
    begin = document.begin_of(line)
    part = document.text[begin:offset]
    others = {
        text.rstrip("\r").rstrip("/")
        for number, text in enumerate(document.text.split("\n"))
        if number != line
    }
    root, disk = os.path.dirname(document.path), Disk()
    above, slash, _ = part.rpartition("/")
    text = above + slash
    if is_remote(text):
        return begin, []
    folders = [
        text + name
        for name, is_folder in _entries(absolute(root, text) if text else root)
        if is_folder and text + name not in others
    ]
    return begin, [
        item for one in folders[:_MOST_FOLDERS] for item in _environments(one, root, others, disk)
    ]


def _environments(text: str, root: str, others: set[str], disk: Disk) -> Iterator[Item]:
    """Yield a folder if it is an environment, else the environments directly inside it, else the folder, to be completed further."""
    folder = absolute(root, text)
    if health.is_environment(folder, disk):
        yield Item(text, text, _VALUE, "Environment")
        return
    inside = [
        f"{text}/{name}"
        for name, is_folder in _entries(folder, _MOST_INSIDE)
        if is_folder and health.is_environment(os.path.join(folder, name), disk)
    ]
    for name in inside:
        if name not in others:
            yield Item(name, name, _VALUE, "Environment")
    yield Item(f"{text}/", f"{text}/", _FOLDER, rank=1)


def _hover_of_list(document: Document, offset: int, host: Host) -> dict[str, Any] | None:
    from workflow_helper.discovery.environments.locate import View
    from workflow_helper.errors import UnusableFile

    disk = Unsaved(document.path, document.text)
    root = os.path.dirname(document.path)
    try:
        listed = pep832.python_envs(root, disk) or ()
    except UnusableFile:
        return None
    line = document.position(offset)["line"]
    named = next((one for one in listed if one.line == line + 1), None)
    if named is None:
        return None
    found = View(root, host, disk).named(named, "python-envs")
    what = f"`{found.prefix}`"
    what += f", Python {found.python_version}" if found.python_version else ""
    role = (
        "The default environment of this folder: the last line."
        if named is listed[-1]
        else "An environment of this folder. The last line is the default."
    )
    state = "" if found.ok else f"\n\n{found.status.message}"
    return {
        "contents": {"kind": "markdown", "value": f"{role}\n\n{what}{state}"},
        "range": document.range_of(document.begin_of(line), document.end_of(line)),
    }


# -- wire -------------------------------------------------------------------------------------------------------


def _to_wire(items: Iterable[Item], document: Document, begin: int, end: int) -> dict[str, Any]:
    ordered = sorted(items, key=lambda item: (item.rank, item.label))
    span = document.range_of(begin, end)
    listed = [
        {
            "label": item.label,
            "kind": item.kind,
            "sortText": f"{number:03}",
            "filterText": item.text,
            "textEdit": {"range": span, "newText": item.text},
            **({"detail": item.detail} if item.detail else {}),
            **(
                {"documentation": {"kind": "markdown", "value": item.paragraph}}
                if item.paragraph
                else {}
            ),
        }
        for number, item in enumerate(ordered[:_MOST_ITEMS])
    ]
    return {"isIncomplete": len(ordered) > _MOST_ITEMS, "items": listed}
