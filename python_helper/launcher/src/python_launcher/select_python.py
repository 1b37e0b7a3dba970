"""Choose the Python that ``py`` starts, in one order: the command line, the environment, the script, the user's variables.

1. A version on the command line; environments are then skipped. ``-3`` alone means the version in ``PY_PYTHON3``. 2.
The environment that is activated. 3. From this folder upwards, what ``wsp`` takes for it where a selection, a workflow
or a tool has a say, and else its ``.venv``: a
   folder, or a file that redirects to one (PEP 832).
4. The first line of the script, ``#!``.
5. ``PY_PYTHON``, and where that, or the script, says ``3``, ``PY_PYTHON3``.
6. The newest Python on PATH; where PATH has none, the best of the machine.

A broken environment is an error; no other Python is used silently.
"""

from __future__ import annotations

import os

from workflow_helper.discovery import pep832
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.filesystem import ownership

from python_launcher import folder_workflow
from python_launcher.errors import BrokenEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NamedTuple

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

    from python_launcher.shebang import Shebang
    from python_launcher.versions import VersionRequest
else:
    from workflow_server.namedtuple import NamedTuple

_SKIP = "A version, as in 'py -3', skips environments."


class SelectedPython(NamedTuple):
    """A Python to start."""

    path: str
    #: What chose it: ``"version"``, ``"activated"``, ``"wsp"``, ``".venv"``, ``"shebang"``, ``"PY_PYTHON"``, ``"PY_PYTHON3"`` or
    #: ``"path"``.
    rule: str
    #: Its first arguments, as the script says.
    options: tuple[str, ...] = ()


class Chooser:
    """Choose a Python for the folder ``cwd``, and report each step to ``tell``, a sentence each.

    ``warn`` gets the reason if a setting of the folder is ignored and another Python is used.
    """

    def __init__(
        self,
        cwd: str,
        host: Host,
        disk: Disk,
        tell: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._cwd = cwd
        self._host = host
        self._disk = disk
        self._tell = tell
        self._warn = warn
        self._users: frozenset[int] | None = None
        self._has_followed = False
        #: The user said that environments do not count here.
        self._declined = False

    def choose(
        self, request: VersionRequest | None, arguments: Sequence[str] = ()
    ) -> SelectedPython:
        """Return the Python for ``arguments``, where the command line requests ``request``.

        Raises:
            NoPython: the machine has no Python that fits.
            BrokenEnvironment: the environment cannot be used.
            NoSuchVersion: a variable's value is not a version.
        """
        if request is not None:
            self._tell(f"{request.spelling} skips environments")
            return self._of_machine(request, "version")
        return self._activated() or self._of_folder() or self._by_script(arguments)

    def _activated(self) -> SelectedPython | None:
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            prefix = self._host.environ.get(variable)
            if not prefix:
                self._tell(f"{variable} is not set")
            elif not os.path.isabs(prefix):
                self._tell(f"{variable}={prefix} is not an absolute path, so it is skipped")
            elif variable == "CONDA_PREFIX" and environments_health.is_base(
                prefix, self._host, self._disk
            ):
                self._tell(f"{variable}={prefix} is conda's base environment, so it is skipped")
            else:
                self._tell(f"{variable}={prefix} is activated")
                return SelectedPython(self._python_of(prefix, "activated"), "activated")
        return None

    def _of_folder(self) -> SelectedPython | None:
        self._users = ownership.trusted(self._cwd, self._host)
        folder = self._cwd
        while True:
            for look in (self._by_choice, self._dot_venv, self._by_marks):
                choice = look(folder)
                if choice is not None or self._declined:
                    return choice
            above = os.path.dirname(folder)
            if above == folder:
                return None
            folder = above

    def _by_choice(self, folder: str) -> SelectedPython | None:
        return (
            self._follow()
            if folder_workflow.may_be_chosen(folder, self._host, self._disk)
            else None
        )

    def _by_marks(self, folder: str) -> SelectedPython | None:
        is_start = folder == self._cwd
        return (
            self._follow()
            if folder_workflow.may_have_one(folder, self._disk, is_start=is_start)
            else None
        )

    def _follow(self) -> SelectedPython | None:
        """Return the choice of ``wsp``, computed once, since it includes all parent folders."""
        if self._has_followed:
            return None
        self._has_followed = True
        followed = folder_workflow.follow(self._cwd, self._host, self._disk)
        self._tell(followed.why)
        if followed.trouble is not None:
            self._warn(followed.trouble)
        self._declined = followed.declined
        return None if followed.python is None else SelectedPython(followed.python, "wsp")

    def _dot_venv(self, folder: str) -> SelectedPython | None:
        place = os.path.join(folder, pep832.DOT_VENV)
        if not self._disk.is_present(place):
            return None
        if folder != self._cwd and not ownership.belong(
            folder, pep832.DOT_VENV, self._users, self._disk
        ):
            self._tell(f"{place} belongs to another user, so it is skipped")
            return None
        named = pep832.dot_venv(folder, self._disk)
        if named is None:  # it went away
            return None
        if named.problem is not None:
            raise BrokenEnvironment(named.problem, _SKIP)
        if named.line == 0 and not environments_health.is_environment(named.path, self._disk):
            self._tell(f"{place} is not an environment, so it is skipped")
            return None
        self._tell(f"{place} is the nearest" + (f", to {named.path}" if named.line else ""))
        return SelectedPython(self._python_of(named.path, "meant here"), ".venv")

    def _python_of(self, prefix: str, how: str) -> str:
        health = environments_health.inspect(prefix, self._host, self._disk)
        if health.interpreter_path is None or health.status.state != "ok":
            reason = f"the environment that is {how} cannot be used: {health.status.message}"
            raise BrokenEnvironment(reason, _SKIP)
        return health.interpreter_path

    def _by_script(self, arguments: Sequence[str]) -> SelectedPython:
        from python_launcher import versions

        shebang = self._shebang(arguments)
        if shebang is None:
            return self._of_machine(versions.ANY, "path")
        self._tell(f"the script begins with {shebang.line}")
        if shebang.program is not None:
            return SelectedPython(shebang.program, "shebang", shebang.options)
        request = versions.parse(shebang.version, shebang.line) if shebang.version else versions.ANY
        chosen = self._of_machine(request, "shebang" if shebang.version else "path")
        return chosen._replace(options=shebang.options)

    def _shebang(self, arguments: Sequence[str]) -> Shebang | None:
        if not arguments or arguments[0] in ("-c", "-m"):
            return None
        from python_launcher import shebang

        script = shebang.script_of(arguments)
        if script is None:
            return None
        return shebang.read(os.path.join(self._cwd, script), self._disk)

    def _of_machine(self, request: VersionRequest, rule: str) -> SelectedPython:
        from python_launcher import pythons, versions

        if request.is_any and (value := self._host.environ.get("PY_PYTHON")):
            rule, request = "PY_PYTHON", versions.parse(value, f"PY_PYTHON={value}")
            self._tell(f"PY_PYTHON is {value}")
        if request.major == "3" and (value := self._host.environ.get("PY_PYTHON3")):
            rule, request = "PY_PYTHON3", versions.parse(value, f"PY_PYTHON3={value}")
            self._tell(f"PY_PYTHON3 is {value}")
        python = pythons.best(request, self._host, self._disk)
        what = f"{python.implementation} {python.version or '3'}"
        self._tell(f"{what} is the best for {request.spelling}, found by {python.source}")
        return SelectedPython(python.path, rule)
