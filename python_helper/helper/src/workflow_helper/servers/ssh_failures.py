"""Turn the messages of ssh into errors with the machine, the reason, and a hint."""

from __future__ import annotations

import re

from workflow_helper.errors import HostRefused, HostUnfit, HostUnreachable
from workflow_helper.servers import remote_shell
from workflow_helper.servers.ssh import FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_helper.errors import HostFailed, ServerFailed
    from workflow_helper.servers.ssh import RemoteFolder

#: ssh was told how the program ended: by the other side, or by the process whose connection it shares.
_OWN_STATUS = re.compile(r"rtype exit-s|mux_client_request_session: master session id")
#: What ssh says, and what that means: a reason as the end of a sentence about the host, and what to do.
_KEY_CHANGED = re.compile(
    r"REMOTE HOST IDENTIFICATION HAS CHANGED|host key .* has changed", re.IGNORECASE
)
_KEY_UNKNOWN = re.compile(r"Host key verification failed|No .* host key is known")
_REFUSED = re.compile(r"Permission denied \(|Too many authentication failures")
_AWAY = re.compile(
    r"Could not resolve|[Cc]onnect to (?:host|address) |Connection timed out|Operation timed out|No route to host"
    r"|Network is unreachable|Connection refused|kex_exchange_identification|[Bb]anner exchange|Name or service not known"
)
_CUT = re.compile(
    # Not the "Connection to ... closed." with which every terminal ends.
    r"closed by|Connection reset|Broken pipe|Timeout, server .* not responding|client_loop"
)


def has_exit_status(log: str) -> bool:
    """Return whether ssh, which wrote ``log`` at its level DEBUG1, received the exit status of the program on the other machine."""
    return _OWN_STATUS.search(log) is not None


def explained_failure(place: RemoteFolder, error: ServerFailed) -> ServerFailed:
    """Return ``error`` of a server at ``place``, or a more specific one if ssh or the other side reports the reason."""
    # What a server itself writes last may sound alike: ssh's own status is that of no server that works.
    if f"status {FAILED}" in error.reason:
        return explain(place.host, error.stderr) or error
    if f"status {remote_shell.CANNOT_BEGIN}" in error.reason:
        return _unfit(place, error.stderr) or error
    return error


def explain(host: str, output: str) -> HostFailed | None:
    """Return the error for ssh's ``output`` about the connection to ``host``; ``None`` if it does not show one."""
    lines = [line.strip() for line in output.splitlines() if not line.startswith("debug")]
    output = "\n".join(lines)
    if _KEY_CHANGED.search(output):
        return HostRefused(
            host,
            "has another host key than the known one, so nothing was sent to it",
            hint=f"If you expected that, remove the old key with 'ssh-keygen -R', connect once with 'ssh {host}' and "
            "compare the new key. Otherwise someone may be intercepting the connection.",
        )
    if _KEY_UNKNOWN.search(output):
        return HostRefused(
            host,
            "has a host key that is not known yet, so nothing was sent to it",
            hint=f"Connect once with 'ssh {host}', compare the key, and accept it.",
        )
    if line := _line(lines, _REFUSED):
        return HostRefused(
            host,
            f"refuses the login: {line}",
            hint=f"'ssh {host}' has to work without a password: with a key that the agent has, or that needs no passphrase.",
        )
    if line := _line(lines, _AWAY):
        return HostUnreachable(
            host, f"cannot be reached: {line}", hint=f"Check that 'ssh {host}' works."
        )
    if line := _line(lines, _CUT):
        return HostUnreachable(host, f"can no longer be reached: {line}")
    return None


def _unfit(place: RemoteFolder, output: str) -> HostUnfit | None:
    """Return the error for what the other side reports as missing; ``None`` if it reports nothing."""
    if remote_shell.NO_FOLDER in output:
        hint = "The declaration's 'folder' says which one is meant."
        return HostUnfit(place.host, f"has no folder {place.folder}", hint=hint)
    if remote_shell.NO_PROGRAM not in output:
        return None
    program = output.rpartition(remote_shell.NO_PROGRAM)[2].partition("\n")[0].strip()
    hint = _NEEDS_WSP if program == "wsp" else "Install it there, or declare its path."
    return HostUnfit(
        place.host, f"has no program {program}, which starts the server there", hint=hint
    )


_NEEDS_WSP = (
    "Install python-workflow there, with wsp on PATH or in ~/.local/bin, or declare a command that is there: "
    'wsp = {cmd = ["/path/to/server"]}.'
)


def _line(lines: Sequence[str], pattern: re.Pattern[str]) -> str:
    return next((line for line in reversed(lines) if pattern.search(line)), "")
