"""A package that takes as long to build as a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.files import write
from support.servers import until

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
