"""What the tests of several workflows need: a package that is slow to build, and other Pythons."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from typing import TYPE_CHECKING

from support.files import write
from support.servers import until
from support.tree import supported_pythons

if TYPE_CHECKING:
    import threading
    from pathlib import Path

#: A package that takes as long to build as the file ``hold`` is there, and tells when it began.
_SLOW = {
    "slow/pyproject.toml": '[project]\nname = "slow"\nversion = "1"\n'
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "slow/backend.py": """\
import pathlib, time, zipfile
here = pathlib.Path(__file__).parent
def build_wheel(folder, config=None, metadata=None):
    (here / "begun").touch()
    while (here / "hold").exists():
        time.sleep(0.01)
    name = "slow-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("slow.py", "")
        wheel.writestr("slow-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: slow\\nVersion: 1\\n")
        wheel.writestr("slow-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("slow-1.dist-info/RECORD", "")
    return name
""",
    "slow/hold": "",
}


def put_slow_package(folder: Path) -> Path:
    """A package in ``folder`` that takes as long to build as its file ``hold`` is there, and then has ``begun``."""
    for file, text in _SLOW.items():
        write(folder / file, text)
    return folder / "slow"


def stop_when_begun(slow: Path, stop: threading.Event) -> None:
    """Wait until the build is held up, and stop what waits for it."""
    until((slow / "begun").exists)
    stop.set()


def other_python() -> str:
    """A supported Python of another version than the one that runs the tests."""
    this = "{}.{}".format(*sys.version_info[:2])
    return next(path for path in supported_pythons() if not path.endswith(this))


def pack_python(python: str, folder: Path) -> Path:
    """An archive of a Python as tools download them, whose library is that of ``python`` itself."""
    version = os.path.basename(python).removeprefix("python")
    inside = folder / "python"
    (inside / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy2(python, inside / "bin" / f"python{version}")
    # Without a standard library beside it, an interpreter takes the one that it was built with.
    write(
        inside / "lib" / f"python{version}" / "_sysconfigdata__linux_x86_64-linux-gnu.py",
        "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n",
    )
    for link in ("python3", "python"):
        (inside / "bin" / link).symlink_to(f"python{version}")
    archive = folder / "python.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(inside, "python")
    return archive
