"""The commands that are run, as whoever listens is told of them."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from support.imports import SYS_PATH
from workflow_helper.system.command_log import NAME, log_command

if TYPE_CHECKING:
    import pytest


def test_a_command_is_told_as_a_shell_would_take_it(caplog: pytest.LogCaptureFixture) -> None:
    """Words are quoted, the folder is named, and a password is masked."""
    with caplog.at_level(logging.INFO, NAME):
        log_command(("/bin/uv", "a b", "https://ada:hunter2@example.org/simple"), "/work")
    (record,) = caplog.records
    assert record.getMessage().startswith("/bin/uv 'a b' ")
    assert record.getMessage().endswith(" (in /work)")
    assert "hunter2" not in record.getMessage()


def test_nobody_who_does_not_listen_pays_for_it() -> None:
    """Where ``logging`` is not loaded, telling of a command does not load it."""
    code = (
        f"import sys; sys.path[:0] = {SYS_PATH!r}\n"
        "from workflow_helper.system.command_log import log_command\n"
        "log_command(('/bin/true',), '/')\n"
        "print('logging' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
