"""Compare an environment with its declared or locked packages, from files alone."""

from __future__ import annotations

import os

from workflow_server.values import InSync, Package, Plan

from workflow_helper.discovery.environments import distributions
from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.errors import InvalidParams, UnusableFile
from workflow_helper.filesystem.paths import is_remote, path_of_file_url
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import origins
from workflow_helper.install.origins import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any, NamedTuple

    from packaging.markers import Marker
    from packaging.requirements import Requirement

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.install.declared import DeclaredDependencies, OwnProject
    from workflow_helper.install.requirements import Constraint, FileEntry, Hashed, LocalFolder
    from workflow_helper.model import Host
else:
    from workflow_server.namedtuple import NamedTuple

#: The most differences that a message lists.
MOST_LISTED = 3
#: The most bytes that are read of a file in a ``*.dist-info``.
_FILE_LIMIT = 1024 * 1024


def marker_variables(version: str | None, implementation: str) -> dict[str, str]:
    """Return the variables of environment markers for a Python of this machine.

    ``version`` is ``X.Y`` or ``X.Y.Z``, ``None`` if it is unknown: then this process's own is used.
    """
    from packaging.markers import default_environment

    found = {name: str(value) for name, value in default_environment().items()}
    if version is not None:
        full = ".".join([*version.split("."), "0"][:3])
        found.update(
            python_version=".".join(version.split(".")[:2]),
            python_full_version=full,
            implementation_version=full,
        )
    name = implementation.partition("+")[0]
    known = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}
    found.update(implementation_name=name, platform_python_implementation=known.get(name, name))
    return found


def marker_applies(marker: str | None, variables: Mapping[str, str], extra: str = "") -> bool:
    """Return whether ``marker`` is true when evaluated with ``variables``; an invalid one counts as true."""
    from packaging.markers import Marker

    if not marker:
        return True
    try:
        parsed = Marker(marker)
    except ValueError:  # of a newer standard
        return True
    return _holds(parsed, {**variables, "extra": extra})


def _holds(marker: Marker, variables: dict[str, str]) -> bool:
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    try:
        return marker.evaluate(variables)
    except (ValueError, UndefinedComparison, UndefinedEnvironmentName):
        return True  # Python refuses to parse a number of thousands of digits


#: The beginning of the message on what could not be compared.
UNKNOWN_PREFIX = "could not be compared: "


def sentence_of(differences: Iterable[str]) -> str:
    """Return differences as one sentence, empty without any."""
    everything = list(differences)
    listed, more = everything[:MOST_LISTED], len(everything) - MOST_LISTED
    if more > 0:
        listed.append(f"{more} more")
    # A difference may contain a comma: one before the "and" shows where the last begins, even of two.
    return ", and ".join(part for part in (", ".join(listed[:-1]), *listed[-1:]) if part)


class PackageDifference(str):
    """A difference of one package that is out of sync, with what a sync installs and removes for it."""

    __slots__ = ("install", "remove")

    install: Package | None
    remove: Package | None

    @classmethod
    def of(cls, text: str, name: str, locked: str | None, installed: str | None) -> str:
        """Return ``text`` as the difference of a package; ``None`` stands for a version that is not locked or installed."""
        difference = cls(text)
        difference.install = None if locked is None else Package(name, locked)
        difference.remove = None if installed is None else Package(name, installed)
        return difference


def plan_of(differences: Iterable[str]) -> Plan | None:
    """Return the plan of a sync for all ``differences``.

    It is ``None`` if one of them says nothing about what to install or remove.
    """
    listed = list(differences)
    differing = [one for one in listed if isinstance(one, PackageDifference)]
    if len(differing) < len(listed):
        return None
    return Plan(
        tuple(sorted(one.install for one in differing if one.install is not None)),
        tuple(sorted(one.remove for one in differing if one.remove is not None)),
    )


class InstalledPackages:
    """The packages of the environment at ``prefix``, or of a future one for ``None``.

    ``variables`` are the values that markers are evaluated with.
    """

    def __init__(
        self, prefix: str | None, variables: Mapping[str, str], host: Host, disk: Disk
    ) -> None:
        self.found: dict[str, distributions.Located] = {}
        self._variables = variables
        self.disk = disk
        #: What could not be compared, a few words each, in order.
        self.unknown: dict[str, None] = {}
        for one in () if prefix is None else distributions.records(prefix, host, disk):
            name, version = normalized(one.distribution.name), one.distribution.version
            known = self.found.setdefault(name, one).distribution.version
            if known != version:
                self.note_unknown(f"{name}, which is recorded as {known} and as {version}")
        #: The first error because of which an installer would fail, if one is known.
        self.unusable: UnusableFile | None = None

    def version(self, name: str) -> str | None:
        """Return the installed version of the package with the normalized ``name``; ``None`` if it is not installed."""
        one = self.found.get(name)
        return None if one is None else one.distribution.version

    def note_unknown(self, what: str) -> None:
        """Note that ``what`` could not be compared, so that the environment is not reported as in sync."""
        self.unknown[what] = None

    def marker_applies(self, marker: str) -> bool:
        """Return whether ``marker`` is true in this environment."""
        return marker_applies(marker, self._variables)

    def is_from(self, name: str, address: Address) -> bool | None:
        """Return whether the installed package ``name`` comes from the address; ``None`` if files do not show that."""
        return origins.is_from(address, self.origin(name), self.disk)

    def applies(self, requirement: Requirement, extra: str = "") -> bool:
        """Return whether the marker of ``requirement`` is true in this environment."""
        marker = requirement.marker
        return marker is None or _holds(marker, {**self._variables, "extra": extra})

    def origin(self, name: str) -> dict[str, Any]:
        """Return the recorded origin of a distribution (``direct_url.json``); empty if it came from an index."""
        import json

        try:
            record = json.loads(self._text(name, "direct_url.json") or "{}")
        except (ValueError, RecursionError):
            return {}
        return record if isinstance(record, dict) else {}

    def folder(self, name: str) -> tuple[str, bool] | None:
        """Return the folder that a distribution was installed from, with its links resolved, and whether it is editable."""
        origin = self.origin(name)
        path = path_of_file_url(str(origin.get("url", "")))
        about = origin.get("dir_info")
        if path is None or is_remote(path) or not isinstance(about, dict):
            return None
        return real_path(path), about.get("editable") is True

    def editable_from(self, path: str) -> str | None:
        """Return the package that is installed, as editable, from the folder ``path``."""
        real = real_path(path)
        return next((name for name in self.found if self.folder(name) == (real, True)), None)

    def scripts(self, name: str) -> frozenset[str]:
        """Return the programs of a distribution."""
        section, found = "", set()
        for line in (self._text(name, "entry_points.txt") or "").splitlines():
            word = line.strip()
            if word.startswith("["):
                section = word.strip("[]").strip()
            elif section in ("console_scripts", "gui_scripts") and "=" in word:
                found.add(word.partition("=")[0].strip())
        return frozenset(found)

    def unmet(self, requirements: Iterable[Requirement], source: str) -> Iterator[str]:
        """Yield a difference for each unmet one of ``requirements``, which ``source`` declares, and of their dependencies."""
        todo = [(one, "") for one in requirements if self.applies(one)]
        seen: set[tuple[str, str]] = set()
        while todo:
            requirement, needed_by = todo.pop(0)
            name = normalized(requirement.name)
            version = self.version(name)
            by = f"{needed_by} needs" if needed_by else f"{source} asks for"
            if version is None:
                yield f"{by} {_short(requirement)}, which is not installed"
                continue
            if not fits(requirement, version):
                yield f"{by} {_short(requirement)}, but {version} is installed"
            yield from self._source_differences(requirement, by)
            if requirement.specifier and not _is_version(version):
                self.note_unknown(f"{name} {version}, which is not a version")
            for extra in ("", *map(normalized, requirement.extras)):
                if (name, extra) not in seen:
                    seen.add((name, extra))
                    todo += [(one, name) for one in self._needs(name, extra)]

    def _source_differences(self, requirement: Requirement, by: str) -> Iterator[str]:
        """Yield a difference for a requirement with an address that is installed from another source."""
        if requirement.url is None:
            return
        if "${" in requirement.url:
            is_same = None
        else:
            address = Address.of(requirement.url, os.sep)
            is_same = self.is_from(normalized(requirement.name), address)
        if is_same is False:
            yield f"{by} {_short(requirement)}, but it is installed from another source"
        elif is_same is None:
            self.note_unknown(_short(requirement))

    def _needs(self, name: str, extra: str) -> Iterator[Requirement]:
        from packaging.requirements import Requirement

        if not any(distributions.metadata(self.found[name].folder, self.disk)):
            self.note_unknown(f"what {name} needs")
        for key, value in distributions.metadata(self.found[name].folder, self.disk):
            if key != "requires-dist":
                continue
            try:
                requirement = Requirement(value)
            except ValueError:
                self.note_unknown(f"what {name} needs ({value})")
                continue
            # Requirements that apply without the extra have been checked already.
            if self.applies(requirement, extra) and not (extra and self.applies(requirement)):
                yield requirement

    def _text(self, name: str, file: str) -> str | None:
        one = self.found.get(name)
        if one is None:
            return None
        try:
            return self.disk.text(os.path.join(one.folder, file), _FILE_LIMIT)
        except UnusableFile:
            return None


class LockedPackage(NamedTuple):
    """One package of a tool's lock file, compared with what is installed as far as files show it."""

    #: Normalized.
    name: str
    #: ``None`` for any.
    version: str | None = None
    #: The folder that it is installed from, absolute.
    folder: str | None = None
    editable: bool = False
    #: The commit that it is installed from.
    commit: str | None = None
    #: Where else it is installed from: an archive, an editable repository, or one without a locked commit.
    address: Address | None = None
    #: It must come from an index: an installation from another source differs.
    of_index: bool = False

    def at(
        self, place: str, root: str, *, editable: bool = False, files: object = None
    ) -> LockedPackage:
        """Return this package with the folder, archive or address that a lock names.

        ``files`` are the lock's entries for its archives.
        """
        address = Address.of(place, root)
        if not is_remote(address.place) and os.path.isdir(address.place):
            return self._replace(folder=address.place, editable=editable)
        return self._replace(address=address.with_hashes(files))

    def of_repository(self, url: str, commit: str | None, *, editable: bool) -> LockedPackage:
        """Return this package with the repository at ``url`` (``git+https://...``)."""
        if commit is not None and not editable:
            return self._replace(commit=commit)
        # The commit of an editable repository is recorded only in its clone, and a branch moves: the address is compared
        # instead.
        return self._replace(address=Address.of(f"{url}@{commit or ''}", os.sep))


def out_of_sync(
    locked: Iterable[LockedPackage],
    installed: InstalledPackages,
    lock: str,
    exempt: Collection[str],
) -> Iterator[str]:
    """Yield the differences between the ``locked`` and the installed packages, except for the names ``exempt``.

    ``lock`` is the name of the lock file. ``installed`` notes what cannot be compared.
    """
    names = {*exempt}
    for one in locked:
        names.add(one.name)
        version = installed.version(one.name)
        if version is None:
            text = f"{one.name} {one.version or ''}".rstrip() + " is not installed"
        elif one.version is not None and not _same(one.version, version):
            text = f"{one.name} {one.version} is locked, but {version} is installed"
        elif (is_elsewhere := _is_from_elsewhere(one, installed)) is not False:
            if is_elsewhere is None:  # files do not show it
                installed.note_unknown(f"the current files of {one.folder or one.name}")
                continue
            text = f"{one.name} is installed from another source than {lock} says"
        else:
            continue
        yield (
            text
            if one.version is None
            else PackageDifference.of(text, one.name, one.version, version)
        )
    for name in sorted(installed.found.keys() - names):
        version = installed.version(name)
        yield PackageDifference.of(f"{name} {version} is not in {lock}", name, None, version)


def _is_from_elsewhere(one: LockedPackage, installed: InstalledPackages) -> bool | None:
    """Return whether it is installed from another source than the locked one; ``None`` if files do not show that."""
    if one.folder is not None:
        if installed.folder(one.name) != (real_path(one.folder), one.editable):
            return True
        return False if one.editable else None  # a copy: the folder may have changed since
    if one.commit is not None:
        about = installed.origin(one.name).get("vcs_info")
        return not isinstance(about, dict) or about.get("commit_id") != one.commit
    if one.address is not None:
        is_same = installed.is_from(one.name, one.address)
        return None if is_same is None else not is_same
    return one.of_index and bool(installed.origin(one.name))


def differences(
    declared: DeclaredDependencies, root: str, installed: InstalledPackages, disk: Disk
) -> Iterator[str]:
    """Yield the differences from the declared dependencies; ``installed`` notes what cannot be compared."""
    from workflow_helper.install.requirements import read as read_requirements

    source = declared.source or ""
    for what in declared.unknown:
        installed.note_unknown(what)
    requirements: list[Requirement] = [*declared.own, *declared.requirements]
    if declared.own_project is not None:
        name = declared.own_project.name or installed.editable_from(root)
        own_differences = list(own_project_differences(declared.own_project, name, root, installed))
        yield from own_differences
        if name is not None and not own_differences:
            requirements.append(_requirement(name, declared.own_project.extras))
    for file in declared.files:
        for one in read_requirements(file, root, disk):
            yield from _entry_differences(one, file, root, installed, requirements)
    yield from installed.unmet(requirements, source)


def _entry_differences(
    one: FileEntry,
    file: str,
    root: str,
    installed: InstalledPackages,
    requirements: list[Requirement],
) -> Iterator[str]:
    """Yield the differences from a line of a requirements file; plain requirements are added to ``requirements``."""
    from workflow_helper.install import requirements as files

    if isinstance(one, str):
        yield from _address_differences(one, file, root, installed, requirements)
    elif isinstance(one, files.LocalFolder):
        yield from _folder_differences(one, file, root, installed, requirements)
    elif isinstance(one, files.Constraint):
        yield from _constraint_differences(one, installed)
    elif isinstance(one, files.Hashed):
        yield from _hash_differences(one, file, installed)
    elif isinstance(one, files.Unread):
        installed.note_unknown(one.what)
        installed.unusable = installed.unusable or one.error
    else:
        requirements.append(one)


def _address_differences(
    text: str, file: str, root: str, installed: InstalledPackages, requirements: list[Requirement]
) -> Iterator[str]:
    """Yield the differences from an archive, a repository, or another entry that only an installer understands."""
    from workflow_helper.install.requirements import split_requirement

    place, marker, extras = split_requirement(text)
    if not installed.marker_applies(marker):
        return
    name, version = origins.name_and_version(place)
    if "${" in text or (name is None and is_remote(place)):
        installed.note_unknown(f"{text} of {file}")
        return
    address = Address.of(place, root)
    if name is not None and name not in installed.found:
        yield f"{file} asks for {place}, which is not installed"
    elif name is not None:
        yield from _named_differences(address, place, name, version, file, installed)
        requirements.append(_requirement(name, extras))
    else:
        found = [one for one in installed.found if installed.origin(one)]
        matches = {one: installed.is_from(one, address) for one in found}
        names = [one for one, is_it in matches.items() if is_it]
        if not installed.found:
            yield f"{file} asks for {place}, which is not installed"
        elif not names:
            installed.note_unknown(f"{place} of {file}")
        requirements += (_requirement(one, extras) for one in names)


def _named_differences(
    address: Address,
    place: str,
    name: str,
    version: str | None,
    file: str,
    installed: InstalledPackages,
) -> Iterator[str]:
    is_same = installed.is_from(name, address)
    if version is not None and not _same(version, installed.version(name)):
        yield f"{file} asks for {place}, but {installed.version(name)} is installed"
    elif is_same is False:
        yield f"{file} asks for {place}, but {name} is installed from another source"
    elif is_same is None:
        installed.note_unknown(f"{place} of {file}")


def _folder_differences(
    folder: LocalFolder,
    file: str,
    root: str,
    installed: InstalledPackages,
    requirements: list[Requirement],
) -> Iterator[str]:
    if not installed.marker_applies(folder.marker):
        return
    real = (real_path(folder.path), folder.editable)
    names = [name for name in installed.found if installed.folder(name) == real]
    if not names:
        yield f"{file} asks for {os.path.relpath(folder.path, root)}, which is not installed"
    elif not folder.editable:
        installed.note_unknown(f"the current files of {os.path.relpath(folder.path, root)}")
    else:
        requirements += _declared_in(folder, installed)
    requirements += (_requirement(name, folder.extras) for name in names)


def _declared_in(folder: LocalFolder, installed: InstalledPackages) -> tuple[Requirement, ...]:
    """Return the requirements that an editable folder declares now, as far as they are static."""
    from workflow_helper.install import declared as install_declared

    try:
        found = install_declared.declared(folder.path, (), folder.extras, installed.disk)
    except (UnusableFile, InvalidParams):
        installed.note_unknown(f"what {folder.path} declares")
        return ()
    return found.own


def _constraint_differences(one: Constraint, installed: InstalledPackages) -> Iterator[str]:
    requirement = one.requirement
    version = installed.version(normalized(requirement.name))
    if version is None or not installed.applies(requirement):
        return
    if requirement.url is not None or not _is_version(version):
        installed.note_unknown(f"{_short(requirement)} of {one.file}")
    elif not fits(requirement, version):
        yield f"{one.file} allows {_short(requirement)}, but {version} is installed"


def _hash_differences(one: Hashed, file: str, installed: InstalledPackages) -> Iterator[str]:
    """Yield a difference if the recorded digest of an archive differs; nothing is recorded for packages from an index."""
    from packaging.requirements import Requirement

    from workflow_helper.install.requirements import split_requirement

    try:
        requirement = Requirement(one.text)
    except ValueError:
        name = origins.name_and_version(split_requirement(one.text)[0])[0]
    else:
        name = normalized(requirement.name)
        if not installed.applies(requirement):
            return
    if name is not None and name not in installed.found:
        return  # reported already
    about = installed.origin(name).get("archive_info") if name is not None else None
    recorded = origins.hashes_of(about) if isinstance(about, dict) else {}
    digests = [hashed.partition(":")[::2] for hashed in one.hashes]
    results = {origins.same_digest({kind: digest.lower()}, recorded) for kind, digest in digests}
    if results == {False}:
        yield f"{file} asks for {one.text} with another digest than the installed one"
    elif True not in results:
        installed.note_unknown(f"the digest of {one.text}")


def in_sync(differences: Iterable[str], unknown: Iterable[str]) -> InSync:
    """Return the answer: not in sync if anything differs, else unknown if something could not be compared."""
    listed = list(differences)
    message, unknown_message = sentence_of(listed), sentence_of(unknown)
    if message or not unknown_message:
        return InSync(not message, message, None if unknown_message else plan_of(listed))
    return InSync(in_sync=None, message=f"{UNKNOWN_PREFIX}{unknown_message}")


def own_project_differences(
    own_project: OwnProject, name: str | None, root: str, installed: InstalledPackages
) -> Iterator[str]:
    """Yield the differences between the project in ``root`` and its editable installation ``name``."""
    if name is None or name not in installed.found:
        yield "the project itself is not installed"
    elif installed.folder(name) != (real_path(root), True):
        yield f"the project itself is not installed from {root} as editable"
    elif own_project.version is not None and not _same(
        own_project.version, installed.version(name)
    ):
        yield f"the project's version is {own_project.version}, but {installed.version(name)} is installed"
    elif own_project.scripts is not None and own_project.scripts != installed.scripts(name):
        yield "the project's scripts are not those that are installed"


def _requirement(name: str, extras: tuple[str, ...]) -> Requirement:
    from packaging.requirements import Requirement

    from workflow_helper.install.declared import with_extras

    return Requirement(with_extras(name, extras))


def fits(requirement: Requirement, version: object) -> bool:
    """Return whether ``requirement`` allows ``version``; an invalid version is accepted."""
    from packaging.version import Version

    try:
        known = Version(str(version))
    except ValueError:
        return True
    try:
        return requirement.specifier.contains(known, prereleases=True)
    except ValueError:  # Python refuses to parse a number of thousands of digits
        return False


def _same(one: str, other: str | None) -> bool:
    from packaging.version import Version

    try:
        return other is not None and Version(one) == Version(other)
    except ValueError:
        return one == other


def _is_version(text: str) -> bool:
    from packaging.version import Version

    try:
        Version(text)
    except ValueError:
        return False
    return True


def _short(requirement: Requirement) -> str:
    """Return a requirement without its marker."""
    return str(requirement).partition(";")[0].strip()
