"""Choose a Python of the machine by the request of a person, a file or a project."""

from __future__ import annotations

import os

from workflow_helper.discovery import python_version_file, requires_python
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.discovery.interpreters import path
from workflow_helper.discovery.python_version_words import plain
from workflow_helper.errors import NotFound, PythonUnavailable, UsageError
from workflow_helper.filesystem.paths import is_remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workflow_helper.discovery.python_version_file import Pin
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host, Interpreter


def choose_python(spec: str | None, root: str, host: Host, disk: Disk) -> Interpreter:
    """Return the interpreter for a new environment of ``root``.

    ``spec`` is an absolute path, or what :func:`interpreters.matching` takes. Without one, ``UV_PYTHON``
    decides, else the nearest ``.python-version``, else the best that ``requires-python`` allows.

    Raises:
        PythonUnavailable: the machine has none that fits.
        NotFound: no Python is at the path ``spec``.
        UsageError: ``spec`` is not a specification of a Python.
    """
    if spec is not None and os.path.isabs(spec):
        found = interpreters.inspect(spec, host, disk)
        if found is None:
            raise NotFound(f"{spec} is not a Python interpreter")
        return found
    installed = interpreters.outside(interpreters.installed(host, disk), (root,), host)
    fitting: Sequence[Interpreter]
    if spec is not None:
        fitting = interpreters.matching(spec, installed)
        unfit = f"no Python on this machine fits {spec}"
    elif (pin := python_version_file.requested(root, host, disk)) is not None:
        fitting, unfit = meant(pin, installed, root, host, disk), pin.unfit
    else:
        fitting = allowed(installed, root, disk)
        specifiers = requires_python.requires_python(root, disk)
        unfit = f"no Python on this machine fits requires-python = {specifiers!r}"
    if not fitting:
        if spec is None:
            release = release_for(root, host, disk)
        else:
            release = spec if requires_python.is_release(spec) else None
        raise PythonUnavailable(
            unfit if installed else "this machine has no Python",
            f"'wsp python install {release or 'X.Y'}' installs one. 'wsp python list' lists the available Pythons.",
            data={"python": release},
        )
    return fitting[0]


def meant(
    pin: Pin, pythons: Iterable[Interpreter], root: str, host: Host, disk: Disk
) -> tuple[Interpreter, ...]:
    """Return the ``pythons`` that fit the first word which any of them fits, the best first; none if no word fits.

    A word may also be the path of an interpreter that is not one of ``pythons``, but not of one in ``root``.
    """
    known = tuple(pythons)
    for word in pin.words:
        found = _meant(word, known, root, host, disk)
        if found:
            return found
    return ()


def allowed(pythons: Iterable[Interpreter], root: str, disk: Disk) -> tuple[Interpreter, ...]:
    """Return the ``pythons`` that ``requires-python`` allows, in their order; all of them if it is missing or invalid."""
    found = tuple(pythons)
    specifiers = requires_python.requires_python(root, disk)
    if not specifiers:
        return found
    try:
        return interpreters.matching(specifiers, found)
    except UsageError:
        return found


def release_for(root: str, host: Host, disk: Disk) -> str | None:
    """Return the release for a project: that of its ``.python-version``, else the newest that ``requires-python`` allows."""
    pin = python_version_file.requested(root, host, disk)
    return (pin and python_version_file.release(pin)) or requires_python.newest_release(
        requires_python.requires_python(root, disk)
    )


def name_release(error: PythonUnavailable, root: str, host: Host, disk: Disk) -> None:
    """Add the release that the project needs to an error of its tool, unless the error names one already, or ``None``."""
    if "python" in error.data:
        return
    release = release_for(root, host, disk)
    if release is not None:
        error.data["python"] = release
        error.hint = f"'wsp python install {release}' installs one. {error.hint or ''}".rstrip()


def _meant(
    word: str, pythons: tuple[Interpreter, ...], root: str, host: Host, disk: Disk
) -> tuple[Interpreter, ...]:
    if is_remote(word):
        return ()
    if word == "system" or os.path.isabs(word):
        place = path.system_python(host, disk) if word == "system" else word
        found = interpreters.inspect(place, host, disk) if place else None
        return interpreters.outside((found,), (root,), host) if found else ()
    # The name of one that pyenv has says more than any number in it.
    own = os.path.join("versions", word, "")
    exact = tuple(one for one in pythons if one.source == "pyenv" and own in one.path)
    if exact:
        return exact
    try:
        return interpreters.matching(plain(word), pythons)
    except UsageError:
        return ()
