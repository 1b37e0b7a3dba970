"""Compare the Python of an environment with what its project requires: ``requires-python``, and what else the tool respects.

Checked with tools on an environment whose Python does not fit: uv 0.13 replaces it in ``uv sync``, though ``uv sync
--check`` exits with 0; pdm 2.29 creates another one in its place; Poetry 2.5 fails; pipenv 2026.10 warns and hatch 1.18
says nothing, and both use it. Poetry, pdm, pipenv and hatch ignore ``.python-version`` once an environment exists.
"""

from __future__ import annotations

import os

from workflow_helper.discovery import python_version_file
from workflow_helper.discovery.interpreters import find as interpreters
from workflow_helper.discovery.interpreters import spec as interpreters_spec
from workflow_helper.discovery.interpreters.choose import meant
from workflow_helper.discovery.python_version_words import plain
from workflow_helper.discovery.tools.files import table_at
from workflow_helper.errors import PythonUnavailable, UsageError
from workflow_helper.install.installed_state import sentence_of
from workflow_helper.model import Interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NamedTuple

    from workflow_helper.backends.context import BackendContext
    from workflow_helper.model import Environment
else:
    from workflow_server.namedtuple import NamedTuple

_RANGE = ("<", ">", "=", "!", "~")
#: The patch numbers that stand for a version whose patch is not known.
_PATCHES = range(100)
HINT = "'wsp env sync --recreate' deletes the environment and creates it again."


class PythonRequest(NamedTuple):
    """The Pythons that one setting of a project allows."""

    #: The place, as the subject of a sentence.
    source: str
    #: Versions or ranges, of which any will do; an empty range allows every Python.
    words: tuple[str, ...]
    #: The reason why it cannot be understood, if it cannot.
    problem: str | None = None

    @property
    def text(self) -> str:
        """The versions or ranges, as a person reads them."""
        return " or ".join(self.words)


class PythonFit(NamedTuple):
    """The result of comparing the Python of an environment with what its project allows."""

    #: The reasons why the Python does not fit; empty if it fits, or if that is unknown.
    mismatches: str = ""
    #: What could not be compared.
    unknown: str = ""


def requires_python(context: BackendContext) -> Iterator[PythonRequest]:
    """Yield the request of ``[project] requires-python``, if it is set."""
    document = context.disk.toml(os.path.join(context.root, "pyproject.toml"))
    text = table_at(document, "project").get("requires-python")
    if isinstance(text, str):
        yield PythonRequest("the project", (text.strip(),))
    elif text is not None:
        yield PythonRequest("the project", (), "requires-python, which is not a string")


def pinned(context: BackendContext) -> Iterator[PythonRequest]:
    """Yield the request of the nearest ``.python-version``, unless it names an environment."""
    pin = python_version_file.pinned(context.root, context.host, context.disk)
    if pin is None or python_version_file.environment(pin, context.host, context.disk) is not None:
        return
    words = tuple(_comparable(word, context) for word in pin.words)
    yield PythonRequest(pin.source, words, pin.problem)


def _comparable(word: str, context: BackendContext) -> str:
    """Return the version of the Python that ``word`` names by a path or as ``system``; else ``word`` as a specification."""
    pin = python_version_file.Pin("", (word,))
    named = next(iter(meant(pin, (), context.root, context.host, context.disk)), None)
    return plain(word) if named is None or named.version is None else named.version


def fit(
    requests: Iterable[PythonRequest], environment: Environment, context: BackendContext
) -> PythonFit:
    """Compare the Python of ``environment`` with ``requests``, from files alone."""
    path = environment.interpreter_path or ""
    found = interpreters.inspect(path, context.host, context.disk) if path else None
    implementation = "cpython" if found is None else found.implementation
    python = Interpreter(path, environment.python_version, implementation, "")
    mismatches, unknown = [], []
    for request in requests:
        verdict = request.problem or _compared(request, python)
        if isinstance(verdict, str):
            unknown.append(verdict)
        elif not verdict:
            has = _named(python)
            mismatches.append(
                f"{request.source} requires Python {request.text}, and the environment has {has}"
            )
    return PythonFit(sentence_of(mismatches), sentence_of(unknown))


def require_fit(requests: Iterable[PythonRequest], python: Interpreter, reason: str) -> None:
    """Raise :class:`PythonUnavailable`, beginning with ``reason``, unless all of ``requests`` allow ``python``."""
    for request in requests:
        if request.problem is None and _compared(request, python) is False:
            requirement = f"{request.source} requires Python {request.text}"
            raise PythonUnavailable(
                f"{reason}; the Python to create it with is {_named(python)}, and {requirement}",
                "'wsp python list' lists the available Pythons.",
            )


def _compared(request: PythonRequest, python: Interpreter) -> bool | str:
    """Return whether any of the words fits ``python``, or a text about what could not be compared."""
    if python.version is None:
        return f"the version of its Python with {request.text}, which {request.source} requires"
    unknown = None
    for word in request.words:
        verdict = _fits(word, python, python.version)
        if verdict is True:
            return True
        unknown = unknown or verdict or None
    return unknown or False


def _fits(word: str, python: Interpreter, version: str) -> bool | str:
    if not word or word.startswith(_RANGE):
        return _is_in_range(word, version)
    try:
        spec = interpreters_spec.parse(word)
    except UsageError:
        return f"{word!r}, which names no Python version"
    if f"{spec.version}.".startswith(f"{version}.") and spec.version != version:
        return f"Python {version}, whose patch release is not known, with {word}"
    return spec.fits(python)


def _is_in_range(word: str, version: str) -> bool | str:
    from packaging.specifiers import SpecifierSet

    release = version_of(version)
    if release is None:
        return f"Python {version} with {word}"
    # As pip, uv and Poetry compare: a pre-release of a Python counts as the release.
    readings = [release] if release.count(".") > 1 else [f"{release}.{patch}" for patch in _PATCHES]
    try:
        specifiers = SpecifierSet(word)
        answers = {specifiers.contains(reading, prereleases=True) for reading in readings}
    except ValueError:
        return f"{word!r}, which is not a range of versions"
    if len(answers) > 1:
        return f"Python {version}, whose patch release is not known, with {word}"
    return answers.pop()


def version_of(text: str | None) -> str | None:
    """Return a version as the protocol's ``X.Y`` or ``X.Y.Z``, without further parts or a pre-release stage."""
    parts: list[str] = []
    for part in (text or "").split(".")[:3]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if digits:
            parts.append(digits)
        if digits != part or not digits:
            break
    return ".".join(parts) if len(parts) > 1 else None


def _named(python: Interpreter) -> str:
    other = "" if python.implementation == "cpython" else f" ({python.implementation})"
    return f"{python.version or 'an unknown version'}{other}"
