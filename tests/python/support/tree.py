"""This tree, and what setup installed for its tests."""

from __future__ import annotations

import json
from pathlib import Path

#: The top folder of the repository.
ROOT = Path(__file__).parents[3]

#: The helper as the extension carries it; ``npm run build`` makes it.
BUNDLE = ROOT / "dist" / "helper"


def supported_pythons() -> list[str]:
    """The machine's Pythons that the helper supports, newest first, as absolute paths."""
    return _installed("pythons")


def old_pythons() -> list[str]:
    """The machine's Pythons that are too old for the helper, as absolute paths."""
    return _installed("oldPythons")


def _installed(key: str) -> list[str]:
    paths = json.loads((ROOT / ".cache" / "paths.json").read_text("utf-8"))
    return [str(path) for path in paths[key]]
