"""What a project declares that its environment should hold, as what an installer can be given. Nothing is run.

The first of these that is there decides: the tables ``[project]``, ``[dependency-groups]`` (PEP 735) and ``[build-system]``
of ``pyproject.toml``; else ``requirements.txt``, with ``requirements-NAME.txt`` for the group NAME. What a lock says stands
in :mod:`python_workflow.workflows.pylock`.

The project itself is installed, editable, where it says how it is built: by a ``[build-system]``, or by a ``setup.py`` beside
its ``pyproject.toml``. A ``[project]`` without either is a list of dependencies, as for uv.
"""

from __future__ import annotations

import os

from python_workflow.discovery.packages import normalized
from python_workflow.discovery.tools.files import table_at
from python_workflow.errors import UnusableFile
from python_workflow.workflows.contract import Parts
from python_workflow.workflows.job import invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, NamedTuple

    from packaging.requirements import Requirement

    from python_workflow.discovery.disk import Disk
    from python_workflow.discovery.tools import Folder
else:
    from python_workflow.light import NamedTuple

PYPROJECT = "pyproject.toml"
REQUIREMENTS = "requirements.txt"
#: The group that is installed where none is named, if there is one: as uv does.
DEFAULT_GROUP = "dev"
#: The tables that declare something.
_TABLES = ("project", "build-system", "dependency-groups")
#: Where the requirements of a group are, in a project without groups of its own.
_OF_GROUP = ("requirements-{}.txt", "requirements_{}.txt", os.path.join("requirements", "{}.txt"))


class Itself(NamedTuple):
    """The project, where it can be installed. What it does not tell is known when it is built."""

    #: Normalized.
    name: str | None
    version: str | None
    extras: tuple[str, ...]
    #: The names of the programs that it brings.
    scripts: frozenset[str] | None


class Declared(NamedTuple):
    """What an environment should hold."""

    #: The file that says so, relative to the project; ``None`` where nothing does.
    source: str | None = None
    itself: Itself | None = None
    #: Of the project itself and its extras, as far as it tells them.
    own: tuple[Requirement, ...] = ()
    #: What is to be there besides.
    requirements: tuple[Requirement, ...] = ()
    #: Requirements files, relative to the project.
    files: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """For uv or pip, started in the project's folder: arguments to install it all."""
        words: list[str] = []
        named = self.requirements
        if self.itself is not None:
            words += ("-e", itself_in(".", self.itself.extras))
        else:
            named = (*self.own, *named)
        for file in self.files:
            words += ("-r", file)
        return (*words, "--", *map(str, named)) if named else tuple(words)


def declares(root: str, disk: Disk) -> bool:
    """Whether the project's ``pyproject.toml`` declares anything. Raises :class:`UnusableFile`."""
    document = disk.toml(os.path.join(root, PYPROJECT)) or {}
    return any(table in document for table in _TABLES)


def itself_in(folder: str, extras: Iterable[str]) -> str:
    """``folder`` with ``extras``, as installers take it."""
    wanted = ",".join(extras)
    return f"{folder}[{wanted}]" if wanted else folder


def declared(
    root: str, groups: tuple[str, ...] | None, extras: tuple[str, ...] | None, disk: Disk
) -> Declared:
    """What ``root`` declares, with these groups and extras; ``None`` for the default groups.

    Raises :class:`UnusableFile`, and :class:`InvalidParams` for a group or an extra that the project does not have.
    """
    path = os.path.join(root, PYPROJECT)
    document = disk.toml(path) or {}
    if any(table in document for table in _TABLES):
        return _PyProject(path, document).declared(
            groups, extras, has_setup=disk.is_file(os.path.join(root, "setup.py"))
        )
    if extras:
        raise invalid("extras", f"{root} has no pyproject.toml that declares extras")
    return _requirements(root, groups, disk)


def _requirements(root: str, groups: tuple[str, ...] | None, disk: Disk) -> Declared:
    files = [REQUIREMENTS] if disk.is_file(os.path.join(root, REQUIREMENTS)) else []
    for group in (DEFAULT_GROUP,) if groups is None else groups:
        # A group's name is no path.
        names = [name.format(group) for name in _OF_GROUP] if _is_name(group) else []
        found = [name for name in names if disk.is_file(os.path.join(root, name))]
        if found:
            files.append(found[0])
        elif groups is not None:
            raise invalid("groups", f"{root} declares no group {group!r}")
    return Declared(source=files[0], files=tuple(files)) if files else Declared()


def _is_name(text: str) -> bool:
    return text.replace("-", "").replace("_", "").replace(".", "").isalnum()


def parts(folder: Folder) -> Parts:
    """The groups and extras that the project declares. Raises :class:`UnusableFile`."""
    path = os.path.join(folder.root, PYPROJECT)
    document = folder.disk.toml(path) or {}
    return Parts(
        tuple(table_at(document, "dependency-groups")),
        tuple(table_at(document, "project", "optional-dependencies")),
    )


class _PyProject:
    """A ``pyproject.toml`` that declares something."""

    def __init__(self, path: str, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document
        self._project = self._table("project")

    def declared(
        self, groups: tuple[str, ...] | None, extras: tuple[str, ...] | None, *, has_setup: bool
    ) -> Declared:
        wanted = tuple(normalized(extra) for extra in extras or ())
        buildable = "build-system" in self._document or ("project" in self._document and has_setup)
        optional = {
            normalized(name): name for name in self._table("project", "optional-dependencies")
        }
        dynamic = self._strings("project", "dynamic")
        if "optional-dependencies" not in dynamic and "project" in self._document:
            for extra in wanted:
                if extra not in optional:
                    raise invalid("extras", _no_such("extra", extra, self._path, optional.values()))
        elif wanted and not buildable:
            raise invalid("extras", f"{self._path} declares no project that has extras")
        own = list(self._parsed(self._strings("project", "dependencies"), "[project] dependencies"))
        own += self._of_extras(wanted, optional)
        return Declared(
            PYPROJECT,
            self._itself(wanted, dynamic) if buildable else None,
            tuple(own),
            tuple(self._of_groups(groups)),
        )

    def _itself(self, extras: tuple[str, ...], dynamic: tuple[str, ...]) -> Itself:
        name, version = self._project.get("name"), self._project.get("version")
        told = "project" in self._document
        scripts = {
            *self._table("project", "scripts"),
            *self._table("project", "gui-scripts"),
        }
        return Itself(
            normalized(name) if isinstance(name, str) else None,
            version if isinstance(version, str) else None,
            extras,
            frozenset(scripts) if told and not {"scripts", "gui-scripts"} & {*dynamic} else None,
        )

    def _of_extras(self, wanted: Iterable[str], optional: dict[str, str]) -> Iterator[Requirement]:
        """What extras bring; one may name others, as extras of the project's own name."""
        own_name = normalized(str(self._project.get("name", "")))
        todo, seen = [*wanted], set[str]()
        while todo:
            extra = todo.pop()
            if extra in seen or extra not in optional:
                continue
            seen.add(extra)
            told = self._strings("project", "optional-dependencies", optional[extra])
            for requirement in self._parsed(told, f"the extra {extra!r}"):
                if normalized(requirement.name) == own_name:
                    todo += (normalized(one) for one in requirement.extras)
                else:
                    yield requirement

    def _of_groups(self, groups: tuple[str, ...] | None) -> Iterator[Requirement]:
        from packaging.dependency_groups import DependencyGroupResolver
        from packaging.errors import ExceptionGroup

        known = {normalized(name): name for name in self._table("dependency-groups")}
        if groups is None:
            groups = (DEFAULT_GROUP,) if DEFAULT_GROUP in known else ()
        if not groups:
            return
        for group in groups:
            if normalized(group) not in known:
                raise invalid("groups", _no_such("group", group, self._path, known.values()))
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
        from packaging.requirements import InvalidRequirement, Requirement

        for text in texts:
            try:
                yield Requirement(text)
            except InvalidRequirement as error:
                reason = str(error).splitlines()[0]
                raise UnusableFile(
                    self._path, f"{where}: {text!r} is no requirement: {reason}"
                ) from None

    def _table(self, *keys: str) -> dict[str, Any]:
        found = self._at(keys, {})
        if not isinstance(found, dict):
            raise UnusableFile(self._path, f"[{'.'.join(keys)}] is no table")
        return found

    def _strings(self, *keys: str) -> tuple[str, ...]:
        found = self._at(keys, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise UnusableFile(self._path, f"{'.'.join(keys)} is no list of strings")
        return tuple(found)

    def _at(self, keys: Iterable[str], default: object) -> object:
        found: object = self._document
        for key in keys:
            found = found.get(key, default) if isinstance(found, dict) else default
        return found


def _no_such(kind: str, name: str, path: str, known: Iterable[str]) -> str:
    there = ", ".join(sorted(known))
    return (
        f"{path} declares no {kind} {name!r}; there is {there}"
        if there
        else f"{path} declares no {kind}s"
    )
