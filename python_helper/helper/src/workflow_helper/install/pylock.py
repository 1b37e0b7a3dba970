"""Read ``pylock.toml`` (PEP 751) for one environment, and install it.

Installers read the file themselves, but only in part: pip rejects a lock with a folder or a repository, since these
have no hash, and neither uv nor pip uninstalls packages that are not locked. So the differences are computed here.
Archives are passed to the installer as a smaller lock, with their hashes and addresses, and everything else as
requirements.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import LockOutdated, PythonUnavailable, UnusableFile
from workflow_helper.filesystem.reader import LOCK_LIMIT
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install.installed_state import PackageDifference, fits
from workflow_helper.install.origins import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any, NamedTuple

    from packaging.pylock import Package, PackageArchive, Pylock
    from packaging.requirements import Requirement

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.installed_state import InstalledPackages
else:
    from workflow_server.namedtuple import NamedTuple

NAME = "pylock.toml"
#: The packages that environments come with, and no lock needs to name.
SEEDS = frozenset(("pip", "setuptools", "wheel", "uv"))
#: By who made a lock, the command that recreates it.
_MAKERS = {
    "uv": "'uv export --format pylock.toml -o pylock.toml'",
    "pip": "'pip lock -e . -o pylock.toml'",
    "pdm": "'pdm export -f pylock -o pylock.toml'",
}


class LockComparison(NamedTuple):
    """An environment compared with its lock."""

    differences: tuple[str, ...]
    #: Archives, by name, that are to be installed.
    archives: frozenset[str]
    #: Arguments to install what is no archive.
    words: tuple[str, ...]
    #: Names that are to be taken out.
    surplus: tuple[str, ...]


class EnvironmentLock:
    """A lock file that was read."""

    def __init__(self, root: str, name: str, document: dict[str, Any], lock: Pylock) -> None:
        self._root = root
        self._name = name
        self._document = document
        self._lock = lock

    @property
    def advice(self) -> str:
        """The advice for a lock that is out of date."""
        command = _MAKERS.get(self._lock.created_by)
        if command is not None:
            return f"{command} updates it."
        return f"Lock the project again, with {self._lock.created_by}."

    def selected(
        self,
        variables: Mapping[str, str],
        groups: tuple[str, ...] | None,
        extras: tuple[str, ...] | None,
    ) -> dict[str, Package]:
        """Return the packages locked for a Python with these markers.

        Raises:
            PythonUnavailable: nothing is locked for such a Python.
        """
        from packaging.pylock import PylockSelectError

        lock = self._lock
        try:
            found = lock.select(
                environment=dict(variables),  # type: ignore[arg-type]
                tags=list(self._tags()),
                extras=[normalized(extra) for extra in extras or ()],
                dependency_groups=None if groups is None else list(groups),
            )
            return {package.name: package for package, _ in found}
        except PylockSelectError as error:
            reason = str(error)
        raise PythonUnavailable(
            f"{self._name} cannot be installed with Python {variables['python_full_version']}: {reason}",
            "Name another Python with --python.",
        )

    def check_wishes(self, groups: Iterable[str], extras: Iterable[str]) -> None:
        """Raise :class:`InvalidParams` for groups and extras that are missing in a lock without a ``pyproject.toml``."""
        for name, wished, known in (
            ("groups", groups, self._lock.dependency_groups or ()),
            ("extras", extras, self._lock.extras or ()),
        ):
            for one in wished:
                if normalized(one) not in {normalized(each) for each in known}:
                    raise invalid_param(name, f"{self._name} has no {one!r}")

    def compare(
        self, selected: Mapping[str, Package], installed: InstalledPackages, also: Collection[str]
    ) -> LockComparison:
        """Return what is out of sync. ``also`` are names that may be installed without being locked."""
        differences: list[str] = []
        archives: set[str] = set()
        words: list[str] = []
        for name, package in selected.items():
            difference = self._difference(package, installed)
            if difference is None:
                continue
            differences.append(_with_change(difference, package, installed))
            arguments = self._words(package)
            if arguments:
                words += arguments
            else:
                archives.add(name)
        surplus = tuple(sorted(installed.found.keys() - selected.keys() - SEEDS - {*also}))
        differences += [
            PackageDifference.of(
                f"{name} is installed but not locked", name, None, installed.version(name)
            )
            for name in surplus
        ]
        return LockComparison(tuple(differences), frozenset(archives), tuple(words), surplus)

    def of_archives(self, names: Collection[str]) -> str:
        """Return a lock of only these packages, for every environment, as TOML that does not depend on its path."""
        import tomlkit

        packages = [
            self._with_absolute_paths(package)
            for package in self._document["packages"]
            if package["name"] in names and not {"vcs", "directory"} & package.keys()
        ]
        head = {"lock-version": "1.0", "created-by": "python-workflow", "packages": packages}
        return tomlkit.dumps(head)

    def _with_absolute_paths(self, package: dict[str, Any]) -> dict[str, Any]:
        portable: dict[str, Any] = {
            key: package[key] for key in ("name", "version", "index") if key in package
        }
        for key in ("sdist", "archive"):
            if key in package:
                portable[key] = self._archive(package[key])
        if "wheels" in package:
            portable["wheels"] = [self._archive(wheel) for wheel in package["wheels"]]
        return portable

    def _archive(self, archive: dict[str, Any]) -> dict[str, Any]:
        portable = {key: value for key, value in archive.items() if key != "upload-time"}
        if "path" in portable:
            portable["path"] = os.path.normpath(os.path.join(self._root, portable["path"]))
        return portable

    def _words(self, package: Package) -> tuple[str, ...]:
        """Return arguments that install a package which is not an archive; none for an archive."""
        if package.directory is not None:
            path = self._folder(package)
            if not os.path.isabs(path) and path != ".":
                path = os.path.join(".", path)  # without a separator it would be a name
            return ("-e", path) if package.directory.editable else (path,)
        vcs = package.vcs
        if vcs is not None:
            below = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
            where = vcs.url or "file://" + os.path.join(self._root, vcs.path or "")
            return (f"{package.name} @ {vcs.type}+{where}@{vcs.commit_id}{below}",)
        return ()

    def _folder(self, package: Package) -> str:
        """Return the path of a package that is a folder, relative to the project."""
        directory = package.directory
        if directory is None:
            return "."
        return os.path.normpath(os.path.join(directory.path, directory.subdirectory or ""))

    def _difference(self, package: Package, installed: InstalledPackages) -> str | None:
        name, version = package.name, installed.version(package.name)
        if version is None:
            return f"{name} is locked but not installed"
        if package.directory is not None:
            place = real_path(os.path.join(self._root, self._folder(package)))
            if installed.folder(name) != (place, package.directory.editable is True):
                return f"{name} is locked as {self._folder(package)}, but installed from another source"
            if not package.directory.editable:
                installed.note_unknown(f"the current files of {self._folder(package)}")
        elif package.vcs is not None:
            about = installed.origin(name).get("vcs_info")
            commit = about.get("commit_id") if isinstance(about, dict) else None
            if commit != package.vcs.commit_id:
                return f"{name} is locked as {package.vcs.commit_id[:12]}, but installed from another source"
        elif package.version is not None and package.version != _version(version):
            return f"{name} {package.version} is locked, but {version} is installed"
        elif package.archive is not None:
            return self._archive_difference(package.archive, name, installed)
        elif "vcs_info" in installed.origin(name) or installed.folder(name) is not None:
            return f"{name} is locked as an archive, but installed from another source"
        elif package.version is None:
            installed.note_unknown(f"{name}, which is locked without a version")
        return None

    def _archive_difference(
        self, archive: PackageArchive, name: str, installed: InstalledPackages
    ) -> str | None:
        address = Address.of(archive.url or archive.path or "", self._root)
        is_same = installed.is_from(name, address._replace(fields=dict(archive.hashes)))
        if is_same is None:
            installed.note_unknown(f"{name}, which is locked as {archive.url or archive.path}")
        return None if is_same is not False else f"{name} is locked as another archive"

    def _tags(self) -> Iterator[Any]:
        """Yield every tag of every wheel; the installer decides whether one fits."""
        from packaging.utils import parse_wheel_filename

        for package in self._lock.packages:
            for wheel in package.wheels or ():
                yield from parse_wheel_filename(wheel.filename)[3]


def _with_change(difference: str, package: Package, installed: InstalledPackages) -> str:
    """Return ``difference`` with the change that a sync makes, if the lock has a version."""
    if package.version is None:
        return difference
    return PackageDifference.of(
        difference, package.name, str(package.version), installed.version(package.name)
    )


def read(root: str, disk: Disk, name: str = NAME) -> EnvironmentLock | None:
    """Return the lock of the project in ``root`` in the file ``name``, if there is one.

    Raises:
        UnusableFile: the file cannot be read, or is no lock.
    """
    from packaging.pylock import Pylock, PylockValidationError

    path = os.path.join(root, name)
    document = disk.toml(path, LOCK_LIMIT)
    if document is None:
        return None
    try:
        return EnvironmentLock(root, name, document, Pylock.from_dict(document))
    except PylockValidationError as error:
        raise UnusableFile(path, f"is not a lock file: {error}") from None


def stale(
    selected: Mapping[str, Package],
    requirements: Iterable[Requirement],
    installed: InstalledPackages,
    source: str,
) -> Iterator[str]:
    """Yield a difference for each declared dependency that the lock does not satisfy."""
    for requirement in requirements:
        if not installed.applies(requirement):
            continue
        package = selected.get(normalized(requirement.name))
        text = str(requirement).partition(";")[0].strip()
        if package is None:
            yield f"{source} asks for {text}, which is not locked"
        elif package.version is not None and not fits(requirement, package.version):
            yield f"{source} asks for {text}, but {package.version} is locked"


def none_there(root: str) -> LockOutdated:
    """Return the error for a lock that is required and missing."""
    ways = "', '".join(command.strip("'") for command in _MAKERS.values())
    return LockOutdated(f"{root} has no {NAME}", f"Any of these writes one: '{ways}'.")


def _version(text: str) -> object:
    from packaging.version import Version

    try:
        return Version(text)
    except ValueError:
        return None
