"""The declared contents of hatch's environments: read from files, or queried from hatch where files are not enough.

Checked against hatch 1.18. Files are not enough for a project with its own collector, or for an environment with
``overrides``, a type other than ``virtual``, or fields in its options that only hatch can fill in. Starting hatch
executes the files of collectors, so that is done only in a trusted project.
"""

from __future__ import annotations

import json
import os
import tempfile
from itertools import islice

from workflow_server.errors import invalid_param

from workflow_helper.discovery.environments.distributions import normalized
from workflow_helper.discovery.tools import hatch
from workflow_helper.discovery.tools.files import at, flag_at, named, real_root, table_at, text_at
from workflow_helper.errors import InvalidParams, Protected, UnusableFile
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import declared as install_declared
from workflow_helper.install.installed_state import InstalledPackages, marker_variables
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, NamedTuple

    from packaging.requirements import Requirement

    from workflow_helper.backends.context import BackendContext
else:
    from workflow_server.namedtuple import NamedTuple

#: Of hatch's own variables, those by which it would act on another environment or project, or say less or more; and those
#: by which the uv that it starts would.
VARIABLES: Mapping[str, str | None] = {
    "HATCH_ENV": None,
    "HATCH_ENV_ACTIVE": None,
    "HATCH_PROJECT": None,
    "HATCH_QUIET": None,
    "HATCH_VERBOSE": None,
    "HATCH_INTERACTIVE": "false",
    # How wide its tracebacks are, in which it would break lines.
    "COLUMNS": "400",
}
#: Options of a template that are its own.
_NOT_INHERITED = ("matrix", "template", "detached")
#: The number of folders that one entry of a workspace stands for.
_MOST_MEMBERS = 1000
#: The number of environments that an error names.
_MOST_LISTED = 20
#: The number of characters of a script that are shown.
_LONGEST = 200
#: The depth to which fields in fields of a text are filled in, as in hatch.
_DEPTH = 10
#: Environments of plug-ins' types, which hatch is queried for one by one.
_MAX_QUERIES = 32


class NeedsHatchError(Exception):
    """Files are not enough: only hatch itself can answer."""


class Workplace(NamedTuple):
    """A project that is installed, or the member of a workspace."""

    folder: str
    #: Normalized; ``None`` where it is known when the project is built.
    name: str | None
    editable: bool = True
    extras: tuple[str, ...] = ()


class HatchDependencies(NamedTuple):
    """The requirements of an environment."""

    #: The file that says so, relative to the project.
    source: str
    #: The project's folder.
    root: str
    workplaces: tuple[Workplace, ...]
    requirements: tuple[Requirement, ...]


class HatchEnvironment(NamedTuple):
    """An environment with all its options, including those of its templates."""

    name: str
    options: dict[str, Any]
    #: Its part of the matrix.
    variables: Mapping[str, str]
    #: Whether hatch listed it: then nothing in its options is to be filled in any more.
    listed: bool = False


class HatchConfiguration:
    """The environments of the project of ``context``.

    Raises:
        UnusableFile: a file cannot be used.
    """

    def __init__(self, context: BackendContext) -> None:
        self._job = context
        self.folder = hatch.project(context.project.folder)
        #: As hatch sees it.
        self.root = real_root(self.folder)
        for name in ("pyproject.toml", "hatch.toml"):
            context.disk.toml(os.path.join(self.folder.root, name))
        self.settings = hatch.settings(self.folder)
        self._environments = table_at(self.settings, "envs")
        self._expanded = [*islice(hatch.expanded(self._environments), hatch.MOST_ENVIRONMENTS)]
        has_own = "envs" in (context.disk.toml(os.path.join(self.folder.root, "hatch.toml")) or {})
        #: The file that declares the environments.
        self.source = "hatch.toml" if has_own else install_declared.PYPROJECT

    # Environments.

    @property
    def is_static(self) -> bool:
        """Return whether files alone show which environments exist, and where."""
        if table_at(self.settings, "env", "collectors"):
            return False
        return all(
            text_at(one.options, "type") == hatch.VIRTUAL and not one.options.get("overrides")
            for one in self._declared()
        )

    def names(self) -> list[str]:
        """Return the names of the project's own environments that the files declare."""
        return [one.name for one in self._expanded if not one.name.startswith(hatch.INTERNAL)]

    def environment(self, name: str) -> HatchEnvironment:
        """Return the environment ``name``.

        If files are not enough, hatch is queried with :meth:`ask`.

        Raises:
            InvalidParams: there is no such environment.
            ToolNotInstalled: hatch has to be queried, and is not installed.
            Protected: hatch lacks plug-ins, or may not be started because the project is not trusted.
            RequestFailed: hatch failed; the subclass depends on its output.
        """
        if name.partition(".")[0] == hatch.TEST:
            found = next((one for one in self.of_tests() if one.name == name), None)
        else:
            try:
                return self.by_files(name)
            except NeedsHatchError:
                found = self.shown().get(name)
        if found is None:
            raise self.no_such(name)
        return found

    def by_files(self, name: str) -> HatchEnvironment:
        """Return the same, from files alone.

        Raises:
            InvalidParams: there is no such environment.
            NeedsHatchError: files are not enough.
        """
        if table_at(self.settings, "env", "collectors"):
            raise NeedsHatchError
        found = next((one for one in self._declared() if one.name == name), None)
        if found is None:
            raise self.no_such(name)
        options = found.options
        if options.get("overrides") or options["type"] != hatch.VIRTUAL:
            raise NeedsHatchError
        if options.get("workspace") and not self._job.trusted:
            raise NeedsHatchError  # its members are looked for wherever it says
        self._fill_in_all(found)
        return found

    def no_such(self, name: str) -> InvalidParams:
        """Return the error for an environment that is not declared."""
        names = self.names()
        there = ", ".join(names[:_MOST_LISTED]) + (
            " and others" if len(names) > _MOST_LISTED else ""
        )
        return invalid_param(
            "name", f"{self.source} declares no environment {name!r} (it has {there})"
        )

    def shown(self) -> dict[str, HatchEnvironment]:
        """Return the names of the project's own environments, as hatch lists them."""
        self._check_trusted()
        output = self.ask("listing hatch's environments", "env", "show", "--json")
        declared = {one.name: one.variables for one in self._expanded}
        return {
            name: HatchEnvironment(name, options, declared.get(name, {}), listed=True)
            for name, options in parse_environments(output, self.source).items()
        }

    def shown_places(self) -> Iterator[tuple[str, str]]:
        """Yield every environment with its folder, as hatch reports them."""
        storage = hatch.storage(self.folder)
        queries = 0
        for name, one in self.shown().items():
            prefix = None
            if text_at(one.options, "type") == hatch.VIRTUAL and storage is not None:
                path = text_at(one.options, "path") or ""
                prefix = hatch.place(self.folder, storage, name, path)
            elif queries < _MAX_QUERIES:
                queries += 1
                prefix = self.find(name)
            if prefix is not None and os.path.isabs(prefix):
                yield name, prefix

    def find(self, name: str) -> str:
        """Return the folder of an environment, existing or not; for types other than ``virtual`` it may not be a path."""
        self._check_trusted()
        return self.ask(f"locating hatch's environment {name}", "env", "find", name).strip()

    def ask(self, what: str, *words: str) -> str:
        """Return hatch's answer. Changes nothing: no plug-in is installed, and no configuration is created.

        Raises:
            ToolNotInstalled: hatch is not installed.
            Protected: plug-ins are missing.
            RequestFailed: hatch failed; the subclass depends on its output.
            ExecutionFailed: hatch did not start, took too long, or wrote too much.
            Cancelled: the request was cancelled.
        """
        program = self._job.program()
        self.check_acts_here()
        missing = self._missing_plugins(program)
        if missing:
            raise Protected(
                f"hatch lacks plug-ins that {self.folder.root} requires: {'; '.join(missing)}",
                "The next hatch command in the project installs them, for example 'hatch env show'.",
            )
        with tempfile.TemporaryDirectory(prefix="python-workflow-") as place:
            changes = {**VARIABLES, "PYTHONDONTWRITEBYTECODE": "1"}
            if not self._job.disk.is_file(hatch.configuration(self.folder)):
                empty = os.path.join(place, "config.toml")
                with open(empty, "xb"):
                    changes["HATCH_CONFIG"] = empty
            done = self._job.run_for_output(what, words, environ=changes)
        return decode_output(done.stdout)

    def check_acts_here(self) -> None:
        """Raise :class:`Protected` if the user's settings make hatch act on one fixed project, wherever it is started."""
        path = hatch.configuration(self.folder)
        mine = self._job.disk.toml(path)
        if text_at(mine, "mode") == "project" and text_at(mine, "project"):
            raise Protected(
                f"{path} makes hatch act on the project {text_at(mine, 'project')} wherever it is started",
                "'hatch config set mode local' makes it act on the current project.",
            )

    def _missing_plugins(self, program: str) -> list[str]:
        """Return the plug-ins that hatch would install into its own environment before it answers."""
        listed = at(self.settings, "env", "requires")
        if not listed:
            return []
        prefix = os.path.dirname(os.path.dirname(real_path(program)))
        installed = InstalledPackages(
            prefix, marker_variables(None, "cpython"), self._job.host, self._job.disk
        )
        return [*installed.unmet(self._requirements(listed, "[env] requires"), self.source)]

    def _check_trusted(self) -> None:
        if not self._job.trusted:
            raise self._job.untrusted_error()

    def _declared(self) -> Iterator[HatchEnvironment]:
        for one in self._expanded:
            if not one.name.startswith(hatch.INTERNAL):
                options = {"type": hatch.VIRTUAL, **self.options(one.key)}
                if "python" in one.variables:
                    options["python"] = one.variables["python"]
                yield HatchEnvironment(one.name, options, one.variables)

    def options(self, key: str, templates: int = hatch.MOST_TEMPLATES) -> dict[str, Any]:
        """Return the options of a table, with those of its template, which is ``default`` when it names none."""
        own = table_at(self._environments, key)
        if flag_at(own, "detached"):
            return {**own, "skip-install": True}
        template = text_at(own, "template") or "default"
        if template == key or not templates:
            return own
        above = self.options(template, templates - 1)
        options = {name: value for name, value in above.items() if name not in _NOT_INHERITED}
        scripts = {**table_at(above, "scripts"), **table_at(own, "scripts")}
        return {**options, **own, **({"scripts": scripts} if scripts else {})}

    def tables(self) -> list[str]:
        """Return the names of the tables that declare environments; a matrix has one table for all of its environments."""
        declared = self._expanded
        return [
            *dict.fromkeys(one.key for one in declared if not one.key.startswith(hatch.INTERNAL))
        ]

    def scripts(self, key: str) -> dict[str, str]:
        """Return the scripts of a table, and of its templates, each with its commands as one text."""
        options = self.options(key)
        found = {**table_at(options, "extra-scripts"), **table_at(options, "scripts")}
        texts = {}
        for name, value in found.items():
            lines = [value] if isinstance(value, str) else value
            if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
                texts[name] = "; ".join(lines)[:_LONGEST]
        return texts

    # How tests are run.

    def of_tests(self) -> Iterator[HatchEnvironment]:
        """Yield the environments of ``hatch test``, if the project configures them.

        If they use hatch's own matrix, hatch is queried; in an untrusted project they are left out.
        """
        declared = [one for one in self._expanded if one.key == hatch.TEST]
        if any(one.variables for one in declared):
            options = self.options(hatch.TEST)
            yield from (HatchEnvironment(one.name, options, one.variables) for one in declared)
        elif declared and self._job.trusted:
            output = self.ask("listing hatch's environments", "env", "show", "--json")
            for name, options in parse_environments(output, self.source, internal=True).items():
                if name.partition(".")[0] == hatch.TEST:
                    yield HatchEnvironment(name, options, {}, listed=True)

    def of_table(self, key: str) -> Iterator[str]:
        """Return the names of the environments that a table declares; for a matrix, all of them."""
        return (one.name for one in self._expanded if one.key == key)

    def place_of(self, name: str) -> str | None:
        """Return the folder of an environment of the type ``virtual`` without a ``path``, whether or not it is there."""
        storage = hatch.storage(self.folder)
        return None if storage is None else hatch.place(self.folder, storage, name, "")

    # What they should hold.

    def lock(self, one: HatchEnvironment) -> str | None:
        """Return the lock file of a locked environment, relative to the project; ``None`` for one that is not locked.

        Raises:
            UnusableFile: its name cannot be the path of a file on this machine.
        """
        locked = flag_at(one.options, "locked")
        if not (flag_at(self.settings, "lock-envs") if locked is None else locked):
            return None
        filename = text_at(one.options, "lock-filename")
        if filename:
            path = self.filled_in(filename, one)
            if named(self.folder, path) is None:
                raise UnusableFile(
                    self.source, f"the lock-filename {path!r} names no file of this machine"
                )
            return path
        return (
            "pylock.toml" if one.name == "default" else f"pylock.{one.name.replace('.', '-')}.toml"
        )

    def dependencies(self, one: HatchEnvironment) -> HatchDependencies:
        """Return the requirements that hatch would install into ``one``.

        Raises:
            UnusableFile: a file, or an option of ``one``, is invalid.
        """
        extras, groups = self._words(one, "features"), self._words(one, "dependency-groups")
        installs = self.installs(one)
        requirements = [
            *self._requirements(one.options.get("dependencies"), "dependencies", one),
            *self._requirements(one.options.get("extra-dependencies"), "extra-dependencies", one),
        ]
        workplaces = []
        if installs:
            workplaces.append(self._own_project(self.root, extras, editable=self._is_editable(one)))
        if extras or groups or (installs and self._is_editable(one)):
            requirements += self._of_project(self.root, extras, groups, plain=installs)
        for folder, features in self._members(one):
            workplaces.append(self._own_project(folder, ()))
            requirements += self._of_project(folder, features, ())
        return HatchDependencies(self.source, self.root, tuple(workplaces), tuple(requirements))

    def type(self, one: HatchEnvironment) -> str:
        """Return the type of ``one``."""
        return text_at(one.options, "type") or hatch.VIRTUAL

    def installs(self, one: HatchEnvironment) -> bool:
        """Return whether the project itself is installed into ``one``."""
        skips = flag_at(one.options, "skip-install")
        return self.folder.has(install_declared.PYPROJECT) if skips is None else not skips

    def has_sources(self, one: HatchEnvironment) -> bool:
        """Return whether hatch's own settings take requirements from somewhere other than an index."""
        return bool(self.settings.get("sources") or one.options.get("sources"))

    def variables(self, one: HatchEnvironment) -> dict[str, str]:
        """Return the variables that hatch sets in ``one``."""
        put = table_at(one.options, "env-vars")
        found = {
            name: self.filled_in(value, one)
            for name, value in put.items()
            if isinstance(value, str)
        }
        return {**found, "HATCH_ENV_ACTIVE": one.name}

    def hidden(self, one: HatchEnvironment) -> tuple[str, ...]:
        """Return the names of the user's variables that hatch hides in ``one``."""
        from fnmatch import fnmatchcase

        shown, hidden = self._words(one, "env-include"), self._words(one, "env-exclude")
        if shown:
            shown = ("HATCH_BUILD_*", *shown)

        def is_hidden(name: str) -> bool:
            if shown and not any(fnmatchcase(name, pattern) for pattern in shown):
                return True
            return any(fnmatchcase(name, pattern) for pattern in hidden)

        return tuple(name for name in sorted(self._job.host.environ) if is_hidden(name))

    def filled_in(self, text: str, one: HatchEnvironment, depth: int = _DEPTH) -> str:
        """Return ``text`` with its fields filled in.

        Raises:
            NeedsHatchError: it has a field that only hatch knows.
            UnusableFile: a field is invalid.
        """
        from string import Formatter

        if one.listed:
            return text
        if not depth:
            raise NeedsHatchError
        parts = []
        try:
            for literal, field, spec, conversion in Formatter().parse(text):
                parts.append(literal)
                if field is not None:
                    if conversion:
                        raise NeedsHatchError
                    parts.append(
                        self._field(field, self.filled_in(spec or "", one, depth - 1), one)
                    )
        except ValueError as error:
            raise UnusableFile(self.source, f"{text!r}: {error}") from None
        return "".join(parts)

    def _field(self, field: str, spec: str, one: HatchEnvironment) -> str:
        plain = {"/": os.sep, ";": os.pathsep, "env_name": one.name, "env_type": hatch.VIRTUAL}
        if field in plain:
            return plain[field]
        if field in ("root", "home"):
            return _path(self.root if field == "root" else self._job.host.home, spec)
        name, has_default, default = spec.partition(":")
        values = {"env": self._job.host.environ, "matrix": one.variables}.get(field)
        if values is not None and (name in values or has_default):
            return values.get(name, default)
        raise NeedsHatchError

    def _fill_in_all(self, one: HatchEnvironment) -> None:
        """Raise :class:`NeedsHatchError` if a field in the options of ``one`` cannot be filled in."""
        for option in ("dependencies", "extra-dependencies"):
            for text in self._words(one, option):
                self.filled_in(text, one)
        self.lock(one)
        self.variables(one)

    def _words(self, one: HatchEnvironment, option: str) -> tuple[str, ...]:
        found = one.options.get(option) or ()
        if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
            raise UnusableFile(
                self.source, f"{option} of the environment {one.name} is not a list of strings"
            )
        return tuple(found)

    def _requirements(
        self, listed: object, where: str, one: HatchEnvironment | None = None
    ) -> list[Requirement]:
        from packaging.requirements import Requirement

        found = []
        for text in listed if isinstance(listed, list) else ():
            try:
                found.append(Requirement(text if one is None else self.filled_in(text, one)))
            except (ValueError, TypeError) as error:
                reason = str(error).splitlines()[0]
                raise UnusableFile(
                    self.source, f"{where}: {text!r} is not a requirement: {reason}"
                ) from None
        return found

    def _is_editable(self, one: HatchEnvironment) -> bool:
        return flag_at(one.options, "dev-mode") is not False

    def _own_project(
        self, folder: str, extras: tuple[str, ...], *, editable: bool = True
    ) -> Workplace:
        document = self._job.disk.toml(os.path.join(folder, install_declared.PYPROJECT))
        name = text_at(document, "project", "name")
        return Workplace(folder, normalized(name) if name else None, editable, extras)

    def _of_project(
        self, folder: str, extras: tuple[str, ...], groups: tuple[str, ...], *, plain: bool = True
    ) -> list[Requirement]:
        """Return the requirements of the extras and groups of the project in ``folder``, with ``plain`` its dependencies too."""
        disk = self._job.disk
        if not install_declared.declares(folder, disk):
            return []
        try:
            found = install_declared.declared(folder, groups, extras, disk, files=False)
            without = install_declared.declared(folder, (), (), disk)
        except InvalidParams as error:
            # Nobody wished for them but the environment's options.
            raise UnusableFile(self.source, error.message) from None
        own = found.own if plain else found.own[len(without.own) :]
        return [*own, *found.requirements]

    def _members(self, one: HatchEnvironment) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the folders of the members of a workspace, and their extras."""
        from fnmatch import fnmatch
        from glob import iglob

        space = table_at(one.options, "workspace")
        excluded = [text for text in _as_list(space.get("exclude")) if isinstance(text, str)]
        for member in _as_list(space.get("members")):
            path = member if isinstance(member, str) else text_at(member, "path")
            if not path:
                continue
            features = _as_list(at(member, "features"))
            extras = tuple(each for each in features if isinstance(each, str))
            for found in sorted(islice(iglob(os.path.join(self.root, path)), _MOST_MEMBERS)):
                folder = os.path.normpath(found)
                spellings = (folder, os.path.relpath(folder, self.root))
                if os.path.isfile(os.path.join(folder, install_declared.PYPROJECT)) and not any(
                    fnmatch(each, pattern) for each in spellings for pattern in excluded
                ):
                    yield folder, extras


def parse_environments(
    text: str, source: str, *, internal: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the options of each of the project's own environments, as ``hatch env show --json`` printed them.

    With ``internal``, return hatch's own environments instead.

    Raises:
        UnusableFile: it printed none; the error names ``source``, the file that declares them.
    """
    try:
        shown = json.loads(text)
    except (ValueError, RecursionError):
        shown = None
    if not isinstance(shown, dict):
        raise UnusableFile(source, f"hatch lists no environments for it: {text[:200]}")
    return {
        name: options
        for name, options in shown.items()
        if isinstance(options, dict) and name.startswith(hatch.INTERNAL) == internal
    }


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _path(path: str, spec: str) -> str:
    """Return a path, changed by the modifiers of a field."""
    modifiers = spec.split(":") if spec else []
    while modifiers and modifiers[0] == "parent":
        path = os.path.dirname(path)
        modifiers.pop(0)
    if not modifiers:
        return os.path.normpath(path)
    if modifiers == ["uri"]:
        from pathlib import Path

        return Path(path).as_uri()
    if modifiers == ["real"]:
        return real_path(path)
    raise NeedsHatchError
