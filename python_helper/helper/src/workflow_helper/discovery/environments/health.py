"""The health of an environment: whether it can be used, found out by reading it.

An environment breaks silently: its base Python is upgraded or removed, it is copied from another machine, it is half
deleted. All of this shows in its files. If a check is impossible, the environment counts as ``ok``, never as
``broken``.

Sources: the ``site`` documentation for ``pyvenv.cfg``; PEP 405; conda's ``conda-meta`` folder.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.environments import in_progress
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.paths import MOST_LINKS, is_remote, quoted
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.model import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple, TypeAlias

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

    #: Major and minor version.
    Minor: TypeAlias = tuple[int, int]
else:
    from workflow_server.namedtuple import NamedTuple

CFG_LIMIT = 64 * 1024
#: The words between what is wrong with an environment and the command that recreates it.
RECREATE = " (recreate it with: "
#: The length of a name that can be shown; the protocol allows as many characters.
NAME_LIMIT = 128


class Health(NamedTuple):
    """The state of an environment, as read from its files."""

    kind: str
    interpreter_path: str | None
    python_version: str | None
    status: Status
    #: Its own name, where it has one.
    name: str | None = None


def inspect(prefix: str, host: Host, disk: Disk) -> Health:
    """Return the state of the environment whose folder is ``prefix``. Starts nothing, raises nothing."""
    health = written(prefix, host, disk)
    why = in_progress.reason(prefix, host, disk) if health.kind != "unknown" else None
    return health if why is None else health._replace(status=Status("broken", why))


def glance(prefix: str, host: Host, disk: Disk) -> Health:
    """Return a quick, partial state, for a list of hundreds: whether there is an interpreter, and its version as written.

    Checks of the interpreter's link target are left to :func:`inspect`, which is called before an environment is used.
    """
    try:
        keys = read_cfg(os.path.join(prefix, "pyvenv.cfg"), disk)
    except UnusableFile:
        keys = {}
    version = _written_version(keys)
    if version is None:
        return inspect(prefix, host, disk)
    interpreter = _interpreter(prefix, host, disk)
    problem = _no_interpreter(prefix, interpreter, host, disk)
    if problem is not None:
        return _broken(prefix, problem, version, host)
    return Health("venv", interpreter, version, Status())


def written(prefix: str, host: Host, disk: Disk) -> Health:
    """Return the state by the environment's files, for the process that is creating it: see :func:`inspect`."""
    if disk.is_present(os.path.join(prefix, "pyvenv.cfg")):
        return _virtual(prefix, host, disk)
    if disk.is_folder(os.path.join(prefix, "conda-meta")):
        return _conda(prefix, host, disk)
    if not disk.is_folder(prefix):
        reason = "does not exist" if not disk.is_present(prefix) else "is not a folder"
    else:
        reason = "is not an environment: it has no pyvenv.cfg"
    return Health("unknown", None, None, Status("broken", f"{prefix} {reason}"))


def is_environment(prefix: str, disk: Disk) -> bool:
    """Return whether ``prefix`` is the folder of an environment, working or broken."""
    return disk.is_file(os.path.join(prefix, "pyvenv.cfg")) or disk.is_folder(
        os.path.join(prefix, "conda-meta")
    )


def is_base(prefix: str, host: Host, disk: Disk) -> bool:
    """Return whether the activated conda environment at ``prefix`` is conda's own base, which belongs to no project."""
    # Only the base installation holds `condabin`; environments have `conda-meta` alone.
    return host.environ.get("CONDA_DEFAULT_ENV") == "base" or disk.is_folder(
        os.path.join(prefix, "condabin")
    )


def _virtual(prefix: str, host: Host, disk: Disk) -> Health:
    try:
        keys = read_cfg(os.path.join(prefix, "pyvenv.cfg"), disk)
    except UnusableFile as error:
        return _broken(prefix, str(error), None, host)
    return _by_cfg(prefix, keys, host, disk)._replace(name=_prompt(keys))


def _by_cfg(prefix: str, keys: dict[str, str], host: Host, disk: Disk) -> Health:
    version = _written_version(keys)
    home = keys.get("home", "")
    interpreter = _interpreter(prefix, host, disk)
    problem = _no_interpreter(prefix, interpreter, host, disk)
    if problem is not None or interpreter is None:
        return _broken(prefix, problem or "it has no interpreter", version, host)
    real = _followed(interpreter, host, disk)
    problem = _no_base(home, real, host, disk)
    if problem is not None:
        return _broken(prefix, problem, version, host)
    actual, name = _actual(interpreter, real, home, host, disk)
    if actual is not None:
        # After an upgrade of its base Python an environment looks whole and finds no packages.
        problem = _other_python(_minor(version), actual)
        problem = problem or _other_packages(prefix, actual, name, host, disk)
        if problem is not None:
            now = f"its interpreter is Python {_dotted(actual)} now ({real})"
            return _broken(prefix, f"{problem}, but {now}", version, host)
    return Health("venv", interpreter, version or (_dotted(actual) if actual else None), Status())


def _broken(prefix: str, reason: str, version: str | None, host: Host) -> Health:
    python = "py" if host.windows else "python3"
    advice = f"{python} -m venv --clear {quoted(prefix)}"
    message = f"{prefix} is broken: {reason}{RECREATE}{advice})"
    return Health("venv", None, version, Status("broken", message))


def _no_interpreter(prefix: str, interpreter: str | None, host: Host, disk: Disk) -> str | None:
    """Return why the environment's interpreter cannot be started; ``None`` if it can."""
    if interpreter is None:
        if disk.is_folder(os.path.join(prefix, "bin" if host.windows else "Scripts")):
            other_system = "Linux or macOS" if host.windows else "Windows"
            return f"it has no interpreter for this system, it was created on {other_system}"
        return "it has no interpreter"
    if disk.is_program(interpreter):
        return None
    if not disk.is_file(interpreter):
        return f"its interpreter {_dead_link(interpreter)}"
    return f"its interpreter {interpreter} is not executable"


def _no_base(home: str, real: str, host: Host, disk: Disk) -> str | None:
    """Return what is wrong with ``home``, the folder of the Python that the environment was made from.

    ``real`` is where the environment's interpreter leads.
    """
    if is_remote(home):
        return f"its base Python is on another machine ({home}), which is not accessed"
    # Without it there is nothing to compare: what can be started was started, from wherever it is.
    if not os.path.isabs(home):
        return None
    if not disk.is_folder(home):
        return f"its base Python's folder {home} does not exist"
    holds = _is_same_folder(home, os.path.dirname(real), disk)
    return (
        None if holds or _base_names(home, host, disk) else f"its base Python is gone from {home}"
    )


def _other_python(written: Minor | None, actual: Minor) -> str | None:
    """Return the Python that the environment was created for where it is another than its interpreter's."""
    if written is None or actual == written:
        return None
    return f"it was created for Python {_dotted(written)}"


def _other_packages(prefix: str, actual: Minor, name: str, host: Host, disk: Disk) -> str | None:
    """Return where the packages are if its interpreter, called ``name``, looks for them elsewhere."""
    # PyPy, Windows and free-threaded builds lay their libraries out otherwise.
    if host.windows or not name.startswith("python"):
        return None
    minors = _libraries(os.path.join(prefix, "lib"), disk)
    if minors and actual not in minors:
        folders = " and ".join(f"lib/python{_dotted(minor)}" for minor in sorted(minors))
        return f"its packages are in {folders}"
    return None


def _conda(prefix: str, host: Host, disk: Disk) -> Health:
    version = None
    for name in disk.names(os.path.join(prefix, "conda-meta")):
        # python-3.12.4-h2628c8c_0.json, and not python-dateutil-2.9.0-....json
        if name.startswith("python-") and name.endswith(".json") and name[7:8].isdigit():
            version = name.split("-")[1]
    interpreter = (
        os.path.join(prefix, "python.exe")
        if host.windows
        else os.path.join(prefix, "bin", "python")
    )
    if not disk.is_program(interpreter):
        advice = f"install one with: conda install --prefix {quoted(prefix)} python"
        message = f"{prefix} is broken: it is a conda environment without Python ({advice})"
        return Health("conda", None, version, Status("broken", message))
    return Health("conda", interpreter, version, Status())


def read_cfg(path: str, disk: Disk) -> dict[str, str]:
    """Return the ``key = value`` lines of a ``pyvenv.cfg``, keys in lower case, as the ``site`` module reads them.

    Raises:
        UnusableFile: the file cannot be read.
    """

    def parse(path: str) -> dict[str, str]:
        keys = {}
        text = disk.text(path, CFG_LIMIT) or ""
        # Not `splitlines`: that also ends lines at characters which a path may hold.
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            key, equals, value = line.partition("=")
            if equals:
                keys[key.strip().lower()] = value.strip()
        return keys

    return disk.parsed("cfg", path, parse)


def python_in(prefix: str, host: Host) -> tuple[str, ...]:
    """Return the paths at which an environment's interpreter can be, likeliest first."""
    if host.windows:
        return (
            os.path.join(prefix, "Scripts", "python.exe"),
            os.path.join(prefix, "Scripts", "pypy3.exe"),
            os.path.join(prefix, "python.exe"),
        )
    folder = os.path.join(prefix, "bin", "")
    return (f"{folder}python", f"{folder}python3", f"{folder}pypy3")


def minor_in_name(name: str) -> Minor | None:
    """Return ``(3, 12)`` of ``python3.12``, ``python3.12t``, ``pypy3.10`` or ``python3.12.exe``; ``None`` where it has none."""
    stem = name.removesuffix(".exe")
    for brand in ("python", "pypy", "graalpy"):
        if stem.startswith(brand):
            return _minor(stem.removeprefix(brand).removesuffix("t"))
    return None


def minor_of_dll(name: str) -> tuple[Minor, bool] | None:
    """Return the version of the Python that ``python312.dll`` is of, and whether it is free-threaded (``python313t.dll``).

    ``None`` for any other file, as ``python3.dll``, which is of all of them.
    """
    stem, dot, ending = name.lower().rpartition(".")
    digits = stem.removeprefix("python3").removesuffix("t")
    if (dot, ending) != (".", "dll") or not stem.startswith("python3"):
        return None
    minor = _minor(f"3.{digits}")
    return minor and (minor, stem.endswith("t"))


def _interpreter(prefix: str, host: Host, disk: Disk) -> str | None:
    return next(filter(disk.is_present, python_in(prefix, host)), None)


def _followed(path: str, host: Host, disk: Disk) -> str:
    """Return the real path of an interpreter, as :func:`real_path` does.

    That checks every part of every path on the way. Since hundreds of environments may use one Python, the links of its
    folder are followed once.
    """
    current = path
    for _ in range(0 if host.windows else MOST_LINKS):
        try:
            text = os.readlink(current)
        except OSError:
            folder, name = os.path.split(current)
            return os.path.join(disk.parsed("real path", folder, real_path), name)
        if ".." in text.split("/"):  # what is above depends on where the folder itself leads
            break
        current = os.path.join(os.path.dirname(current), text)
    return real_path(path)


def _is_same_folder(one: str, other: str, disk: Disk) -> bool:
    """Return whether both paths are one folder, by its ``stat``, which is faster than following links."""
    if one == other:
        return True
    first, second = disk.stat(one), disk.stat(other)
    return first is not None and second is not None and os.path.samestat(first, second)


def _base_names(home: str, host: Host, disk: Disk) -> tuple[str, ...]:
    """Return the names in ``home`` under which a base Python can be started."""
    suffix = ".exe" if host.windows else ""
    usual = ("python3", "python", "pypy3", "pypy", "graalpy")
    found = tuple(
        name + suffix for name in usual if disk.is_file(os.path.join(home, name + suffix))
    )
    return found or tuple(name for name in disk.names(home) if minor_in_name(name) is not None)


def _actual(
    interpreter: str, real: str, home: str, host: Host, disk: Disk
) -> tuple[Minor | None, str]:
    """Return the version of the fully resolved interpreter, and its file name."""
    bases = [real]
    if _is_same_folder(os.path.dirname(interpreter), os.path.dirname(real), disk):
        # A copy, not a link: its standard library is that of the Python it was copied from.
        names = _base_names(home, host, disk) if os.path.isabs(home) else ()
        bases = [real_path(os.path.join(home, name)) for name in names]
    for base in bases:
        name = os.path.basename(base)
        minor = minor_in_name(name)
        if minor is not None:
            return minor, name
        folder = os.path.dirname(base)
        if host.windows:
            libraries = _libraries_beside(folder, disk)
        else:
            libraries = _libraries(os.path.join(os.path.dirname(folder), "lib"), disk, "os.py")
        if len(libraries) == 1:
            return libraries[0], name
    return None, os.path.basename(real)


def _libraries(folder: str, disk: Disk, holding: str = "") -> tuple[Minor, ...]:
    """Return the versions of the ``pythonX.Y`` folders in ``folder`` that contain the file ``holding``, if it is given."""
    found = []
    for name in disk.names(folder):
        minor = minor_in_name(name) if name.startswith("python") else None
        if (
            minor is not None
            and disk.exists(os.path.join(folder, name, holding))
            and minor not in found
        ):
            found.append(minor)
    return tuple(found)


def _libraries_beside(folder: str, disk: Disk) -> tuple[Minor, ...]:
    """Return the versions of the ``pythonXY.dll`` in the folder of a Python for Windows."""
    found = (minor_of_dll(name) for name in disk.names(folder))
    return tuple({one[0] for one in found if one is not None})


def _written_version(keys: dict[str, str]) -> str | None:
    """Return ``3.11.7`` of ``version_info`` (virtualenv, uv: ``3.11.7.final.0``), ``version`` (venv) or ``python-version`` (PEP 838).

    The most precise one: virtualenv writes both ``3.11`` and the full version.
    """
    texts = (keys.get(key) for key in ("version_info", "version", "python-version"))
    best = max((_numbers(text) for text in texts if text), key=len, default=[])
    return ".".join(best) if len(best) >= 2 else None


#: Of a part of a version: what has more is no Python's.
_DIGITS = 4


def _numbers(written: str) -> list[str]:
    parts = []
    for part in written.split(".")[:3]:
        # 3.14.0rc1 and 3.13.0+: what leads is the number.
        lead = part[: len(part) - len(part.lstrip("0123456789"))]
        if lead and len(lead) <= _DIGITS:
            parts.append(lead)
        if lead != part or len(lead) > _DIGITS:
            break
    return parts


def _prompt(keys: dict[str, str]) -> str | None:
    """Return the ``prompt`` that was given to venv, which writes it as a Python literal; ``None`` without a usable one."""
    # uv writes the project's name by default, and Poetry and pdm make virtualenv write one: no user chose that name.
    text = "" if "uv" in keys or "virtualenv" in keys else keys.get("prompt", "")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].replace(f"\\{text[0]}", text[0]).replace("\\\\", "\\")
    text = text.strip()
    while text[:1] == "(" and text[-1:] == ")":
        text = text[1:-1].strip()
    return (
        text if text not in ("", ".") and text.isprintable() and len(text) <= NAME_LIMIT else None
    )


def _minor(text: str | None) -> Minor | None:
    parts = (text or "").split(".")
    if len(parts) < 2 or not all(
        part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in parts[:2]
    ):
        return None
    return int(parts[0]), int(parts[1])


def _dotted(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"


def _dead_link(path: str) -> str:
    """Return why the link ``path`` is dead: the first of its links that does not resolve."""
    current = path
    for _ in range(40):
        try:
            target = os.readlink(current)
        except OSError:
            break
        current = os.path.join(os.path.dirname(current), target)
    else:
        return f"{path} is a symbolic link in a loop"
    if current == path:
        return f"{path} is not a file"
    if os.path.lexists(current):
        return f"{path} leads to {current}, which is not a file"
    return f"{path} leads to {current}, which does not exist"
