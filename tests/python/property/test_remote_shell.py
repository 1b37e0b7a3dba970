"""What ssh is told, read by real shells: every login shell makes the same words of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.other_machine import BROUGHT, shell_here
from workflow_helper.errors import ExecutionFailed
from workflow_helper.servers import remote_shell

if TYPE_CHECKING:
    from pathlib import Path

SHOW = "import os, sys; os.write(1, b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
#: What shells act on, and anything else that a program can be given.
letters = st.one_of(
    st.sampled_from("'\"\\!$`~#*?[]{}()<>|&;%^= \t\n\r-+:/@,.aA0\x01\x1b\x7f\udc80\udcffé漢"),
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
)
words = st.lists(st.text(letters, max_size=12), max_size=6)


def given_by(shell: str, command: str) -> tuple[int, bytes, bytes]:
    """Return the status, output and errors of ``command``, as the login shell ``shell`` runs it."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LD_LIBRARY_PATH": f"{BROUGHT}/usr/lib/x86_64-linux-gnu",
    }
    done = subprocess.run(
        [shell, "-c", command],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.needs("POSIX")
@given(words)
def test_words_are_the_same_behind_every_login_shell(given_words: list[str]) -> None:
    """Of bash, dash, tcsh and fish, as far as they are here, each hands a program exactly these words."""
    command = remote_shell.running([sys.executable, "-Ic", SHOW, *given_words], "/")
    for name in ("bash", "dash", "tcsh", "fish"):
        shell = shell_here(name)
        if shell is not None:
            expected = b"\0".join(map(os.fsencode, given_words))
            assert given_by(shell, command) == (0, expected, b""), name


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["if", "a=b", "!", "{", "-x"])
def test_a_program_is_one_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """Words that mean something to a shell are names of programs."""
    program = tmp_path / name
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    command = remote_shell.running([name], "/", prepend_path=[str(tmp_path)])
    assert given_by("/bin/sh", command) == (0, b"ran\n", b"")


def test_what_cannot_be_said_is_refused() -> None:
    """A NUL character, a name that is no variable's, and what is longer than a system takes."""
    for argv, put in (
        (["a\0b"], {}),
        (["true"], {"a b": "x"}),
        (["true"], {"x=$(id)": "x"}),
        (["true", "x" * remote_shell.LIMIT], {}),
    ):
        with pytest.raises(ExecutionFailed):
            remote_shell.running(argv, "/", put=put)


@pytest.mark.needs("POSIX")
def test_variables_are_unset_set_and_led_in_this_order() -> None:
    """As ``environment/command`` says, with values of any kind."""
    script = "import os; print([os.environ.get(name) for name in ('HOME', 'SAID', 'PATH')])"
    command = remote_shell.running(
        [sys.executable, "-Ic", script],
        "/",
        unset=["HOME", "SAID"],
        put={"SAID": "it's\n"},
        prepend_path=["/a b", "/c"],
    )
    output = given_by("/bin/sh", command)[1].decode()
    assert output == "[None, \"it's\\n\", '/a b:/c:/usr/bin:/bin']\n"
