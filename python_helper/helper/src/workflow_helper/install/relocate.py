"""Fix moved or copied environments, whose programs still start the Python at the original path.

``venv`` and the installers write the environment's own path into ``activate`` and into the first line of every program.
After a move these paths do not exist, and after a copy they lead to the original environment, while the interpreter
works. The launchers of Windows contain the path in binary form, and are not checked.

Sources: the ``venv`` documentation; the "Entry points" specification; pip's, uv's and distlib's form for long paths.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from itertools import islice

from workflow_helper.discovery.environments import health
from workflow_helper.errors import Protected, UnusableFile, unwritable
from workflow_helper.filesystem.paths import is_remote
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.model import Environment, Host

#: The most bytes that are read of a file: programs that installers write, and scripts that activate, are smaller.
_PROGRAM_LIMIT = 256 * 1024
_MOST_PROGRAMS = 5000
#: The scripts that activate an environment and name its place; where a script works the path out, nothing has to change.
_ACTIVATED = re.compile(
    rb"^\s*(?:export )?VIRTUAL_ENV=(['\"]?)(?P<prefix>/[^'\"\n]*)\1\s*$", re.MULTILINE
)
#: The first line of a program, or the line below it where the path is too long for one.
_STARTED = re.compile(
    rb"\A#!(?:/bin/sh\n'''exec' )?['\"]?(?P<prefix>/[^'\"\n]*)/bin/(?:python|pypy)[0-9.t]*\b"
)
#: A path without these needs no quotes, neither in a shell nor in a first line, of which Linux reads 255 bytes.
_PLAIN = re.compile(rb"[A-Za-z0-9_@%+=:,./-]{1,200}")


def former_prefix(environment: Environment, host: Host) -> str | None:
    """Return the original path of ``environment``, if it was moved or copied; ``None`` if its programs are right."""
    if host.windows or environment.kind != "venv":
        return None
    here = os.path.join(environment.prefix, "bin")
    for _, data in _programs(here):
        found = _ACTIVATED.search(data) or _STARTED.match(data)
        if found and _is_other(former := os.fsdecode(found["prefix"]), environment.prefix):
            return former
    return None


def relocate(environment: Environment, former: str) -> None:
    """Make the programs of ``environment`` start its own Python instead of that of ``former``.

    Raises:
        Protected: its path cannot be used in a program's first line.
        WorkflowError: a file cannot be written.
    """
    prefix = os.fsencode(environment.prefix)
    if not _PLAIN.fullmatch(prefix):
        raise Protected(
            f"{environment.prefix} was moved from {former}, and programs cannot be started from such a path",
            "Delete it, then create it again.",
        )
    named = re.compile(re.escape(os.fsencode(former)) + rb"(?=[/'\"\s:;)]|\Z)")
    for path, data in _programs(os.path.join(environment.prefix, "bin")):
        replaced = named.sub(lambda _: prefix, data)
        if replaced != data:
            _replace(path, replaced)


def _is_other(former: str, prefix: str) -> bool:
    """Return whether ``former`` is, or was, an environment that is not the one at ``prefix``."""
    if is_remote(former) or (os.path.exists(former) and not health.is_environment(former, Disk())):
        return False  # a Python of the machine, which a package's own script may ask for
    return real_path(former) != real_path(prefix)


def _programs(folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each text file in ``folder``, scripts for activation first."""
    disk = Disk()
    names = sorted(disk.names(folder), key=lambda name: (name != "activate", name))
    for name in islice(names, _MOST_PROGRAMS):
        path = os.path.join(folder, name)
        if os.path.islink(path):
            continue
        with suppress(UnusableFile):
            data = disk.read(path, _PROGRAM_LIMIT)
            if data and b"\0" not in data[:1024]:
                yield path, data


def _replace(path: str, data: bytes) -> None:
    """Replace the file ``path`` by ``data`` completely or not at all; it may be running, or a link into an installer's cache."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise unwritable(path, error, "could not be written") from None
