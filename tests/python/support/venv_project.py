"""A project whose environment Python itself makes, and what is asked about it."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING, Any

from workflow_helper.backends import venv
from workflow_helper.backends.server import server
from workflow_server.in_process import Local

from support.files import write
from support.launching import reach_the_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from support.machine import Machine


THIS = "{}.{}".format(*sys.version_info[:2])

#: Dependencies, groups and an extra, and nothing that could be built.
LISTED = """\
[project]
name = "parcels"
version = "4.2"
dependencies = ["alpha>=1 ; python_version >= '3'", "nonesuch ; python_version < '3'"]

[project.optional-dependencies]
more = ["beta"]
all = ["parcels[more]"]

[dependency-groups]
dev = ["gamma"]
docs = [{include-group = "dev"}, "delta"]
"""

#: The same, with a build backend of its own that needs nothing.
BUILT = (
    LISTED
    + """
[project.scripts]
parcel = "parcels:main"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
)

#: Builds what the project declares; while the file ``hold`` is there it waits, and it tells who it is in ``begun``.
BACKEND = """\
import os, pathlib, time, tomllib, zipfile
here = pathlib.Path(__file__).parent

def build_editable(folder, config=None, metadata=None):
    (here / "begun").write_text(str(os.getpid()))
    while (here / "hold").exists():
        time.sleep(0.01)
    about = tomllib.loads((here / "pyproject.toml").read_text())["project"]
    needs = "".join(f"Requires-Dist: {one}\\n" for one in about.get("dependencies", []))
    for extra, told in about.get("optional-dependencies", {}).items():
        needs += f"Provides-Extra: {extra}\\n" + "".join(f"Requires-Dist: {one} ; extra == '{extra}'\\n" for one in told)
    head = f"Metadata-Version: 2.1\\nName: {about['name']}\\nVersion: {about['version']}\\n"
    scripts = "".join(f"{name} = {place}\\n" for name, place in about.get("scripts", {}).items())
    stem = f"{about['name']}-{about['version']}"
    files = {
        f"{about['name']}.pth": f"{here}\\n",
        f"{stem}.dist-info/METADATA": head + needs,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{stem}.dist-info/entry_points.txt": f"[console_scripts]\\n{scripts}",
        f"{stem}.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(pathlib.Path(folder) / f"{stem}-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return f"{stem}-py3-none-any.whl"

build_wheel = build_editable
"""


def with_index(machine: Machine) -> None:
    """Take packages from the package index."""
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
        del machine.environ[name]
    (machine.home / ".config" / "uv" / "uv.toml").unlink()
    reach_the_index(machine)


def session(machine: Machine, *, trusted: bool = True) -> Local:
    """The workflow in this process, for the workspace."""
    return Local(server(venv.BACKEND, machine.host), str(machine.workspace), trusted=trusted)


def installed_versions(machine: Machine, identity: str = ".venv") -> dict[str, str]:
    """What an environment holds: versions by name."""
    return {
        one.name: one.version for one in session(machine).get(identity).installed_packages or ()
    }


def create(
    machine: Machine,
    groups: Sequence[str] | None = None,
    extras: Sequence[str] | None = None,
    packages: Sequence[str] | None = None,
) -> dict[str, str]:
    """Make ``.venv`` with the Python of the tests; what it holds."""
    local = session(machine)
    local.create(".venv", THIS, groups=groups, extras=extras, packages=packages)
    return installed_versions(machine)


def check(machine: Machine, **wishes: Any) -> str:
    """What is out of sync, empty where nothing is."""
    result = session(machine).check(".venv", **wishes)
    assert result.in_sync == (not result.message)
    return result.message


def sync(machine: Machine, **wishes: Any) -> tuple[list[str], list[str]]:
    """What came and what went, by name, and nothing is out of sync then."""
    done = session(machine).sync(".venv", **wishes)
    assert check(machine, **{key: value for key, value in wishes.items() if key != "frozen"}) == ""
    return [one.name for one in done.installed], [one.name for one in done.removed]


def built(machine: Machine, text: str = BUILT) -> Path:
    """Make the workspace a project that can be built; its folder."""
    write(machine.workspace / "pyproject.toml", text)
    write(machine.workspace / "backend.py", BACKEND)
    write(machine.workspace / "parcels.py", "def main():\n    print('parcelled')\n")
    return machine.workspace


def edit(path: Path, before: str, after: str) -> None:
    """Replace a part of a file."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def locked(machine: Machine, wheels: Path, names: Sequence[str], more: str = "") -> Path:
    """A ``pylock.toml`` of these packages, as ``name-version``; its path."""
    text = 'lock-version = "1.0"\ncreated-by = "tested"\nextras = ["more"]\n'
    text += 'dependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]\n'
    for stem in names:
        name, version = stem.split("-")
        (path,) = wheels.glob(f"{stem}*.whl")
        marker = {"beta": "'more' in extras", "gamma": "'dev' in dependency_groups"}.get(name, "")
        text += f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
        text += f'marker = "{marker}"\n' if marker else ""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        where = os.path.relpath(path, machine.workspace)
        text += f'wheels = [{{ path = "{where}", hashes = {{ sha256 = "{digest}" }} }}]\n'
    return write(machine.workspace / "pylock.toml", text + more)
