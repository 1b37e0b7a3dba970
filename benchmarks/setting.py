"""What is measured, what with, and where."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


#: By these a machine reaches its package index, if it needs them.
_NETWORK = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)


class Setting(NamedTuple):
    """One run's programs (absolute paths), and a folder that it may fill and that is removed after it."""

    #: The interpreter that everything is measured with: an installed one, neither a shim nor an environment's.
    python: str
    #: The ``wsp`` that is installed in an environment of ``python``.
    script: str
    #: The folder that the extension carries its helper in.
    helper: str
    #: The peers, by command.
    tools: dict[str, str]
    folder: Path

    @classmethod
    def read(cls, file: Path, folder: Path) -> Setting:
        """The setting that ``file`` describes: an object with the fields' names, ``folder`` apart."""
        wire = json.loads(file.read_text())
        return cls(wire["python"], wire["script"], wire["helper"], wire["tools"], folder)

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment of what is measured: that of a user who has set nothing, on this machine's network."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        network = {name: os.environ[name] for name in _NETWORK if name in os.environ}
        return {"HOME": str(home), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", **network}

    def helper_command(self, *words: str) -> list[str]:
        """How the extension starts its helper (``extension/helper/oneShot.ts``)."""
        cache = f"pycache_prefix={self.folder / 'pycache'}"
        return [self.python, "-I", "-S", "-X", cache, f"{self.helper}/__main__.py", *words]


class Series(NamedTuple):
    """What was measured of one thing, in order."""

    name: str
    values: list[float]
    unit: str = "ms"

    def to_wire(self) -> dict[str, Any]:
        """As the document has it; a thousandth of a unit is finer than any clock here."""
        return {"unit": self.unit, "values": [round(value, 3) for value in self.values]}
