"""The requested Python: ``3``, ``3.12``, ``3.14t``, ``pypy3.10``, ``3.12-64``, ``PythonCore/3.12``."""

from __future__ import annotations

from workflow_helper.discovery.interpreters import spec as interpreters_spec
from workflow_helper.errors import UsageError

from python_launcher.errors import NoSuchVersion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.discovery.interpreters.spec import Spec
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Interpreter
else:
    from workflow_server.namedtuple import NamedTuple

#: The meanings of a version's suffix; the first two are those of the old launcher of Windows.
_PROCESSORS = {
    "32": ("x86", "arm"),
    "64": ("x86_64", "arm64", "riscv64", "ppc64le", "s390x", "universal2"),
    "arm64": ("arm64", "universal2"),
}
#: The maker of CPython, by PEP 514. There are other vendors, whose Pythons cannot be distinguished here.
_COMPANY = "pythoncore/"
_HINT = "Write a version as 3, 3.12, 3.12.4, 3.14t, pypy3.10 or 3.12-64; 'py --list' lists the available Pythons."


class VersionRequest(NamedTuple):
    """A requested Python."""

    spec: Spec
    #: Where and how that is said, for people: ``"-3.12"``, ``"PY_PYTHON=3.12"``.
    spelling: str
    #: For which processors it may be built; none: for any.
    processors: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """Return whether no particular Python is requested."""
        return self.spec == (None, "", False) and not self.processors

    @property
    def major(self) -> str | None:
        """``"3"`` where only the major version is requested."""
        implementation, version, freethreaded = self.spec
        alone = implementation is None and not freethreaded and not self.processors
        return version if alone and version and "." not in version else None

    def fits(self, python: Interpreter, disk: Disk) -> bool:
        """Return whether ``python`` is one of the requested."""
        if not self.spec.fits(python):
            return False
        if not self.processors:
            return True
        from workflow_helper.discovery.interpreters.architecture import architecture

        return architecture(python.path, disk) in self.processors


def parse(text: str, spelling: str) -> VersionRequest:
    """Parse ``text``, which was written as ``spelling``.

    Raises:
        NoSuchVersion: ``text`` names no version.
    """
    version = text.strip()
    if version.lower().startswith(_COMPANY):
        version = version[len(_COMPANY) :]
    version, dash, end = version.rpartition("-") if "-" in version else (version, "", "")
    if dash and end.lower() not in _PROCESSORS:
        raise NoSuchVersion(f"{spelling} names no Python", _HINT)
    try:
        spec = interpreters_spec.parse(version)
    except UsageError:
        raise NoSuchVersion(f"{spelling} names no Python", _HINT) from None
    return VersionRequest(spec, spelling, _PROCESSORS[end.lower()] if dash else ())


#: The request where nothing asks for a particular Python.
ANY = VersionRequest(interpreters_spec.Spec(None, "", freethreaded=False), "any version")
