"""Workflow servers that are launched for a test: one that tells how it was started, and real packages that bring it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from workflow_helper.filesystem.reader import Disk
from workflow_helper.install.work import Work
from workflow_helper.model import Workflow
from workflow_helper.servers.launch import command
from workflow_helper.system.child import Child
from workflow_server.client import Session

from support.declaring import declaration
from support.machine import uv
from support.servers import PATIENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from workflow_helper.servers.launch import ServerCommand

    from support.machine import Machine

#: A base server of one environment, whose details tell how the server was started.
SERVER = """
import json, os, sys

def about():
    return {"executable": sys.executable, "prefix": sys.prefix, "path": sys.path, "argv": sys.argv[1:],
            "isolated": sys.flags.ignore_environment & sys.flags.no_user_site, "cwd": os.getcwd(), "environ": dict(os.environ)}

def answer(method):
    if method == "initialize":
        return {"methods": ["environment/get", "environment/list", "exit", "initialize", "shutdown"],
                "protocol_version": "0.1.0"}
    one = {"id": "told", "name": "default", "python_version": "%d.%d" % sys.version_info[:2]}
    if method == "environment/list":
        return [one]
    if method == "environment/get":
        return {**one, "interpreter_path": sys.executable, "installed_packages": [], "extra": about()}

def main():
    for line in sys.stdin:
        if not line.startswith("{"):
            continue
        request = json.loads(line)
        if request["method"] == "exit":
            return 0
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer(request["method"])}), flush=True)
"""
SCRIPT = SERVER + "\nmain()\n"

#: By these this machine reaches its package index, if it needs them.
_NETWORK = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "UV_INDEX_URL",
    "UV_SYSTEM_CERTS",
    "UV_NATIVE_TLS",
    "UV_DEFAULT_INDEX",
    "UV_CONFIG_FILE",
    "PDM_PYPI_URL",
    "PIPENV_PYPI_MIRROR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)


def reach_the_index(machine: Machine) -> None:
    """Let the machine use the package index as the one that runs the tests does."""
    machine.environ.update(
        {name: value for name, value in os.environ.items() if name.upper() in _NETWORK}
    )


def put_uv_on_path(machine: Machine) -> None:
    """Give the machine uv."""
    folder = machine.home / "tools"
    folder.mkdir()
    if os.name == "posix":
        (folder / "uv").symlink_to(uv())
    else:
        shutil.copy(uv(), folder)
    machine.environ["PATH"] = os.pathsep.join((str(folder), machine.environ["PATH"]))


def wheel(
    folder: Path,
    version: str = "1.0",
    *,
    name: str = "demo",
    text: str = SERVER,
    needs: Sequence[str] = (),
    programs: Sequence[str] | None = None,
) -> Path:
    """A real wheel in ``folder``: the module ``demo`` with ``text`` in it, and a program that runs its ``main``.

    ``programs`` are several such, or none.
    """
    needed = "".join(f"Requires-Dist: {one}\n" for one in needs)
    about = f"{name}-{version}.dist-info"
    points = "".join(
        f"{one} = {name}:main\n" for one in ((name,) if programs is None else programs)
    )
    files = {
        f"{name}.py": f"{text}\nif __name__ == '__main__':\n    main()\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{points}",
    }
    record = "".join(f"{path},{_hash(data)},{len(data)}\n" for path, data in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
        archive.writestr(f"{about}/RECORD", f"{record}{about}/RECORD,,\n")
    return made


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def launched(
    machine: Machine, table: str | Mapping[str, Any], origin: Path | None = None
) -> ServerCommand:
    """The command line for the workflow that ``table`` declares, in ``origin`` or else in the workspace's file."""
    declared_in = origin or machine.workspace / "pyproject.toml"
    workflow = Workflow(declaration(table, declared_in)._replace(name="tested"), "W4")
    return command(workflow, str(machine.workspace), machine.host, Disk(), Work())


def session_of(how: ServerCommand, root: Path, *, trusted: bool = True) -> Session:
    """A session with the server that ``how`` starts."""
    child = Child(how.argv, cwd=how.cwd, environ=how.environ)
    return Session(child, how.name, root=str(root), trusted=trusted, bounds=PATIENT)


def told_by(how: ServerCommand, root: Path) -> dict[str, Any]:
    """What the server of :data:`SERVER` tells of how it was started."""
    with session_of(how, root) as session:
        (one,) = session.environments()
        extra = session.get(one.id).extra
    assert extra is not None
    return dict(extra)


def serving(machine: Machine, *words: str, trusted: bool = True) -> Session:
    """A session with ``wsp serve WORDS...`` for the workspace."""
    child = Child(
        [sys.executable, "-I", "-m", "workflow_helper", "serve", *words],
        cwd=str(machine.workspace),
        environ=machine.environ,
    )
    return Session(child, "served", root=str(machine.workspace), trusted=trusted, bounds=PATIENT)
