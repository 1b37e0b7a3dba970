"""Diagnostics of the files that declare workflows or list environments.

The same readers that decide an answer report the mistakes, from the editor's text; this module only finds their places.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from workflow_helper.discovery import declarations, folder_mapping, pep832
from workflow_helper.discovery.editor_text import Unsaved
from workflow_helper.errors import UnusableFile, WorkflowError
from workflow_helper.lsp import toml_places
from workflow_helper.model import AdapterLaunch, ProgramLaunch, ScriptLaunch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.lsp.document import Document
    from workflow_helper.model import Declaration, Host

ERROR, WARNING = 1, 2

#: The form in which TOML parsers say where a text stops being TOML.
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


class Problem(NamedTuple):
    """One mistake, and its range in the text."""

    begin: int
    end: int
    message: str
    code: str
    severity: int = ERROR


def of(document: Document, host: Host) -> list[Problem]:
    """Return the mistakes in a document; starts no process, and raises nothing."""
    if document.kind == "python-envs":
        return list(_of_list(document, host))
    disk = Unsaved(document.path, document.text)
    errors: list[UnusableFile] = []
    declared: list[Declaration] = []
    if document.kind == "user":
        found, problems = declarations.read_user_file(host, disk)
        errors += problems
        own = [found.preference.declaration] if found.preference else []
        declared += own + [one.declaration for one in found.folders if one.declaration is not None]
    else:
        try:
            declaration = declarations.in_file(document.path, disk)
            declared += [declaration] if declaration is not None else []
        except UnusableFile as error:
            errors.append(error)
        if document.kind == "pyworkflow":
            errors += _of_mapping(document.path, disk)
    placed = [_placed(error, document) for error in errors]
    return placed + [
        problem for declaration in declared for problem in _missing(declaration, document, host)
    ]


def _of_mapping(path: str, disk: Unsaved) -> list[UnusableFile]:
    try:
        return folder_mapping.entries_of(disk.toml(path) or {}, path, disk)[1]
    except UnusableFile:
        return []  # told already


def _placed(error: UnusableFile, document: Document) -> Problem:
    message, place = error.reason, _PLACE.search(error.reason)
    if place is not None:
        message = message.replace(place[0], "")
        begin = end = len(document.text.rstrip())
        if place[1] is not None:
            line = int(place[1]) - 1
            begin, end = document.begin_of(line) + int(place[2]) - 1, document.end_of(line)
        # What is missing at the end of a line is shown at its last sign.
        begin = max(min(begin, end - 1), 0)
        end = min(begin + 1, len(document.text))
        return Problem(begin, end, _sentence(message, error.hint), error.code)
    if error.line is not None:
        message = message.removeprefix(f"line {error.line}, ")
    begin, end = _span(error, document)
    return Problem(begin, end, _sentence(message, error.hint), error.code)


def _span(error: UnusableFile, document: Document) -> tuple[int, int]:
    if error.key is not None:
        found = toml_places.find(document.text).of_key(error.key)
        if found is not None:
            exact = toml_places.spell(found.path) == error.key
            # What is wrong with a key that is there is its value; else the nearest name around it is shown.
            return found.value if exact and found.value and not _is_long(found) else found.name
    line = (error.line or 1) - 1
    return document.begin_of(line), document.end_of(line)


def _is_long(entry: toml_places.Entry) -> bool:
    return entry.value is not None and entry.value[1] - entry.value[0] > 200


def _missing(declaration: Declaration, document: Document, host: Host) -> Iterator[Problem]:
    """Yield a problem for each missing file that a declaration needs to start its server."""
    from workflow_helper.servers.launch import place

    disk = Unsaved(document.path, document.text)
    launch = declaration.launch
    if isinstance(launch, (ScriptLaunch, AdapterLaunch)):
        word = launch.path
    elif isinstance(launch, ProgramLaunch) and ("/" in launch.argv[0] or os.sep in launch.argv[0]):
        word = launch.argv[0]
    else:
        return
    try:
        place(word, os.path.dirname(document.path), host, disk)
    except WorkflowError as error:
        for entry in toml_places.find(document.text).entries:
            if entry.text == word and entry.value is not None:
                yield Problem(
                    *entry.value, _sentence(error.message, error.hint), error.code, WARNING
                )


def _of_list(document: Document, host: Host) -> Iterator[Problem]:
    from workflow_helper.discovery.environments.locate import View

    disk = Unsaved(document.path, document.text)
    root = os.path.dirname(document.path)
    try:
        listed = pep832.python_envs(root, disk) or ()
    except UnusableFile as error:
        yield _placed(error, document)
        return
    view = View(root, host, disk)
    for number, named in enumerate(listed, 1):
        status = view.named(named, "python-envs").status
        if status.state == "ok":
            continue
        line = named.line - 1
        message = status.message.removeprefix(f"{document.path}, line {named.line}: ")
        last = number == len(listed)
        if last:
            message += ". This line is the default environment, and no other is used in its place"
        begin, end = document.begin_of(line), document.end_of(line)
        severity = ERROR if last else WARNING
        code = "last_line_unusable" if last else "broken"
        yield Problem(begin, end, _sentence(message, None), code, severity)


def _sentence(message: str, hint: str | None) -> str:
    whole = message if message.endswith((".", "?", "!")) else f"{message}."
    return f"{whole} {hint}" if hint else whole


def to_wire(problem: Problem, document: Document) -> dict[str, Any]:
    """Return a problem in LSP's form."""
    return {
        "range": document.range_of(problem.begin, problem.end),
        "severity": problem.severity,
        "code": problem.code,
        "source": "Python Workflow",
        "message": problem.message,
    }
