"""The declarations of workflows: in the project's files, the user's file, an editor's settings, an option or a variable.

A mistake in one place never hides valid declarations elsewhere: mistakes are returned as sentences beside them.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.discovery.workflow_table import (
    bundled_names,
    kind_of,
    of_bundled,
    read_wsp,
    wrong,
)
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.model import AdapterLaunch, Declaration, ScriptLaunch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

    Policy: TypeAlias = Literal["override", "default"]
else:
    from workflow_server.namedtuple import NamedTuple

PYWORKFLOW = "pyworkflow.toml"
PYPROJECT = "pyproject.toml"

#: The keys of the user's file, and of its [workflow].
_TABLES = ("workflow", "folder", "environments")
_KEYS = ("wsp", "policy", "fallback")
#: And its [environments].
_FOLDERS = "folders"


class ProjectDeclaration(NamedTuple):
    """The declaration of a project, and the mistakes in it."""

    declaration: Declaration | None = None
    problems: tuple[str, ...] = ()


class FolderRule(NamedTuple):
    """A ``[[folder]]`` of the user's file."""

    #: The pattern with ``~`` expanded.
    path: str
    #: ``None`` for ``workflow = "project"``: the project's own recommendation is followed here.
    declaration: Declaration | None

    def is_for(self, folder: str) -> bool:
        """Return whether it is a rule for just this folder."""
        return is_for(self.path, folder)


class Preference(NamedTuple):
    """The user's preferred workflow, and its policy."""

    declaration: Declaration
    policy: Policy


class UserFile(NamedTuple):
    """The user's ``pyworkflow.toml``."""

    path: str
    preference: Preference | None = None
    fallback: bool = True
    folders: tuple[FolderRule, ...] = ()
    problems: tuple[str, ...] = ()
    #: Folders in which environments are looked for besides the usual ones: absolute, ``~`` expanded.
    searched: tuple[str, ...] = ()


def of_project(root: str, disk: Disk) -> ProjectDeclaration:
    """Return the declaration of ``root``: ``[workflow]`` in ``pyworkflow.toml``, else in ``pyproject.toml`` (W4)."""
    problems: list[str] = []
    for name in (PYWORKFLOW, PYPROJECT):
        path = os.path.join(root, name)
        # Importing a TOML parser costs as much as all the rest, and most projects declare no workflow.
        if not disk.is_present(path) or not disk.mentions(path, b"workflow"):
            continue
        try:
            declaration = in_file(path, disk)
        except UnusableFile as error:
            problems.append(str(error))
            continue
        if declaration is not None:
            return ProjectDeclaration(declaration, tuple(problems))
    return ProjectDeclaration(None, tuple(problems))


def in_file(path: str, disk: Disk) -> Declaration | None:
    """Return what one of a project's files declares, ``None`` where it declares no workflow.

    Raises:
        UnusableFile: the file cannot be read, or its ``[workflow]`` is invalid.
    """
    document = disk.toml(path) or {}
    if "workflow" not in document:
        return None
    table = _expect_table(document["workflow"], path, disk, "workflow")
    if "wsp" in table:
        return read_wsp(table["wsp"], path, disk, "workflow.wsp", declared_in=path)
    if "folder" in table and os.path.basename(path) == PYWORKFLOW:
        return None  # a mapping of folders alone
    raise wrong(path, disk, "workflow", "has no key 'wsp', which says how to start the workflow")


def syntax_problems(root: str, disk: Disk) -> tuple[str, ...]:
    """Return the syntax errors in the project's TOML files, for an explanation that checks everything."""
    problems = []
    for name in (PYWORKFLOW, PYPROJECT):
        try:
            disk.toml(os.path.join(root, name))
        except UnusableFile as error:
            problems.append(str(error))
    return tuple(problems)


def of_user(host: Host, disk: Disk) -> UserFile:
    """Return the user's ``pyworkflow.toml``; an empty one where there is none or it cannot be read."""
    found, problems = read_user_file(host, disk)
    return found._replace(problems=tuple(str(problem) for problem in problems))


def read_user_file(host: Host, disk: Disk) -> tuple[UserFile, tuple[UnusableFile, ...]]:
    """Return the user's ``pyworkflow.toml`` and every mistake in it; raises nothing."""
    path = os.path.join(host.config, PYWORKFLOW)
    try:
        document = disk.toml(path)
    except UnusableFile as error:
        return UserFile(path), (error,)
    if document is None:
        return UserFile(path), ()
    problems: list[UnusableFile] = []

    def read(otherwise: T, part: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        # A mistake in one key leaves the others as they are.
        try:
            return part(*args, **kwargs)
        except UnusableFile as error:
            problems.append(error)
            return otherwise

    table: dict[str, Any] = {}
    table = read(table, _expect_table, document.get("workflow", table), path, disk, "workflow")
    fallback = read(True, _flag, table.get("fallback", True), path, disk, "workflow.fallback")  # noqa: FBT003 - without the key
    preference = read(None, _preference, table, path, disk)
    rules: list[object] = []
    rules = read(rules, _expect_tables, document.get("folder", rules), path, disk, "folder")
    folders = [
        read(None, _folder_rule, rule, path, disk, f"folder[{index}]", host)
        for index, rule in enumerate(rules)
    ]
    environments: dict[str, Any] = {}
    environments = read(
        environments,
        _expect_table,
        document.get("environments", environments),
        path,
        disk,
        "environments",
    )
    nothing: tuple[str, ...] = ()
    searched = read(nothing, _searched, environments.get(_FOLDERS, []), path, disk, host)
    expected = "[workflow], [[folder]] or [environments]"
    unknown = {name: expected for name in document if name not in _TABLES}
    unknown |= {f"environments.{name}": _FOLDERS for name in environments if name != _FOLDERS}
    unknown |= {f"workflow.{name}": ", ".join(_KEYS) for name in table if name not in _KEYS}
    problems += [
        wrong(path, disk, key, f"is not known, expected {expected}")
        for key, expected in unknown.items()
    ]
    folder_rules = tuple(rule for rule in folders if rule is not None)
    found = UserFile(path, preference, fallback, folder_rules, searched=searched)
    return found, tuple(problems)


def _searched(value: object, path: str, disk: Disk, host: Host) -> tuple[str, ...]:
    key = f"environments.{_FOLDERS}"
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise wrong(path, disk, key, "should be a list of folders' paths")
    folders = tuple(expand_home(text, host) for text in value)
    for text, folder in zip(value, folders, strict=True):
        if not os.path.isabs(folder) or "\0" in folder:
            raise wrong(
                path, disk, key, f"should hold absolute paths or begin with ~, not {text!r}"
            )
    return folders


def _preference(table: dict[str, Any], path: str, disk: Disk) -> Preference | None:
    policy = _policy(table.get("policy", "override"), path, disk, "workflow.policy")
    if "wsp" not in table:
        return None
    declaration = read_wsp(table["wsp"], path, disk, "workflow.wsp", declared_in=path)
    return Preference(declaration, policy)


def _expect_tables(value: object, path: str, disk: Disk, key: str) -> list[object]:
    if not isinstance(value, list):
        raise wrong(
            path, disk, key, f"should be an array of tables, [[{key}]], not {kind_of(value)}"
        )
    return value


def of_editor(setting: Mapping[str, Any], host: Host, disk: Disk) -> Preference | None:
    """Return an editor's own preference (W3): ``{"workflow": a bundled name, a path or a table, "policy": ...}``.

    Raises:
        UnusableFile: the setting cannot be used; the error's "file" is its name.
    """
    value = setting.get("workflow")
    if value is None or value == "":
        return None
    where = "the setting pythonWorkflow.workflow"
    policy = _policy(
        setting.get("policy") or "override", "the setting pythonWorkflow.policy", None, "policy"
    )
    if isinstance(value, str):
        return Preference(of_word(value, where, host, disk), policy)
    declaration = read_wsp(value, where, None, "workflow", declared_in=None)
    if isinstance(declaration.launch, (ScriptLaunch, AdapterLaunch)):
        _local(declaration.launch.path, where, host, disk)
    return Preference(declaration, policy)


def of_word(word: str, where: str, host: Host, disk: Disk) -> Declaration:
    """Return the workflow that a single word names: a bundled name, or an absolute path of a script (W1, W3).

    Raises:
        UnusableFile: the word names no workflow; the error's "file" is ``where``.
    """
    if word in BUNDLED:
        return of_bundled(word)
    path = _local(word, where, host, disk)
    return Declaration(os.path.basename(path), ScriptLaunch(path))


def _local(word: str, where: str, host: Host, disk: Disk) -> str:
    """Return ``word`` as the path of something on this machine: a setting may have been made on another."""
    path = expand_home(word, host)
    if is_remote(path):
        raise UnusableFile(where, f"{word} is on another machine, which is not accessed")
    if not os.path.isabs(path):
        expected = f"is neither an absolute path nor a bundled workflow ({bundled_names()})"
        raise UnusableFile(where, f"{word!r} {expected}")
    if not disk.exists(path):
        raise UnusableFile(where, f"{path} does not exist on this machine")
    return path


def expand_home(text: str, host: Host) -> str:
    """Return ``text`` with a leading ``~`` as the user's home."""
    if text == "~" or text.startswith(("~/", "~\\")):
        return os.path.join(host.home, text[2:]) if len(text) > 2 else host.home
    return text


def is_for(pattern: str, folder: str) -> bool:
    """Return whether ``pattern``, with ``~`` expanded, is just this folder, which Windows lets people spell in several ways."""
    one, other = (os.path.normcase(os.path.normpath(path)) for path in (pattern, folder))
    return one == other


def _folder_rule(rule: object, path: str, disk: Disk, key: str, host: Host) -> FolderRule:
    table = _expect_table(rule, path, disk, key)
    pattern = table.get("path")
    if not isinstance(pattern, str) or not pattern or "\0" in pattern:
        raise wrong(
            path, disk, f"{key}.path", "should be a folder's path or a pattern, as a string"
        )
    expanded = expand_home(pattern, host)
    if not os.path.isabs(expanded):
        raise wrong(
            path, disk, f"{key}.path", f"should be absolute or begin with ~, not {pattern!r}"
        )
    if ("workflow" in table) == ("wsp" in table):
        raise wrong(path, disk, key, "should have either 'workflow' or 'wsp'")
    if "wsp" in table:
        return FolderRule(
            expanded, read_wsp(table["wsp"], path, disk, f"{key}.wsp", declared_in=path)
        )
    if table["workflow"] != "project":
        raise wrong(
            path,
            disk,
            f"{key}.workflow",
            f"should be \"project\", not {table['workflow']!r}, and a workflow goes into 'wsp'",
        )
    return FolderRule(expanded, None)


def _expect_table(value: object, path: str, disk: Disk, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(path, disk, key, f"should be a table, not {kind_of(value)}")
    return value


def _flag(value: object, path: str, disk: Disk, key: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(path, disk, key, f"should be true or false, not {kind_of(value)}")
    return value


def _policy(value: object, path: str, disk: Disk | None, key: str) -> Policy:
    if value == "override":
        return "override"
    if value == "default":
        return "default"
    raise wrong(path, disk, key, f'should be "override" or "default", not {value!r}')
