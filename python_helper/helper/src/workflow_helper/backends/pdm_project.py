"""The declarations and the lock of a pdm project, and how an environment compares with them; from files alone.

Written after pdm's own rules. Where these need what only pdm can work out, the answer is ``None``: see :meth:`PdmLock.is_fresh`
and :meth:`PdmLock.differences`.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools import pdm
from workflow_helper.discovery.tools.files import at, table_at, text_at
from workflow_helper.errors import Protected, UnusableFile
from workflow_helper.filesystem.reader import LOCK_LIMIT
from workflow_helper.install import installed_state, pylock
from workflow_helper.install.declared import PYPROJECT, OwnProject
from workflow_helper.install.installed_state import LockedPackage, Off
from workflow_helper.install.origins import REPOSITORIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from workflow_helper.discovery.tools import Folder
    from workflow_helper.install.installed_state import Held

#: The group of what ``[project] dependencies`` asks for.
DEFAULT = "default"
#: Packages that pdm leaves in an environment though they are not locked.
_KEPT = frozenset(("pip", "setuptools", "wheel"))
#: The backends of editable installs may need it; pdm installs it then.
_EDITABLES = "editables"
#: The version of the format of ``pdm.lock`` whose rules are written here.
_FORMAT = ("4", "5")


class PdmDeclaration:
    """The ``pyproject.toml`` of a project.

    Raises:
        Protected: it declares no project of pdm's.
    """

    def __init__(self, folder: Folder) -> None:
        self.root = folder.root
        self._folder = folder
        document = folder.disk.toml(os.path.join(folder.root, PYPROJECT))
        if not table_at(document, "project"):
            raise Protected(
                f"{folder.root} is no project of pdm's: no {PYPROJECT} there has [project]",
                "'pdm init' makes it one. For a plain .venv: --workflow venv.",
            )
        self._metadata = table_at(document, "project")
        self._groups = table_at(document, "dependency-groups")
        self.settings = table_at(document, "tool", "pdm")

    @property
    def groups(self) -> frozenset[str]:
        """The groups for development, normalized."""
        return frozenset(self._development())

    @property
    def extras(self) -> frozenset[str]:
        """The extras, normalized; of a name that a group has as well, pdm takes the group."""
        told = table_at(self._metadata, "optional-dependencies")
        return frozenset(map(normalized, told)) - self.groups

    @property
    def all_groups(self) -> frozenset[str]:
        """All groups and extras that can be chosen."""
        return self.groups | self.extras | {DEFAULT}

    @property
    def resolution(self) -> dict[str, Any]:
        """The project's settings for pdm's resolver."""
        return table_at(self.settings, "resolution")

    @property
    def excluded(self) -> frozenset[str]:
        """The names of packages that are never installed."""
        told = at(self.resolution, "excludes")
        return frozenset(map(normalized, map(str, told if isinstance(told, list) else ())))

    @property
    def own_project(self) -> OwnProject | None:
        """The project, where pdm installs it too."""
        name = text_at(self._metadata, "name")
        if name is None or not self._is_package() or self._is_wished("--no-self", "PDM_NO_SELF"):
            return None
        version = text_at(self._metadata, "version")
        return OwnProject(normalized(name), version, (), None)

    @property
    def has_members(self) -> bool:
        """Return whether it is the top of a workspace."""
        return bool(self.settings.get("workspace"))

    def check_wishes(self, groups: Iterable[str] | None, extras: Iterable[str] | None) -> None:
        """Raise :class:`InvalidParams` for what is not declared: pdm ignores it in silence."""
        for name, wished, known in (
            ("groups", groups, self.groups),
            ("extras", extras, self.extras),
        ):
            for one in wished or ():
                if normalized(one) not in known:
                    there = ", ".join(sorted(known)) or "none"
                    raise invalid_param(
                        name, f"{PYPROJECT} does not declare {one!r} (there is {there})"
                    )

    def itself_off(self, held: Held) -> Iterator[str]:
        """Yield the differences between the project itself and its installation."""
        own_project = self.own_project
        if own_project is None:
            return
        if self._is_wished("--no-editable", "PDM_NO_EDITABLE"):
            if held.version(own_project.name or "") is None:
                yield "the project itself is not installed"
        else:
            yield from installed_state.own_project_differences(
                own_project, own_project.name, self.root, held
            )

    def words(self, chosen: Collection[str]) -> list[str]:
        """Return arguments that make pdm use exactly the groups and extras ``chosen``."""
        groups = self.groups & {*chosen}
        words = [word for one in sorted({*chosen} - {DEFAULT}) for word in ("-G", one)]
        if not groups:
            words.append("--prod")
        else:  # for pdm all of them are meant where one is
            words += [word for one in sorted(self.groups - groups) for word in ("--without", one)]
        return words if DEFAULT in chosen else [*words, "--no-default"]

    def digest(self) -> str | None:
        """Return the SHA-256 of what a lock is made from, as pdm computes it; ``None`` where only pdm can."""
        import json
        from hashlib import sha256

        if self.has_members or "lock_inputs" in self.resolution:
            return None
        inputs = {
            "sources": self.settings.get("source", []),
            "dependencies": self._metadata.get("dependencies", []),
            "dev-dependencies": self._development(),
            "optional-dependencies": self._metadata.get("optional-dependencies", {}),
            "requires-python": self._metadata.get("requires-python", ""),
            "resolution": self.resolution,
        }
        try:
            return sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        except TypeError:  # a date
            return None

    def _development(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        for table in (self._groups, table_at(self.settings, "dev-dependencies")):
            for name, entries in table.items():
                if isinstance(entries, list):
                    found.setdefault(normalized(name), []).extend(entries)
        return found

    def _is_package(self) -> bool:
        if "package-type" in self.settings:
            return text_at(self.settings, "package-type") == "library"
        return self.settings.get("distribution", True) is not False

    def _is_wished(self, option: str, variable: str) -> bool:
        """Return whether an option is given to every sync, by the user's variable or the project's settings."""
        told = at(self.settings, "options", "sync")
        given = isinstance(told, list) and option in told
        return given or bool(self._folder.host.environ.get(variable))


class PdmLock:
    """A lock file that was read: ``pdm.lock``, or ``pylock.toml`` where pdm is set up to write that."""

    def __init__(self, folder: Folder, name: str, document: dict[str, Any]) -> None:
        self.name = name
        self._folder = folder
        self._document = document
        self._about = table_at(document, "metadata")

    @property
    def groups(self) -> frozenset[str] | None:
        """The groups and extras that it covers; ``None`` where it does not say."""
        told: object = self._about.get("groups")
        if self._is_standard:
            listed = (self._document.get(key) for key in ("dependency-groups", "extras"))
            told = [one for many in listed if isinstance(many, list) for one in many]
        return frozenset(map(normalized, map(str, told))) if isinstance(told, list) else None

    def is_fresh(self, declaration: PdmDeclaration) -> bool | None:
        """Return whether the lock matches what is declared now; ``None`` where only pdm can tell."""
        if self._is_standard:
            about = table_at(self._document, "tool", "pdm")
            algorithm, digest = "sha256", text_at(about, "hashes", "sha256")
        else:
            about = self._about
            algorithm, _, digest = (text_at(about, "content_hash") or "").partition(":")
            version = text_at(about, "lock_version") or ""
            if tuple(version.split(".")[:2]) != _FORMAT:
                return None
        now = declaration.digest()
        if now is None or algorithm != "sha256" or not digest or "lock_inputs" in about:
            return None
        return now == digest

    def differences(
        self,
        declaration: PdmDeclaration,
        chosen: Collection[str],
        held: Held,
        variables: Mapping[str, str],
    ) -> list[str] | None:
        """Return what is out of sync, a clause each; ``None`` where only pdm can tell.

        Raises:
            PythonUnavailable: nothing is locked for such a Python.
        """
        own_project = declaration.own_project
        kept = {*_KEPT} if own_project is None else {*_KEPT, _EDITABLES, own_project.name or ""}
        if self._is_standard:
            return self._standard(declaration, chosen, held, variables, kept)
        strategy = at(self._about, "strategy")
        if not isinstance(strategy, list) or "inherit_metadata" not in strategy:
            return None
        wanted: dict[str, LockedPackage] = {}
        others: set[str] = set()
        for entry in self._document.get("package", ()):
            one = self._locked(entry)
            groups = at(entry, "groups")
            is_chosen = not isinstance(groups, list) or any(one in chosen for one in groups)
            is_for_it = installed_state.counts(text_at(entry, "marker"), variables)
            if is_chosen and is_for_it and one.name not in declaration.excluded:
                wanted[one.name] = one  # with an extra it has an entry of its own
            else:
                others.add(one.name)
        others &= held.found.keys() - wanted.keys() - kept
        reasons = installed_state.out_of_sync(wanted.values(), held, self.name, {*kept, *others})
        surplus = ((name, held.version(name)) for name in sorted(others))
        return [
            *reasons,
            *(Off.of(f"{name} {has} is not asked for", name, None, has) for name, has in surplus),
        ]

    @property
    def _is_standard(self) -> bool:
        return self.name == pylock.NAME

    def _standard(
        self,
        declaration: PdmDeclaration,
        chosen: Collection[str],
        held: Held,
        variables: Mapping[str, str],
        kept: Collection[str],
    ) -> list[str]:
        lock = pylock.read(self._folder.root, self._folder.disk)
        if lock is None:
            return [f"{self.name} is gone"]
        extras = declaration.extras & {*chosen}
        selected = lock.selected(variables, tuple({*chosen} - extras), tuple(extras))
        wanted = {name: one for name, one in selected.items() if name not in declaration.excluded}
        return list(lock.difference(wanted, held, kept).reasons)

    def _locked(self, entry: Mapping[str, Any]) -> LockedPackage:
        """Return one package of ``pdm.lock``."""
        one = LockedPackage(normalized(str(entry.get("name"))), text_at(entry, "version"))
        editable = entry.get("editable") is True
        for kind in REPOSITORIES:
            if (url := text_at(entry, kind)) is not None:
                commit = text_at(entry, "revision")
                return one.of_repository(f"{kind}+{url}", commit, editable=editable)
        place = text_at(entry, "path") or text_at(entry, "url")
        if place is None:
            return one
        return one.at(place, self._folder.root, editable=editable, files=entry.get("files"))


def read(folder: Folder) -> PdmLock | None:
    """Return the lock of the project, if there is one.

    Raises:
        UnusableFile: the file cannot be read, or is no lock of pdm's.
    """
    name = pdm.lock_file(folder)
    document = folder.disk.toml(os.path.join(folder.root, name), LOCK_LIMIT)
    if document is None:
        return None
    entries = document.get("package", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise UnusableFile(os.path.join(folder.root, name), "is no lock file of pdm's")
    return PdmLock(folder, name, document)


def chosen(
    declaration: PdmDeclaration,
    lock: PdmLock | None,
    groups: Iterable[str] | None,
    extras: Iterable[str] | None,
) -> frozenset[str]:
    """Return the requested groups and extras; without a request those that the lock covers, as pdm does."""
    covered = None if lock is None else lock.groups
    if groups is None and extras is None and covered:
        return covered & declaration.all_groups
    if groups is not None:
        found = frozenset(map(normalized, groups))
    else:
        found = declaration.groups & covered if covered else declaration.groups
    return found | {DEFAULT, *map(normalized, extras or ())}
