"""Install the requirements of a workflow into a cached environment of its own.

The user's configuration of uv and pip is used (an index, a proxy), and the project's never is: everything runs in the
cache folder, with isolated interpreters, and without variables of a project or a shell that would redirect it.
"""

from __future__ import annotations

import os

from workflow_helper.discovery.declarations import expand_home
from workflow_helper.errors import (
    CreateFailed,
    ExecutionFailed,
    Refused,
    RequestFailed,
    UsageError,
)
from workflow_helper.filesystem.paths import absolute, is_remote, path_of_file_url
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.install import cache, own_copy
from workflow_helper.trust.fingerprint import contents, looks_like_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_helper.install.installer import InstallerCommand
    from workflow_helper.install.work import Work
    from workflow_helper.model import Host, Interpreter
    from workflow_helper.system.process import Finished

#: Grows when what is made changes, so that older environments are not taken for newer ones.
FORMAT = 2
TIMEOUT = 600.0


def environment(
    requirements: Sequence[str], base: str, python: Interpreter, host: Host, disk: Disk, work: Work
) -> str:
    """Return the prefix of a cached environment with ``requirements``, created with ``python`` if needed.

    A requirement is one of pip (PEP 508), or a path, relative to ``base``, or its ``file:`` URL. If the contents at a
    path change, another environment is created.

    Raises:
        UsageError: a requirement is anything else.
        CreateFailed: installing fails; the error has the end of the installer's output.
        Cancelled: the user stopped it.
    """
    found = {requirement(text, base, host) for text in requirements}
    specs = tuple(sorted(text for text, _ in found))
    local = tuple(sorted({path for _, path in found if path is not None}))
    digests = _digests(local, disk)
    key = _key(specs, digests, python)
    about = {"requirements": list(specs), "python": python.path, "version": python.version}

    def make(prefix: str) -> None:
        work.report(f"Installing {', '.join(specs) or 'an empty environment'}")
        _install(prefix, specs, python, host, work)
        if _digests(local, Disk()) != digests:  # the built contents differ from the checked ones
            raise Refused(
                f"{' and '.join(local)} changed while it was being installed", "Try again."
            )

    return cache.CacheEntry(key, host, disk).provided(about, make)


def scripts_of(prefix: str, host: Host) -> str:
    """Return the folder of an environment's programs."""
    return os.path.join(prefix, "Scripts" if host.windows else "bin")


def interpreter_of(prefix: str, host: Host) -> str:
    """Return the interpreter of an environment that was created here."""
    return os.path.join(scripts_of(prefix, host), "python.exe" if host.windows else "python")


def requirement(text: str, base: str, host: Host) -> tuple[str, str | None]:
    """Return ``text`` as a requirement for an installer, and the local path that it names, if any.

    A path is relative to ``base``, or a ``file:`` URL.

    Raises:
        UsageError: ``text`` is not a requirement.
    """
    from packaging.requirements import Requirement

    word = text.strip()
    if is_remote(word):
        raise UsageError(f"the requirement {text!r} is on another machine")
    bare = word.partition("[")[0]
    if looks_like_path(word):
        path = path_of_file_url(bare) or absolute(base, expand_home(bare, host))
        if is_remote(path):
            raise UsageError(f"the requirement {text!r} is on another machine")
        if not os.path.exists(path):
            raise UsageError(f"the requirement {text!r} names {path}, which does not exist")
        return path + word[len(bare) :], path
    try:
        requirement = Requirement(word)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a requirement: {str(error).splitlines()[0]}") from None
    own_copy.is_copy(requirement)
    named = path_of_file_url(requirement.url or "")
    if named is not None and is_remote(named):
        raise UsageError(f"the requirement {text!r} is on another machine")
    return str(requirement), named


def _digests(local: Sequence[str], disk: Disk) -> list[str]:
    return [contents(path, disk) for path in local]


def _key(specs: Sequence[str], digests: Sequence[str], python: Interpreter) -> str:
    import json
    from hashlib import sha256

    whole = [
        FORMAT,
        own_copy.VERSION,
        real_path(python.path),
        python.version,
        list(specs),
        list(digests),
    ]
    return sha256(json.dumps(whole).encode()).hexdigest()[:32]


def _install(
    prefix: str, specs: Sequence[str], python: Interpreter, host: Host, work: Work
) -> None:
    from workflow_helper.install.installer import Installer, check_installed_into, raise_barrier

    installer = Installer.of(host, work.outside)
    if installer.uv is not None:
        raise_barrier(os.path.dirname(os.path.dirname(prefix)))
    _run(installer.venv(python.path, prefix), prefix, host, work)
    if specs:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="python-workflow-") as folder:
            words = ("-c", own_copy.constraints(folder), "--", *specs)
            installing = installer.install(prefix, interpreter_of(prefix, host), words)
            check_installed_into(_run(installing, prefix, host, work).text, prefix, host)


def _run(call: InstallerCommand, prefix: str, host: Host, work: Work) -> Finished:
    from workflow_helper.install.failures import ErrorPattern
    from workflow_helper.install.runner import run_tool
    from workflow_helper.system.environ import for_tool

    no_pip = ErrorPattern(
        ("no module named pip",),
        ExecutionFailed,
        "its Python has no pip",
        "Install uv, which needs no pip.",
    )
    try:
        return run_tool(
            "installing what the workflow requires",
            call.argv,
            cwd=os.path.dirname(prefix),
            environ=for_tool(host.environ, call.environ),
            timeout=TIMEOUT,
            cancelled=work.cancelled,
            patterns=(no_pip,),
        )
    except RequestFailed as error:
        raise CreateFailed.of(error) from None
