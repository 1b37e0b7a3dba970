"""The declarations and the lock of a pdm project, and how an environment compares with them; from files alone.

It follows pdm's own rules. If only pdm itself can answer, the result is ``None``: see :meth:`PdmLock.is_fresh` and
:meth:`PdmLock.differences`.
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
from workflow_helper.install.installed_state import LockedPackage, PackageDifference
from workflow_helper.install.origins import REPOSITORIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from workflow_helper.discovery.tools import Folder
    from workflow_helper.install.installed_state import InstalledPackages

#: The group of the requirements in ``[project] dependencies``.
DEFAULT = "default"
#: Packages that pdm leaves in an environment although they are not locked.
_SEEDS = frozenset(("pip", "setuptools", "wheel"))
#: A package that build backends may need for editable installs; pdm then installs it.
_EDITABLES = "editables"
#: The version of the format of ``pdm.lock`` that this module reads.
_FORMAT = ("4", "5")


class PdmDeclaration:
    """The ``pyproject.toml`` of a project.

    Raises:
        Protected: it is missing, or declares no project.
    """

    def __init__(self, folder: Folder) -> None:
        self.root = folder.root
        self._folder = folder
        document = folder.disk.toml(os.path.join(folder.root, PYPROJECT))
        if not table_at(document, "project"):
            raise Protected(
                f"{folder.root} is not a pdm project: {PYPROJECT} is missing or has no [project] table",
                "Run 'pdm init' to make it one. For a plain .venv: --workflow venv.",
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
        """The extras, normalized, without those that share their name with a group: pdm takes the group."""
        declared = table_at(self._metadata, "optional-dependencies")
        return frozenset(map(normalized, declared)) - self.groups

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
        excludes = at(self.resolution, "excludes")
        return frozenset(map(normalized, map(str, excludes if isinstance(excludes, list) else ())))

    @property
    def own_project(self) -> OwnProject | None:
        """The project itself if pdm installs it, else ``None``."""
        name = text_at(self._metadata, "name")
        if name is None or not self._is_package() or self._has_option("--no-self", "PDM_NO_SELF"):
            return None
        version = text_at(self._metadata, "version")
        return OwnProject(normalized(name), version, (), None)

    @property
    def has_members(self) -> bool:
        """Return whether the project is the top of a workspace."""
        return bool(self.settings.get("workspace"))

    def check_groups_and_extras(
        self, groups: Iterable[str] | None, extras: Iterable[str] | None
    ) -> None:
        """Raise :class:`InvalidParams` for a group or an extra that is not declared: pdm would ignore it silently."""
        for kind, requested, existing in (
            ("groups", groups, self.groups),
            ("extras", extras, self.extras),
        ):
            for name in requested or ():
                if normalized(name) not in existing:
                    declared = ", ".join(sorted(existing)) or "none"
                    reason = f"{PYPROJECT} does not declare {name!r} (declared: {declared})"
                    raise invalid_param(kind, reason)

    def own_project_differences(self, installed: InstalledPackages) -> Iterator[str]:
        """Yield the differences between the project itself and its installation."""
        own_project = self.own_project
        if own_project is None:
            return
        if self._has_option("--no-editable", "PDM_NO_EDITABLE"):
            # A copy cannot be compared with its sources, so check only that there is one.
            if installed.version(own_project.name or "") is None:
                yield "the project itself is not installed"
        else:
            yield from installed_state.own_project_differences(
                own_project, own_project.name, self.root, installed
            )

    def group_arguments(self, chosen: Collection[str]) -> list[str]:
        """Return arguments that make pdm use exactly the groups and extras ``chosen``."""
        groups = self.groups & {*chosen}
        arguments = [word for name in sorted({*chosen} - {DEFAULT}) for word in ("-G", name)]
        if not groups:
            arguments.append("--prod")
        else:  # pdm selects every group as soon as one is selected
            others = sorted(self.groups - groups)
            arguments += [word for name in others for word in ("--without", name)]
        return arguments if DEFAULT in chosen else [*arguments, "--no-default"]

    def digest(self) -> str | None:
        """Return the SHA-256 of the declarations that pdm locks, as pdm computes it; ``None`` where only pdm can."""
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
        except TypeError:  # a TOML date, which has no JSON form
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

    def _has_option(self, option: str, variable: str) -> bool:
        """Return whether every sync gets an option, from the user's variable or the project's settings."""
        options = at(self.settings, "options", "sync")
        is_set = isinstance(options, list) and option in options
        return is_set or bool(self._folder.host.environ.get(variable))


class PdmLock:
    """The content of a lock file: ``pdm.lock``, or ``pylock.toml`` if pdm is configured to write that."""

    def __init__(self, folder: Folder, name: str, document: dict[str, Any]) -> None:
        self.name = name
        self._folder = folder
        self._document = document
        self._metadata = table_at(document, "metadata")

    @property
    def groups(self) -> frozenset[str] | None:
        """The groups and extras that the lock covers; ``None`` if it does not list them."""
        groups: object = self._metadata.get("groups")
        if self._is_pylock:
            listed = (self._document.get(key) for key in ("dependency-groups", "extras"))
            groups = [name for names in listed if isinstance(names, list) for name in names]
        return frozenset(map(normalized, map(str, groups))) if isinstance(groups, list) else None

    def is_fresh(self, declaration: PdmDeclaration) -> bool | None:
        """Return whether the lock matches what is declared now; ``None`` where only pdm knows."""
        if self._is_pylock:
            table = table_at(self._document, "tool", "pdm")
            algorithm, digest = "sha256", text_at(table, "hashes", "sha256")
        else:
            table = self._metadata
            algorithm, _, digest = (text_at(table, "content_hash") or "").partition(":")
            version = text_at(table, "lock_version") or ""
            if tuple(version.split(".")[:2]) != _FORMAT:
                return None
        current = declaration.digest()
        if current is None or algorithm != "sha256" or not digest or "lock_inputs" in table:
            return None
        return current == digest

    def differences(
        self,
        declaration: PdmDeclaration,
        chosen: Collection[str],
        installed: InstalledPackages,
        variables: Mapping[str, str],
    ) -> list[str] | None:
        """Return the differences between the environment and the lock; ``None`` if only pdm knows them.

        Raises:
            PythonUnavailable: the lock does not cover the environment's Python.
        """
        own_project = declaration.own_project
        exempt = {*_SEEDS} if own_project is None else {*_SEEDS, _EDITABLES, own_project.name or ""}
        if self._is_pylock:
            return self._pylock_differences(declaration, chosen, installed, variables, exempt)
        strategy = at(self._metadata, "strategy")
        if not isinstance(strategy, list) or "inherit_metadata" not in strategy:
            return None
        selected: dict[str, LockedPackage] = {}
        surplus: set[str] = set()  # locked, but not for this environment
        for entry in self._document.get("package", ()):
            package = self._locked(entry)
            groups = at(entry, "groups")
            is_chosen = not isinstance(groups, list) or any(group in chosen for group in groups)
            applies = installed_state.marker_applies(text_at(entry, "marker"), variables)
            if is_chosen and applies and package.name not in declaration.excluded:
                # pdm.lock has a separate entry, with the same name and version, for a package with extras.
                selected[package.name] = package
            else:
                surplus.add(package.name)
        surplus &= installed.found.keys() - selected.keys() - exempt
        # The surplus is reported below, so it is left out of these differences.
        differences = list(
            installed_state.out_of_sync(
                selected.values(), installed, self.name, {*exempt, *surplus}
            )
        )
        for name in sorted(surplus):
            version = installed.version(name)
            text = f"{name} {version} is installed but not requested"
            differences.append(PackageDifference.of(text, name, None, version))
        return differences

    @property
    def _is_pylock(self) -> bool:
        return self.name == pylock.NAME

    def _pylock_differences(
        self,
        declaration: PdmDeclaration,
        chosen: Collection[str],
        installed: InstalledPackages,
        variables: Mapping[str, str],
        exempt: Collection[str],
    ) -> list[str]:
        lock = pylock.read(self._folder.root, self._folder.disk)
        if lock is None:
            return [f"{self.name} is gone"]
        extras = declaration.extras & {*chosen}
        selected = lock.selected(variables, tuple({*chosen} - extras), tuple(extras))
        excluded = declaration.excluded
        packages = {name: one for name, one in selected.items() if name not in excluded}
        return list(lock.compare(packages, installed, exempt).differences)

    def _locked(self, entry: Mapping[str, Any]) -> LockedPackage:
        """Return one package of ``pdm.lock``."""
        package = LockedPackage(normalized(str(entry.get("name"))), text_at(entry, "version"))
        editable = entry.get("editable") is True
        for kind in REPOSITORIES:
            if (url := text_at(entry, kind)) is not None:
                commit = text_at(entry, "revision")
                return package.of_repository(f"{kind}+{url}", commit, editable=editable)
        place = text_at(entry, "path") or text_at(entry, "url")
        if place is None:
            return package
        return package.at(place, self._folder.root, editable=editable, files=entry.get("files"))


def read(folder: Folder) -> PdmLock | None:
    """Return the lock of the project, if there is one.

    Raises:
        UnusableFile: the file cannot be read, or is not a lock file of pdm.
    """
    name = pdm.lock_file(folder)
    document = folder.disk.toml(os.path.join(folder.root, name), LOCK_LIMIT)
    if document is None:
        return None
    entries = document.get("package", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnusableFile(os.path.join(folder.root, name), "is not a lock file of pdm")
    return PdmLock(folder, name, document)


def choose_groups(
    declaration: PdmDeclaration,
    lock: PdmLock | None,
    groups: Iterable[str] | None,
    extras: Iterable[str] | None,
) -> frozenset[str]:
    """Return the requested groups and extras; without a request, those that the lock covers, as pdm does."""
    covered = None if lock is None else lock.groups
    if groups is None and extras is None and covered:
        return covered & declaration.all_groups
    if groups is not None:
        selected = frozenset(map(normalized, groups))
    else:
        selected = declaration.groups & covered if covered else declaration.groups
    return selected | {DEFAULT, *map(normalized, extras or ())}
