"""Counts characters where bytes are to be counted."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "good"))

from plain import Plain


class Broken(Plain):
    def write(self, wire):
        if "id" in wire and "result" in wire:
            wire = {**wire, "note": "\u00fc" * 40}
        body = json.dumps(wire, ensure_ascii=False)
        sys.stdout.buffer.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        sys.stdout.buffer.flush()


Broken().run()
