"""Start programs on another machine through the user's own ``ssh``, and explain its failures.

Its configuration, agent and known hosts are the user's. It never asks for anything (BatchMode), gives up on a machine that does not
answer, and notices one that went away.
"""

from __future__ import annotations

import re

from workflow_server.values import Command

from workflow_helper.discovery.workflow_table import PROJECT_NAME
from workflow_helper.errors import HostRefused, HostUnfit, HostUnreachable, NotFound
from workflow_helper.model import BundledLaunch, ProgramLaunch
from workflow_helper.servers import remote_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from workflow_helper.errors import HostFailed, ServerFailed
    from workflow_helper.model import Host, Launch, SshLaunch
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds for a connection to be made; and between two signs of life, of which three may be missed.
CONNECT = 10
ALIVE = 15
#: Seconds from starting ssh to a server's first answer: a connection, a login, and a start on a machine that may be slow.
START = 60.0
#: The exit status of ssh itself when something is wrong with the connection.
FAILED = 255

_ALWAYS = (
    "BatchMode=yes",
    f"ConnectTimeout={CONNECT}",
    f"ServerAliveInterval={ALIVE}",
    "ServerAliveCountMax=3",
    # The user's own would come in the place of ours.
    "RemoteCommand=none",
)
#: A server is spoken with over its streams alone, and is nobody's to forward ports for.
_SERVING = ("ClearAllForwardings=yes", "PermitLocalCommand=no", "ControlMaster=no")
#: Without a terminal, a shared connection would outlive what is started over it, and the other side not know of its end.
_RUNNING = ("ControlMaster=no", "ControlPath=none")


class RemoteFolder(NamedTuple):
    """A folder on another machine."""

    #: As ssh is told: ``user@host``, a name of its configuration, an ``ssh:`` URL.
    host: str
    folder: str
    #: The program ``ssh`` of this machine.
    ssh: str

    def address(self, path: str) -> str:
        """Return ``path`` of the other machine, in a form that is no path of this one."""
        return f"{self.host}:{path}"

    def serving(self, argv: Sequence[str]) -> tuple[str, ...]:
        """Return the command that starts the server ``argv`` there."""
        return self._argv("-T", _SERVING, remote_shell.serving(argv, self.folder))

    def command(self, there: Command, cwd: str) -> Command:
        """Return the command that starts ``there``, a command of the other machine, from the folder ``cwd`` of this one.

        It has no terminal; see :func:`with_terminal`. Raises :class:`ExecutionFailed` for what ssh cannot be told.
        """
        told = remote_shell.running(
            there.argv,
            there.cwd,
            unset=there.unset,
            put=there.set,
            prepend_path=there.prepend_path,
        )
        return Command(self._argv("-T", _RUNNING, told), cwd, host=self.host)

    def _argv(self, terminal: str, options: Sequence[str], told: str) -> tuple[str, ...]:
        given = [word for option in (*_ALWAYS, *options) for word in ("-o", option)]
        return (self.ssh, terminal, *given, "--", self.host, told)


def place(launch: SshLaunch, root: str, host: Host, outside: Sequence[str]) -> RemoteFolder:
    """Return where a workflow that is declared as ``launch`` runs for the project in ``root``.

    Raises:
        NotFound: this machine has no ssh, or the folder there cannot be told.
    """
    import os

    from workflow_helper.system.which import find_program

    ssh = find_program("ssh", host, outside=outside)
    if ssh is None:
        reason = f"the workflow runs on {launch.host}, and the program ssh was not found on PATH"
        raise NotFound(reason, "Install an OpenSSH client.")
    folder, name = launch.folder, os.path.basename(root)
    if PROJECT_NAME in folder and not name:
        raise NotFound(f"{root} has no name that could stand in {folder}")
    return RemoteFolder(launch.host, folder.replace(PROJECT_NAME, name), ssh)


def server_argv(there: Launch) -> tuple[str, ...]:
    """Return the arguments by which the other machine starts ``there``.

    A ``cmd`` is started as it is. For everything else the ``wsp`` of the other machine knows what to do, there.
    """
    if isinstance(there, BundledLaunch):
        return ("wsp", "serve", there.name)
    if isinstance(there, ProgramLaunch) and not there.requires:
        return there.argv
    import json

    return ("wsp", "serve", "--declaration", json.dumps(there.to_wire(), sort_keys=True))


def shown(launch: SshLaunch) -> str:
    """Return what would be started by ``launch``, for a person who decides about it."""
    from workflow_helper.filesystem.paths import quoted

    command = " ".join(map(quoted, server_argv(launch.there)))
    return f"on {launch.host}, in its folder {launch.folder}: {command}"


def with_terminal(command: Command) -> Command:
    """Return ``command``, which is to run on another machine, with a terminal there, for where there is one here.

    Its end, and Ctrl-C, reach the program there by the terminal, over a shared connection too.
    """
    if command.host is None:
        return command
    ssh, _, *rest = command.argv
    own = [word for option in _RUNNING for word in ("-o", option)]
    count = 2 * len(_ALWAYS)
    return command._replace(argv=(ssh, "-t", *rest[:count], *rest[count + len(own) :]))


def run(command: Command, environ: Mapping[str, str]) -> int:
    """Run ``command`` of another machine with this process's streams and terminal, and return its exit status.

    Raises :class:`HostFailed` for what goes wrong with the connection. ssh ends with 255 then, as the program may: whether it was
    told of an exit status, its log alone says.
    """
    import os
    import tempfile

    from workflow_helper.system.foreground import wait_for

    host = command.host or ""
    if os.isatty(0) and os.isatty(1):
        command = with_terminal(command)
    file, log = tempfile.mkstemp(prefix="python-workflow-ssh-")
    try:
        os.close(file)
        ssh, *rest = command.argv
        argv = (ssh, "-E", log, "-o", "LogLevel=DEBUG1", *rest)
        status = wait_for(argv, command.cwd, command.applied(environ), given_up=FAILED)
        if status == FAILED:
            with open(log, encoding="utf-8", errors="replace") as lines:
                told = lines.read()
            if not _OWN_STATUS.search(told):
                raise explained(host, told) or HostUnreachable(
                    host, "cannot be reached any more: the connection has ended"
                )
        return status
    finally:
        os.unlink(log)


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


def explained_failure(place: RemoteFolder, error: ServerFailed) -> ServerFailed:
    """Return ``error`` of a server at ``place``; where ssh or the other side says why, an error that names that."""
    # What a server itself writes last may sound alike: ssh's own status is that of no server that works.
    if f"status {FAILED}" in error.reason:
        return explained(place.host, error.stderr) or error
    if f"status {remote_shell.CANNOT_BEGIN}" in error.reason:
        return _unfit(place, error.stderr) or error
    return error


def explained(host: str, said: str) -> HostFailed | None:
    """Return the error for what ``ssh`` said of the connection to ``host``; ``None`` where it said nothing of it."""
    lines = [line.strip() for line in said.splitlines() if not line.startswith("debug")]
    said = "\n".join(lines)
    if _KEY_CHANGED.search(said):
        return HostRefused(
            host,
            "shows another host key than the one that is known of it, so nothing was sent to it",
            hint=f"If that is no surprise, forget the old key with 'ssh-keygen -R', connect once with 'ssh {host}' and "
            "compare the new key. Otherwise somebody may be in between.",
        )
    if _KEY_UNKNOWN.search(said):
        return HostRefused(
            host,
            "shows a host key that is not known yet, so nothing was sent to it",
            hint=f"Connect once with 'ssh {host}', compare the key, and accept it.",
        )
    if line := _line(lines, _REFUSED):
        return HostRefused(
            host,
            f"does not let you in: {line}",
            hint=f"'ssh {host}' has to work without a password: by a key that the agent holds, or that needs no passphrase.",
        )
    if line := _line(lines, _AWAY):
        return HostUnreachable(
            host, f"cannot be reached: {line}", hint=f"See whether 'ssh {host}' works."
        )
    if line := _line(lines, _CUT):
        return HostUnreachable(host, f"cannot be reached any more: {line}")
    return None


def _unfit(place: RemoteFolder, said: str) -> HostUnfit | None:
    """Return the error for what the other side lacks by its own word; ``None`` where it said nothing of it."""
    if remote_shell.NO_FOLDER in said:
        hint = "The declaration's 'folder' says which one is meant."
        return HostUnfit(place.host, f"has no folder {place.folder}", hint=hint)
    if remote_shell.NO_PROGRAM not in said:
        return None
    program = said.rpartition(remote_shell.NO_PROGRAM)[2].partition("\n")[0].strip()
    hint = _NEEDS_WSP if program == "wsp" else "Install it there, or declare its path."
    return HostUnfit(place.host, f"has no program {program}, which is to serve there", hint=hint)


_NEEDS_WSP = (
    "Install python-workflow there, with wsp on PATH or in ~/.local/bin, or declare a command that is there: "
    'wsp = {cmd = ["/path/to/server"]}.'
)


def _line(lines: Sequence[str], pattern: re.Pattern[str]) -> str:
    return next((line for line in reversed(lines) if pattern.search(line)), "")
