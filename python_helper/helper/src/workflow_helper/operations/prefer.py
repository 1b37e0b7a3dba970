"""Change the user's ``pyworkflow.toml``: the general preference, and the rules for some folders.

Comments, order and layout of the file are preserved, and an invalid file is never changed.
"""

from __future__ import annotations

import os

from workflow_helper.discovery import declarations
from workflow_helper.discovery.workflow_table import read_wsp
from workflow_helper.errors import NotFound, UnusableFile, UsageError
from workflow_helper.filesystem.atomic import write_whole
from workflow_helper.filesystem.reader import Disk, decode
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from tomlkit import TOMLDocument

    from workflow_helper.discovery.declarations import Policy
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The word of the user for following the project's own declaration in a folder.
PROJECT = "project"


class PreferenceChange(NamedTuple):
    """A preference: a bundled name or an absolute path, or a command with its requirements."""

    word: str | None = None
    command: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    #: Another machine that it runs on, as ssh is told.
    ssh: str | None = None
    #: The project's folder there; ``{name}`` in it stands for the name of the one here.
    folder: str | None = None

    def table(self, host: Host, cwd: str) -> str | dict[str, Any]:
        """Return the value of the ``wsp`` key.

        Raises:
            UsageError: the value declares no workflow.
        """
        if self.ssh is not None:
            return self._elsewhere()
        return self._command() if self.command else self._word(host, cwd)

    def _command(self) -> dict[str, Any]:
        requires = list(self.requires) if len(self.requires) != 1 else self.requires[0]
        command = list(self.command)
        return {"requires": requires, "cmd": command} if self.requires else {"cmd": command}

    def _elsewhere(self) -> dict[str, Any]:
        there = self._command() if self.command else self.word
        value = {"ssh": self.ssh, "folder": self.folder, "wsp": there}
        try:
            read_wsp(value, "the workflow", None, "wsp", declared_in=None)
        except UnusableFile as error:
            raise UsageError(str(error)) from None
        return value

    def _word(self, host: Host, cwd: str) -> str | dict[str, Any]:
        word = self.word or ""
        looks_like_path = os.sep in word or "/" in word or word.startswith("~")
        if looks_like_path:
            word = os.path.normpath(os.path.join(cwd, declarations.expand_home(word, host)))
        try:
            declaration = declarations.of_word(word, "the workflow", host, Disk())
        except UnusableFile as error:
            raise UsageError(str(error)) from None
        return word if declaration.bundled else declaration.launch.to_wire()


def prefer(value: str | Mapping[str, Any], policy: Policy | None, host: Host) -> str:
    """Make ``value`` the preferred workflow, and return the changed file.

    Raises:
        WorkflowError: the file cannot be read or written.
    """
    import tomlkit

    path, document = _document(host)
    table = _table(document, path)
    table["wsp"] = _inline(value)
    if policy is not None:
        table["policy"] = policy
    elif "policy" not in table and document.get("workflow") is None:
        table["policy"] = tomlkit.string("override")
    return _write(path, document)


def prefer_for(folder: str, value: str | Mapping[str, Any], host: Host) -> str:
    """Make ``value`` the workflow for ``folder`` and all in it; ``"project"`` follows the project there.

    A rule for exactly this folder is replaced, else a new one is appended. The changed file is returned.

    Raises:
        WorkflowError: the file cannot be read or written.
    """
    import tomlkit

    path, document = _document(host)
    key = "workflow" if value == PROJECT else "wsp"
    rule = next((one for one in _rules(document, path) if _is_for(one, folder, host)), None)
    if rule is None:
        rule = tomlkit.table()
        rule.trivia.indent = "\n"
        rule["path"] = folder
        rules = document.setdefault("folder", tomlkit.aot())
        rules.append(rule)
    for other in ("workflow", "wsp"):
        if other in rule and other != key:
            del rule[other]
    rule[key] = value if value == PROJECT else _inline(value)
    return _write(path, document)


def unset(host: Host) -> str:
    """Remove the preference, but no rules for folders, and return the changed file.

    Raises:
        NotFound: none was preferred.
    """
    path, document = _document(host)
    table = _table(document, path)
    if "wsp" not in table:
        raise NotFound(f"{path} prefers no workflow")
    del table["wsp"]
    table.pop("policy", None)
    if not table and "#" not in table.as_string():  # what is left may be remarks
        del document["workflow"]
    return _write(path, document)


def unset_for(folder: str, host: Host) -> str:
    """Remove the rule for exactly this folder, and return the changed file.

    Raises:
        NotFound: there is no such rule.
    """
    path, document = _document(host)
    rules = _rules(document, path)
    for index, rule in enumerate(rules):
        if _is_for(rule, folder, host):
            del rules[index]
            if not rules:
                del document["folder"]
            return _write(path, document)
    raise NotFound(f"{path} has no rule for {folder}")


def _document(host: Host) -> tuple[str, TOMLDocument]:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = os.path.join(host.config, declarations.PYWORKFLOW)
    disk = Disk()
    disk.toml(path)  # says what is wrong with it as every reader does
    data = disk.read(path, 1 << 23)
    try:
        return path, tomlkit.parse("" if data is None else decode(path, data))
    except TOMLKitError as error:
        raise UnusableFile(path, f"is not valid TOML: {error}") from None


def _table(document: TOMLDocument, path: str) -> Any:  # noqa: ANN401 - tomlkit's tables have no better type
    import tomlkit

    table = document.setdefault("workflow", tomlkit.table())
    if not isinstance(table, dict):
        raise UnusableFile(path, "'workflow' should be a table", "Fix it first.")
    return table


def _rules(document: TOMLDocument, path: str) -> Any:  # noqa: ANN401 - as above
    rules = document.get("folder", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise UnusableFile(path, "'folder' should be an array of tables", "Fix it first.")
    return rules


def _is_for(rule: Mapping[str, object], folder: str, host: Host) -> bool:
    path = rule.get("path")
    if not isinstance(path, str):
        return False
    return declarations.is_for(declarations.expand_home(path, host), folder)


def _inline(value: str | Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    import tomlkit

    if isinstance(value, str):
        return value
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _write(path: str, document: TOMLDocument) -> str:
    # Through a link, as dotfiles are often kept: the file behind it is the one to change.
    write_whole(real_path(path), document.as_string().encode(), replace=True)
    return path
