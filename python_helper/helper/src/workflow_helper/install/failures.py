"""Turn the output of a failed tool into an error that says what to do."""

from __future__ import annotations

from workflow_helper.errors import (
    ExecutionFailed,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
)
from workflow_helper.system.output import decode_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_helper.errors import RequestFailed
    from workflow_helper.system.process import Finished
else:
    from workflow_server.namedtuple import NamedTuple


class ErrorPattern(NamedTuple):
    """A kind of failure: the words of a tool that identify it, and its message."""

    #: Any of these, in the tool's output, without regard to case.
    words: tuple[str, ...]
    error: type[RequestFailed]
    #: One sentence; the tool's own last words follow it.
    message: str
    #: The advice for the user.
    hint: str


#: The most lines of a tool's output that are shown with an error.
MOST_LINES = 12
#: The most characters of one of these lines.
_LONGEST_LINE = 400

#: Failures that a caller may describe with its own message.
DISK_FULL = ErrorPattern(
    ("no space left on device", "errno 28", "os error 28", "disk quota exceeded", "enospc"),
    ExecutionFailed,
    "the disk is full",
    "Free some space, then try again. Nothing incomplete was left behind.",
)
CERTIFICATE = ErrorPattern(
    (
        "invalid peer certificate",
        "certificate_verify_failed",
        "certificate verify failed",
        "confirming the ssl certificate",
    ),
    NetworkUnavailable,
    "the certificate of a package index, or of a proxy, is not trusted",
    "Add your company's certificate to those of the system, or set SSL_CERT_FILE to a file that has it. "
    "uv uses the system's unless UV_SYSTEM_CERTS says otherwise.",
)
NETWORK = ErrorPattern(
    (
        "connection refused",
        "connection error",
        "connectionerror",
        "connecterror",
        "connecttimeout",
        "readtimeout",
        "dns error",
        "failed to lookup address",
        "name or service not known",
        "temporary failure in name resolution",
        "network is unreachable",
        "newconnectionerror",
        "max retries exceeded",
        "error sending request",
        "all attempts to connect",
        "connection reset",
        "could not connect",
        "network connectivity is disabled",
        "network was disabled",
        "tls handshake",
    ),
    NetworkUnavailable,
    "a package index could not be reached",
    "Check the network, a proxy, and the index that the project or you configured.",
)

#: The failures of every tool. Looked for in this order: a full disk also makes downloads fail.
COMMON = (
    DISK_FULL,
    ErrorPattern(
        (
            "read-only file system",
            "permission denied",
            "is not write-able",
            "permissionerror",
            "errno 30",
            "os error 30",
            "os error 13",
            "operation not permitted",
        ),
        Protected,
        "a file or folder is not writable",
        "Make the project's folder, and the tool's own, writable.",
    ),
    ErrorPattern(
        ("text file busy", "os error 26", "winerror 32", "being used by another process"),
        Protected,
        "the environment is in use",
        "End the programs that run in it, then try again.",
    ),
    CERTIFICATE,
    NETWORK,
    ErrorPattern(
        ("no matching distribution found",),
        ExecutionFailed,
        "a required package is in none of the package indexes",
        "Check its name and version, and the index that the project or you configured.",
    ),
    ErrorPattern(
        (
            "no interpreter found",
            "no python interpreter",
            "no suitable python",
            "could not find a python",
            "no python at",
            "python version not found",
            "failed to find interpreter",
            "no compatible python",
        ),
        PythonUnavailable,
        "no Python on this machine fits",
        "'wsp python list' lists the available Pythons. Name another with --python.",
    ),
    ErrorPattern(
        ("lock file is out of date", "lockfile is out of date", "lock file needs to be updated"),
        LockOutdated,
        "the lock file is out of date",
        "Lock the project again.",
    ),
)


def failure(
    what: str, tool: str, finished: Finished, error_patterns: Sequence[ErrorPattern] = ()
) -> RequestFailed:
    """Return the error for ``tool`` having failed at ``what`` ("creating .venv"). ``error_patterns`` take precedence over the common ones.

    Its message ends with the last of what the tool wrote; ``data`` has ``exit_code``, ``stdout`` and ``stderr``.
    """
    output = finished.text
    lowered = output.lower()
    known = next(
        (
            pattern
            for pattern in (*error_patterns, *COMMON)
            if any(words.lower() in lowered for words in pattern.words)
        ),
        None,
    )
    last = last_words(output)
    message = f"{tool} failed ({finished.exit_code}) at {what}"
    if known is not None:
        message += f": {known.message}"
    data = {
        "summary": summary(tool, what, output, known),
        "exit_code": finished.exit_code,
        "stdout": decode_output(finished.stdout),
        "stderr": decode_output(finished.stderr),
    }
    kind = ExecutionFailed if known is None else known.error
    hint = None if known is None else known.hint
    return kind(
        f"{message}. Its output:\n{last}" if last else f"{message}, without any output",
        hint,
        data=data,
    )


def summary(tool: str, what: str, output: str, known: ErrorPattern | None) -> str:
    """Return one sentence about why ``tool`` failed at ``what``, for a message without the tool's output."""
    import re

    if known is None or known.error is ExecutionFailed:
        for pattern, sentence in _MISSING:
            if (found := re.search(pattern, " ".join(output.split()))) is not None:
                return sentence.format(found.group(1))
    if known is None:
        return f"{tool} failed while {what}."
    return f"{known.message[:1].upper()}{known.message[1:]}."


#: What pip and uv write of a package that no index has, and of a version that it has not, and what that means.
_MISSING = (
    (
        r"satisfies the requirement ([^\s;]+)[^()]*\(from versions: none\)",
        'No package named "{}" was found.',
    ),
    (
        r"satisfies the requirement ([^\s;]+)[^()]*\(from versions: ",
        'No version of a package fits "{}".',
    ),
    (r"([\w.-]+) was not found in the package registry", 'No package named "{}" was found.'),
    (r"there is no version of ([^\s,]+)", 'No version of a package fits "{}".'),
    (
        r"only the following versions of ([\w.-]+)\S* are available",
        'No version of "{}" fits the requirement.',
    ),
)


def last_words(text: str) -> str:
    """Return the last lines of ``text`` that are not empty, without colors, each cut to a readable length."""
    import re

    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    lines = [line.rstrip()[:_LONGEST_LINE] for line in plain.splitlines() if line.strip()]
    return "\n".join(lines[-MOST_LINES:])
