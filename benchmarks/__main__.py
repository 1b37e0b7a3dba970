"""Measure one part of the product beside its peers: ``python -I benchmarks PART --setup FILE --rounds N``.

Prints what was measured, value by value, as one JSON document::

    {"rounds": N, "series": {"<what>": {"unit": "ms" | "MB", "values": [...]}}}

What the values come to is worked out elsewhere (``scripts/lib/figures.mjs``): here nothing is averaged or left out.
``--setup`` names a JSON file that says what to measure and with what; see :class:`setting.Setting`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import command_line
import creating
import language_server
import launcher
import over_ssh
import running
import servers
import sizes
import testing
from setting import Setting

PARTS = {
    "cli": command_line.measure,
    "create": creating.measure,
    "helper": language_server.measure,
    "launcher": launcher.measure,
    "protocol": servers.measure,
    "scripts": running.measure,
    "sizes": sizes.measure,
    "ssh": over_ssh.measure,
    "tests": testing.measure,
}


def main() -> int:
    """Measure, and print; the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure one part.")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--setup", required=True, type=Path)
    parser.add_argument("--rounds", required=True, type=int)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wsp-benchmarks-")).resolve()
    try:
        setting = Setting.read(asked.setup, folder)
        series = PARTS[asked.part](setting, asked.rounds)
    finally:
        shutil.rmtree(folder)
    document = {"rounds": asked.rounds, "series": {one.name: one.to_wire() for one in series}}
    json.dump(document, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
