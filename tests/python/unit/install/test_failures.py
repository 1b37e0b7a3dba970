"""What tools say when they fail, and the error that becomes of it. The words are those of the tools themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.errors import (
    ExecutionFailed,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
)
from workflow_helper.install.failures import MOST_LINES, ErrorPattern, failure
from workflow_helper.lsp.protocol import error_to_wire
from workflow_helper.system.process import Finished

if TYPE_CHECKING:
    from workflow_helper.errors import RequestFailed

# uv 0.13.8 and pip 26.3 behind a proxy whose certificate they do not know, on 29 November 2026.
UV_BEHIND_A_PROXY = """\
error: Failed to fetch: https://index/simple/demo/
  cause: error sending request for url (https://index/simple/demo/)
  cause: client error (Connect)
  cause: invalid peer certificate: UnknownIssuer

hint: Consider enabling use of system TLS certificates with the `--system-certs` command-line flag"""
PIP_BEHIND_A_PROXY = """\
Could not fetch URL https://index/simple/demo/: There was a problem confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1020) - skipping
ERROR: Could not find a version that satisfies the requirement demo (from versions: none)
ERROR: No matching distribution found for demo"""

WORDS = [
    (
        "error: failed to write to file `/p/.venv/pyvenv.cfg`: No space left on device (os error 28)",
        ExecutionFailed,
        "the disk is full",
    ),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        ExecutionFailed,
        "the disk is full",
    ),
    (
        "error: failed to create directory `/p/.venv`: Read-only file system (os error 30)",
        Protected,
        "is not writable",
    ),
    (
        "PermissionError: [Errno 13] Permission denied: '/p/uv.lock'",
        Protected,
        "is not writable",
    ),
    (
        "error: failed to remove file `/p/.venv/bin/python`: Text file busy (os error 26)",
        Protected,
        "in use",
    ),
    (
        "[WinError 32] The process cannot access the file because it is being used by another process",
        Protected,
        "in use",
    ),
    (
        "  Caused by: client error (Connect)\n  Caused by: tcp connect error: Connection refused (os error 111)",
        NetworkUnavailable,
        "could not be reached",
    ),
    (
        "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /simple/",
        NetworkUnavailable,
        "could not be reached",
    ),
    (UV_BEHIND_A_PROXY, NetworkUnavailable, "is not trusted"),
    (PIP_BEHIND_A_PROXY, NetworkUnavailable, "is not trusted"),
    (
        "error: No interpreter found for Python 3.99 in managed installations or search path",
        PythonUnavailable,
        "no Python on this machine fits",
    ),
]


def finished(stderr: str, code: int = 2) -> Finished:
    """A tool that ended so."""
    return Finished(code, b"out", stderr.encode())


@pytest.mark.parametrize(("words", "kind", "output"), WORDS)
def test_common_failures_are_known_by_their_words(
    words: str, kind: type[RequestFailed], output: str
) -> None:
    """Each becomes an error of its kind that says what happened, what to do, and the tool's own words."""
    error = failure("creating .venv", "acme", finished(words))
    assert type(error) is kind
    assert output in error.message
    assert "acme failed (2) at creating .venv" in error.message
    assert words.splitlines()[-1].strip() in error.message
    assert error.hint


def test_unknown_failures_keep_the_last_words() -> None:
    """What nobody knows is told as it was said, at most the last lines, and whole beside it."""
    error = failure("locking", "acme", finished("\n".join(f"line {n}" for n in range(100))))
    assert type(error) is ExecutionFailed
    assert error.message.count("line ") == MOST_LINES
    assert error.message.endswith("line 99")
    assert error.data["exit_code"] == 2
    assert str(error.data["stderr"]).startswith("line 0\n")


def test_own_words_of_a_tool_count_before_the_common_ones() -> None:
    """A tool's own pattern decides where both fit."""
    pattern = ErrorPattern(
        ("lock is stale",), LockOutdated, "acme.lock is out of date", "'acme lock' fixes it."
    )
    error = failure("syncing", "acme", finished("Lock is stale: Permission denied"), (pattern,))
    assert isinstance(error, LockOutdated)
    assert error.hint == "'acme lock' fixes it."


def test_tool_that_says_nothing() -> None:
    """Silence is told as such."""
    error = failure("syncing", "acme", Finished(-9, b"", b""))
    assert error.message == "acme failed (-9) at syncing, without any output"


@pytest.mark.parametrize(
    ("tool", "output", "summary"),
    [
        (
            "python3",
            (
                "ERROR: Could not find a version that satisfies the requirement reqeusts (from versions: none)\n"
                "ERROR: No matching distribution found for reqeusts"
            ),
            'No package named "reqeusts" was found.',
        ),
        (
            "python3",
            (
                "ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 1.16.0, 1.17.0)\n"
                "ERROR: No matching distribution found for six==99"
            ),
            'No version of a package fits "six==99".',
        ),
        (
            "uv",
            (
                "  x No solution found when resolving dependencies:\n"
                "  ╰─▶ Because reqeusts was not found in the package registry and you require\n"
                "      reqeusts, we can conclude that your requirements are unsatisfiable."
            ),
            'No package named "reqeusts" was found.',
        ),
        (
            "uv",
            (
                "  x No solution found when resolving dependencies:\n"
                "  ╰─▶ Because there is no version of six==99 and you require six==99, ..."
            ),
            'No version of a package fits "six==99".',
        ),
        (
            "python3",
            (
                "WARNING: Retrying after connection broken by 'NewConnectionError(Connection refused)': /simple/demo/\n"
                "ERROR: Could not find a version that satisfies the requirement demo (from versions: none)\n"
                "ERROR: No matching distribution found for demo"
            ),
            "A package index could not be reached.",
        ),
        ("uv", "something new", "uv failed while installing into .venv."),
    ],
)
def test_a_failure_is_said_in_one_sentence(tool: str, output: str, summary: str) -> None:
    """A person reads one sentence that names the package, and a connection that is refused is no wrong name."""
    error = failure("installing into .venv", tool, Finished(1, b"", output.encode()))
    assert error_to_wire(error)["summary"] == summary
