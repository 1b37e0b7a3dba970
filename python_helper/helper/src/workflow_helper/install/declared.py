"""The dependencies that a project declares, in the form that an installer takes. Nothing is run.

The first of these that exists decides: the tables ``[project]``, ``[dependency-groups]`` (PEP 735) and
``[build-system]`` of ``pyproject.toml``; else ``requirements.txt``. A file such as ``requirements-NAME.txt`` or
``NAME-requirements.txt`` is the group NAME where no table has one of that name. For locks see
:mod:`workflow_helper.install.pylock`.

The project itself is installed, as editable, if it declares how it is built: by a ``[build-system]``, or by a
``setup.py`` beside its ``pyproject.toml``. As for uv, a ``[project]`` without either is only a list of dependencies.
"""

from __future__ import annotations

import os

from workflow_server.errors import invalid_param

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools.files import table_at
from workflow_helper.errors import UnusableFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, NamedTuple

    from packaging.requirements import Requirement

    from workflow_helper.discovery.tools import Folder
    from workflow_helper.filesystem.reader import Disk
else:
    from workflow_server.namedtuple import NamedTuple

PYPROJECT = "pyproject.toml"
REQUIREMENTS = "requirements.txt"
#: The group that is installed where none is named, if there is one: as uv does.
DEFAULT_GROUP = "dev"
#: The tables that declare something.
_TABLES = ("project", "build-system", "dependency-groups")
#: The beginning and the end of the name of a group's requirements file, in the project's folder.
_GROUP_FILE_NAMES = (
    ("requirements-", ".txt"),
    ("requirements_", ".txt"),
    ("requirements.", ".txt"),
    ("", "-requirements.txt"),
    ("", "_requirements.txt"),
    ("", ".requirements.txt"),
)
#: A folder whose files are groups, each by its name.
_GROUP_FOLDER = "requirements"
#: Names of requirements files that are no group: they lock everything, or hold constraints.
_NOT_GROUPS = frozenset(("lock", "locked", "freeze", "frozen", "constraints"))


class DependencyGroups(NamedTuple):
    """The groups and extras of a project, by name."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class OwnProject(NamedTuple):
    """The project itself, if it can be installed; some of its metadata may be known only after building it."""

    #: Normalized.
    name: str | None
    version: str | None
    extras: tuple[str, ...]
    #: The names of the programs that it brings.
    scripts: frozenset[str] | None


class DeclaredDependencies(NamedTuple):
    """The requirements of an environment."""

    #: The file that declares them, relative to the project; ``None`` if no file does.
    source: str | None = None
    own_project: OwnProject | None = None
    #: The requirements of the project itself and of its extras, as far as its files declare them.
    own: tuple[Requirement, ...] = ()
    #: All other requirements.
    requirements: tuple[Requirement, ...] = ()
    #: Requirements files, relative to the project.
    files: tuple[str, ...] = ()
    #: What only a build of the project would show, a few words each.
    unknown: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments for uv or pip, started in the project's folder, that install all of it."""
        words: list[str] = []
        named = self.requirements
        if self.own_project is not None:
            words += ("-e", with_extras(".", self.own_project.extras))
        else:
            named = (*self.own, *named)
        for file in self.files:
            words += ("-r", file)
        return (*words, "--", *map(str, named)) if named else tuple(words)


def declares(root: str, disk: Disk) -> bool:
    """Return whether the project's ``pyproject.toml`` declares anything.

    Raises:
        UnusableFile: the file cannot be read.
    """
    document = disk.toml(os.path.join(root, PYPROJECT)) or {}
    return any(table in document for table in _TABLES)


def with_extras(folder: str, extras: Iterable[str]) -> str:
    """Return ``folder`` with ``extras`` as a requirement for installers."""
    joined = ",".join(extras)
    return f"{folder}[{joined}]" if joined else folder


def declared(
    root: str,
    groups: tuple[str, ...] | None,
    extras: tuple[str, ...] | None,
    disk: Disk,
    *,
    files: bool = True,
) -> DeclaredDependencies:
    """Return the dependencies that ``root`` declares, with these groups and extras; ``None`` for the default groups.

    ``files``: requirements files are groups too, in addition to those of ``pyproject.toml``.

    Raises:
        UnusableFile: a file cannot be read, or is invalid.
        InvalidParams: the project does not have such a group or extra.
    """
    path = os.path.join(root, PYPROJECT)
    document = disk.toml(path) or {}
    if any(table in document for table in _TABLES):
        return _PyProject(
            path, document, group_files(root, disk) if files and groups else {}
        ).declared(groups, extras, has_setup=disk.is_file(os.path.join(root, "setup.py")))
    if extras:
        raise invalid_param("extras", f"{root} has no pyproject.toml that declares extras")
    return _requirements(root, groups, disk)


def _requirements(root: str, groups: tuple[str, ...] | None, disk: Disk) -> DeclaredDependencies:
    files = [REQUIREMENTS] if disk.is_file(os.path.join(root, REQUIREMENTS)) else []
    known = group_files(root, disk)
    for group in (DEFAULT_GROUP,) if groups is None else groups:
        found = known.get(normalized(group))
        if found is not None:
            files.append(found)
        elif groups is not None:
            raise invalid_param("groups", _no_such("group", group, root, known))
    return (
        DeclaredDependencies(source=files[0], files=tuple(files))
        if files
        else DeclaredDependencies()
    )


def group_files(root: str, disk: Disk) -> dict[str, str]:
    """Return the requirements file of each group, by its normalized name, relative to ``root``."""
    found: dict[str, str] = {}
    for name, file in _named_by_files(root, disk):
        if name and _is_name(name) and disk.is_file(os.path.join(root, file)):
            found.setdefault(normalized(name), file)
    return found


def _named_by_files(root: str, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the names of possible groups in requirements files, and their files, in order of precedence."""
    names = disk.names(root)
    for begin, end in _GROUP_FILE_NAMES:
        for file in names:
            if file.startswith(begin) and file.endswith(end):
                yield file[len(begin) : -len(end)], file
    for file in disk.names(os.path.join(root, _GROUP_FOLDER)):
        stem, ending = os.path.splitext(file)
        if ending == ".txt":
            yield stem, os.path.join(_GROUP_FOLDER, file)


def _is_name(text: str) -> bool:
    return text.replace("-", "").replace("_", "").replace(".", "").isalnum()


def parts(folder: Folder) -> DependencyGroups:
    """Return the groups and extras that the project declares.

    Raises:
        UnusableFile: ``pyproject.toml`` cannot be read.
    """
    path = os.path.join(folder.root, PYPROJECT)
    document = folder.disk.toml(path) or {}
    return DependencyGroups(
        tuple(table_at(document, "dependency-groups")),
        tuple(table_at(document, "project", "optional-dependencies")),
    )


def parts_with_files(folder: Folder) -> DependencyGroups:
    """Return the groups and extras, including groups in requirements files.

    Raises:
        UnusableFile: ``pyproject.toml`` cannot be read.
    """
    declared_parts = parts(folder)
    known = {normalized(group) for group in declared_parts.groups}
    more = (
        name
        for name in sorted(group_files(folder.root, folder.disk))
        if name not in known and name not in _NOT_GROUPS
    )
    return DependencyGroups((*declared_parts.groups, *more), declared_parts.extras)


class _PyProject:
    """A ``pyproject.toml`` that declares something, and requirements files for groups that it lacks."""

    def __init__(self, path: str, document: dict[str, Any], files: Mapping[str, str]) -> None:
        self._path = path
        self._document = document
        self._files = files
        self._project = self._table("project")

    def declared(
        self, groups: tuple[str, ...] | None, extras: tuple[str, ...] | None, *, has_setup: bool
    ) -> DeclaredDependencies:
        extra_names = tuple(normalized(extra) for extra in extras or ())
        buildable = "build-system" in self._document or ("project" in self._document and has_setup)
        optional = {
            normalized(name): name for name in self._table("project", "optional-dependencies")
        }
        dynamic = self._strings("project", "dynamic")
        if "optional-dependencies" not in dynamic and "project" in self._document:
            for extra in extra_names:
                if extra not in optional:
                    raise invalid_param(
                        "extras", _no_such("extra", extra, self._path, optional.values())
                    )
        elif extra_names and not buildable:
            raise invalid_param("extras", f"{self._path} declares no project that has extras")
        own = list(self._parsed(self._strings("project", "dependencies"), "[project] dependencies"))
        own += self._of_extras(extra_names, optional)
        return DeclaredDependencies(
            PYPROJECT,
            self._own_project(extra_names, dynamic) if buildable else None,
            tuple(own),
            tuple(self._of_groups(groups)),
            tuple(self._of_files(groups or ())),
            tuple(
                f"{key}, which {PYPROJECT} leaves to the build"
                for key in ("dependencies", *(["optional-dependencies"] if extra_names else ()))
                if key in dynamic
            ),
        )

    def _own_project(self, extras: tuple[str, ...], dynamic: tuple[str, ...]) -> OwnProject:
        name, version = self._project.get("name"), self._project.get("version")
        has_table = "project" in self._document
        scripts = {
            *self._table("project", "scripts"),
            *self._table("project", "gui-scripts"),
        }
        return OwnProject(
            normalized(name) if isinstance(name, str) else None,
            version if isinstance(version, str) else None,
            extras,
            frozenset(scripts)
            if has_table and not {"scripts", "gui-scripts"} & {*dynamic}
            else None,
        )

    def _of_extras(
        self, extra_names: Iterable[str], optional: dict[str, str]
    ) -> Iterator[Requirement]:
        """Yield the requirements of extras; an extra may include others by requiring the project itself with them."""
        own_name = normalized(str(self._project.get("name", "")))
        todo, seen = [*extra_names], set[str]()
        while todo:
            extra = todo.pop()
            if extra in seen or extra not in optional:
                continue
            seen.add(extra)
            texts = self._strings("project", "optional-dependencies", optional[extra])
            for requirement in self._parsed(texts, f"the extra {extra!r}"):
                if normalized(requirement.name) == own_name:
                    todo += (normalized(one) for one in requirement.extras)
                else:
                    yield requirement

    def _of_files(self, groups: Iterable[str]) -> Iterator[str]:
        """Yield the requirements files of the requested groups."""
        known = {normalized(name) for name in self._table("dependency-groups")}
        for name in dict.fromkeys(normalized(group) for group in groups):
            if name not in known and name in self._files:
                yield self._files[name]

    def _of_groups(self, groups: tuple[str, ...] | None) -> Iterator[Requirement]:
        from packaging.dependency_groups import DependencyGroupResolver
        from packaging.errors import ExceptionGroup

        known = {normalized(name): name for name in self._table("dependency-groups")}
        if groups is None:
            groups = (DEFAULT_GROUP,) if DEFAULT_GROUP in known else ()
        for group in groups:
            if normalized(group) not in known and normalized(group) not in self._files:
                there = (*known.values(), *self._files)
                raise invalid_param("groups", _no_such("group", group, self._path, there))
        groups = tuple(group for group in groups if normalized(group) in known)
        if not groups:
            return
        try:
            resolver = DependencyGroupResolver(self._table("dependency-groups"))
            found = [one for group in groups for one in resolver.resolve(group)]
        except ExceptionGroup as error:
            reason: Exception = error.exceptions[0]
        except (LookupError, TypeError, ValueError) as error:
            reason = error
        else:
            yield from dict.fromkeys(found)
            return
        raise UnusableFile(self._path, f"[dependency-groups]: {reason}")

    def _parsed(self, texts: Iterable[str], where: str) -> Iterator[Requirement]:
        from packaging.requirements import Requirement

        for text in texts:
            try:
                yield Requirement(text)
            except ValueError as error:
                reason = str(error).splitlines()[0]
                raise UnusableFile(
                    self._path, f"{where}: {text!r} is not a requirement: {reason}"
                ) from None

    def _table(self, *keys: str) -> dict[str, Any]:
        found = self._at(keys, {})
        if not isinstance(found, dict):
            raise UnusableFile(self._path, f"[{'.'.join(keys)}] is not a table")
        return found

    def _strings(self, *keys: str) -> tuple[str, ...]:
        found = self._at(keys, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise UnusableFile(self._path, f"{'.'.join(keys)} is not a list of strings")
        return tuple(found)

    def _at(self, keys: Iterable[str], default: object) -> object:
        found: object = self._document
        for key in keys:
            found = found.get(key, default) if isinstance(found, dict) else default
        return found


def _no_such(kind: str, name: str, path: str, known: Iterable[str]) -> str:
    there = ", ".join(sorted(known))
    return (
        f"{path} declares no {kind} {name!r} (it has {there})"
        if there
        else f"{path} declares no {kind}s"
    )
