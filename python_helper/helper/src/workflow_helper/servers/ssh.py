"""Start programs on another machine through the user's own ``ssh``; :mod:`.ssh_failures` explains failures.

Its configuration, agent and known hosts are the user's. It never prompts (BatchMode), gives up on a machine that does
not answer, and detects a lost connection.
"""

from __future__ import annotations

from workflow_helper.discovery.workflow_table import PROJECT_NAME
from workflow_helper.errors import NotFound
from workflow_helper.model import BundledLaunch, ProgramLaunch
from workflow_helper.servers import remote_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from workflow_server.values import Command

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
#: A server is used only over its streams, without forwarded ports.
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
        """Return ``path`` on the other machine, in a form that is not a local path."""
        return f"{self.host}:{path}"

    def serving(self, argv: Sequence[str]) -> tuple[str, ...]:
        """Return the command that starts the server ``argv`` there."""
        return self._argv("-T", _SERVING, remote_shell.serving(argv, self.folder))

    def command(self, there: Command, cwd: str) -> Command:
        """Return the local command, in the folder ``cwd``, that starts ``there`` on the other machine.

        It has no terminal; see :func:`with_terminal`.

        Raises:
            ExecutionFailed: ssh cannot run such a command.
        """
        command_line = remote_shell.running(
            there.argv,
            there.cwd,
            unset=there.unset,
            put=there.set,
            prepend_path=there.prepend_path,
        )
        from workflow_server.values import Command

        return Command(self._argv("-T", _RUNNING, command_line), cwd, host=self.host)

    def _argv(self, terminal: str, options: Sequence[str], command_line: str) -> tuple[str, ...]:
        words = [word for option in (*_ALWAYS, *options) for word in ("-o", option)]
        return (self.ssh, terminal, *words, "--", self.host, command_line)


def place(launch: SshLaunch, root: str, host: Host, outside: Sequence[str]) -> RemoteFolder:
    """Return the remote folder of the project in ``root`` for a workflow that is declared as ``launch``.

    Raises:
        NotFound: this machine has no ssh, or the remote folder is unknown.
    """
    import os

    from workflow_helper.system.which import find_program

    ssh = find_program("ssh", host, outside=outside)
    if ssh is None:
        reason = f"the workflow runs on {launch.host}, and the program ssh was not found on PATH"
        raise NotFound(reason, "Install an OpenSSH client.")
    folder, name = launch.folder, os.path.basename(root)
    if PROJECT_NAME in folder and not name:
        raise NotFound(f"{root} has no name that can be used in {folder}")
    return RemoteFolder(launch.host, folder.replace(PROJECT_NAME, name), ssh)


def server_argv(there: Launch) -> tuple[str, ...]:
    """Return the arguments by which the other machine starts ``there``.

    A ``cmd`` is started unchanged. Everything else is started by the ``wsp`` of the other machine.
    """
    if isinstance(there, BundledLaunch):
        return ("wsp", "serve", there.name)
    if isinstance(there, ProgramLaunch) and not there.requires:
        return there.argv
    import json

    return ("wsp", "serve", "--declaration", json.dumps(there.to_wire(), sort_keys=True))


def shown(launch: SshLaunch) -> str:
    """Return a description of what ``launch`` would start, for a person who decides about it."""
    from workflow_helper.filesystem.paths import quoted

    command = " ".join(map(quoted, server_argv(launch.there)))
    return f"on {launch.host}, in its folder {launch.folder}: {command}"


def with_terminal(command: Command) -> Command:
    """Return ``command``, which runs on another machine, with a terminal there, for use in a local terminal.

    Through the terminal, its end and Ctrl-C reach the program there, even over a shared connection.
    """
    if command.host is None:
        return command
    ssh, _, *rest = command.argv
    own = [word for option in _RUNNING for word in ("-o", option)]
    count = 2 * len(_ALWAYS)
    return command._replace(argv=(ssh, "-t", *rest[:count], *rest[count + len(own) :]))
