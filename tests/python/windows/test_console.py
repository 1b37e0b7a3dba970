"""What is written to a console of Windows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: `CREATE_NO_WINDOW`: a console of its own, which nobody sees.
NO_WINDOW = 0x08000000
#: Writes to its console, whose code page has only ASCII in common with UTF-8, and tells what that shows.
PROBE = """
import ctypes, os, sys
from ctypes import wintypes
from workflow_helper.terminal.output import put
kernel = ctypes.WinDLL("kernel32")
kernel.SetConsoleOutputCP(850)
descriptor = os.open("CONOUT$", os.O_RDWR | os.O_BINARY)
put(descriptor, "S\\u00f6hne \\u65e5\\n")
kernel.CreateFileW.restype = wintypes.HANDLE
handle = kernel.CreateFileW("CONOUT$", 0xC0000000, 3, None, 3, 0, None)
shown, count = ctypes.create_unicode_buffer(8), wintypes.DWORD()
kernel.ReadConsoleOutputCharacterW(
    wintypes.HANDLE(handle), shown, 7, wintypes.DWORD(0), ctypes.byref(count)
)
with open(sys.argv[1], "w", encoding="utf-8") as told:
    told.write(shown.value)
"""


def test_text_is_shown_whatever_the_code_page(tmp_path: Path) -> None:
    """Letters that the code page of the console has at other places, or not at all, are shown as they are."""
    file = tmp_path / "told"
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(file)],
        creationflags=NO_WINDOW,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert file.read_text("utf-8").startswith("S\u00f6hne \u65e5")
