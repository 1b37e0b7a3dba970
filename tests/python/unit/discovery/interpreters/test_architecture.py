from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery.interpreters.architecture import architecture
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path


def test_interpreter_that_runs_this() -> None:
    """The file of a real interpreter tells what the interpreter itself says."""
    result = architecture(os.path.realpath(sys.executable), Disk())
    assert result == {"aarch64": "arm64", "amd64": "x86_64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )


def _pe(machine: bytes) -> bytes:
    return b"MZ" + bytes(58) + (128).to_bytes(4, "little") + bytes(64) + b"PE\0\0" + machine


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x7fELF\x02\x01" + bytes(12) + b"\xb7\x00", "arm64"),
        (b"\x7fELF\x02\x02" + bytes(12) + b"\x00\x16", "s390x"),
        (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01", "arm64"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x02", "universal2"),
        (_pe(b"\x64\x86"), "x86_64"),
        (_pe(b"\x4c\x01"), "x86"),
        (b"#!/bin/sh\n", None),
        (b"MZ", None),
        (b"\x7fELF", None),
        (b"", None),
    ],
)
def test_head_of_a_program(tmp_path: Path, head: bytes, expected: str | None) -> None:
    """The formats of Linux, macOS and Windows name the processor; what is none of them, or cut off, names none."""
    assert architecture(str(write(tmp_path / "python", head)), Disk()) == expected


@pytest.mark.needs("POSIX")
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A folder, a FIFO and nothing have no architecture, and nothing waits for them."""
    os.mkfifo(tmp_path / "fifo")
    for name in ("", "fifo", "missing"):
        assert architecture(str(tmp_path / name), Disk()) is None
