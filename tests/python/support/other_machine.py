"""Another machine, behind a real OpenSSH server: a file system, users and processes of its own, and no path that is ours.

It is a root folder in namespaces of its own, into which the programs of this machine are mounted, and listens on loopback.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from support.command import GUARD
from support.files import write
from support.machine import TREE

if TYPE_CHECKING:
    from typing_extensions import Self

    from support.machine import Machine

#: What set-up brings where the machine has no OpenSSH server installed: Debian's packages, unpacked.
BROUGHT = TREE / ".cache" / "openssh"
#: What this machine calls the other one. The name leads nowhere but by the user's own configuration of ssh.
HOST = "dev@elsewhere"
#: The users there, one for each login shell.
SHELLS = {"dev": "bash", "dash": "dash", "csh": "tcsh", "fish": "fish"}
#: Where a project of theirs is, and what they call their Python.
FOLDER = "/srv/app"
PYTHON = "/opt/python/bin/python3"

#: Makes the root and its mounts, and becomes the server. Folders of this machine are mounted where they are not on this one.
_BECOME = r"""
set -e
root=$1 base=$2 libraries=$3 source=$4 brought=$5 sshd=$6 port=$7
mount --make-rprivate /
attach() { mkdir -p "$root$2"; mount --bind -o ro "$1" "$root$2"; }
attach /usr /usr
for name in bin sbin lib lib64 lib32; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$root/$name"
  elif [ -d "/$name" ]; then attach "/$name" "/$name"; fi
done
attach "$base" /opt/python
attach "$libraries" /opt/libraries
attach "$source" /opt/source
[ -z "$brought" ] || attach "$brought" /opt/openssh
mkdir -p "$root/dev/pts" "$root/proc" "$root/run/sshd"
for name in null zero urandom random tty; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t proc proc "$root/proc"
export LD_LIBRARY_PATH=/opt/openssh/usr/lib/x86_64-linux-gnu
exec chroot "$root" "$sshd" -D -e -f /etc/sshd_config -p "$port"
"""

_CONFIG = """\
ListenAddress 127.0.0.1
HostKey /etc/host_key
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile /etc/authorized_keys
PidFile none
PrintMotd no
SetEnv LD_LIBRARY_PATH=/opt/openssh/usr/lib/x86_64-linux-gnu:/opt/python/lib
"""


def sshd() -> str | None:
    """Return the path of the server as the other machine has it; ``None`` where there is none to be had."""
    if shutil.which("sshd", path="/usr/sbin:/sbin") is not None:
        return "/usr/sbin/sshd"
    return "/opt/openssh/usr/sbin/sshd" if (BROUGHT / "usr/sbin/sshd").is_file() else None


def can_be() -> bool:
    """Return whether this machine can be two: as root, with namespaces, and with an OpenSSH server and client."""
    if os.name != "posix" or os.getuid() != 0 or sshd() is None or shutil.which("ssh") is None:
        return False
    done = subprocess.run(
        ["unshare", "-mp", "--fork", "mount", "--bind", "/usr", "/usr"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def shell_here(name: str) -> str | None:
    """Return the path of the shell ``name`` on this machine, set-up's own if it has none; ``None`` for neither."""
    places = [*("/bin", "/usr/bin"), *(f"{BROUGHT}{folder}" for folder in ("/bin", "/usr/bin"))]
    return next((f"{one}/{name}" for one in places if os.access(f"{one}/{name}", os.X_OK)), None)


def _shell(name: str) -> str | None:
    """Return the same as the other machine has it."""
    here = shell_here(name)
    return here and here.replace(str(BROUGHT), "/opt/openssh")


def _helpers() -> str:
    """Return where a server that was not installed finds the programs of its own that newer ones are made of."""
    lines = []
    for option, name in (("SshdSessionPath", "sshd-session"), ("SshdAuthPath", "sshd-auth")):
        path = f"/usr/lib/openssh/{name}"
        if not os.path.exists(path) and os.path.exists(f"{BROUGHT}{path}"):
            lines.append(f"{option} /opt/openssh{path}\n")
    return "".join(lines)


class OtherMachine:
    """A running one; a context. ``base`` is an empty folder of this machine."""

    def __init__(self, base: Path) -> None:
        self.root = base / "root"
        self._base = base
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        #: Login shell -> the host to name, of those that this machine has.
        self.hosts = {shell: f"{user}@elsewhere" for user, shell in SHELLS.items() if _shell(shell)}

    def __enter__(self) -> Self:
        self._furnish()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _furnish(self) -> None:
        etc = self.root / "etc"
        for name in ("etc", "tmp", "srv/app", "home"):
            (self.root / name).mkdir(parents=True)
        (self.root / "tmp").chmod(0o1777)
        passwd = ["root:*:0:0:root:/root:/bin/sh", "sshd:*:101:65534::/run/sshd:/usr/sbin/nologin"]
        for number, (user, shell) in enumerate(SHELLS.items(), 4200):
            home = self.root / "home" / user
            home.mkdir()
            os.chown(home, number, number)
            passwd.append(
                f"{user}:*:{number}:{number}:{user}:/home/{user}:{_shell(shell) or '/bin/sh'}"
            )
        write(etc / "passwd", "\n".join(passwd) + "\n")
        write(etc / "group", "root:x:0:\nnogroup:x:65534:\ntty:x:5:\n")
        write(etc / "sshd_config", _CONFIG + _helpers())
        for key in ("host_key", "other_host_key", "user_key", "stranger_key"):
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", key]
            subprocess.run(argv, cwd=self._base, check=True)
        path = etc / "host_key"
        shutil.copy(self._base / "host_key", path)
        path.chmod(0o600)
        write(etc / "authorized_keys", (self._base / "user_key.pub").read_text())
        self.give(
            "/home/dev/.local/bin/wsp",
            f'#!/bin/sh\nPYTHONPATH=/opt/source/helper/src:/opt/source/protocol/src:/opt/libraries exec {PYTHON} -m workflow_helper "$@"\n',
            mode=0o755,
        )
        os.chown(self.root / "srv/app", 4200, 4200)

    def give(self, path: str, text: str, *, mode: int = 0o644) -> Path:
        """Write a file of the user dev there; its path as this machine sees it."""
        here = self.root / path.lstrip("/")
        missing = [one for one in (here, *here.parents) if not one.exists()]
        write(here, text)
        here.chmod(mode)
        for one in missing:
            os.chown(one, 4200, 4200)
        return here

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as one:
                self.port = one.getsockname()[1]
        program = sshd()
        assert program is not None
        libraries = next(path for path in sys.path if path.endswith("site-packages"))
        log = (self._base / "sshd.log").open("ab")
        brought = str(BROUGHT) if BROUGHT.is_dir() else ""
        # The number 1 of its processes: with it all of them end.
        argv = ["unshare", "-mp", "--fork", "--kill-child", "sh", "-c", _BECOME, "sh"]
        words = [str(self.root), sys.base_prefix, libraries, str(TREE / "python_helper")]
        self._process = subprocess.Popen(
            [*argv, *words, brought, program, str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + GUARD
        while True:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < until, self.log
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as one:
                if one.recv(4) == b"SSH-":
                    return
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server with all that it started."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def log(self) -> str:
        """What the server wrote."""
        return (self._base / "sshd.log").read_text()

    def reachable_from(self, machine: Machine) -> None:
        """Give the user of ``machine`` a key, and a configuration of ssh that knows this one."""
        machine.environ["PATH"] = f"{self.introduce(machine.home)}:{machine.environ['PATH']}"

    def introduce(self, home: Path) -> Path:
        """Do so for the user with that home folder; the folder of their ``ssh``."""
        folder = home / ".ssh"
        folder.mkdir(mode=0o700)
        public = (self._base / "host_key.pub").read_text()
        write(folder / "known_hosts", f"elsewhere {public}")
        shutil.copy(self._base / "user_key", folder / "key")
        write(
            folder / "config",
            f"Host elsewhere\n HostName 127.0.0.1\n Port {self.port}\n HostKeyAlias elsewhere\n"
            f"Host *\n IdentityFile {folder}/key\n IdentitiesOnly yes\n UserKnownHostsFile {folder}/known_hosts\n"
            " GlobalKnownHostsFile /dev/null\n",
        )
        # ssh asks the system for the home folder, not HOME.
        ssh = home / "bin" / "ssh"
        write(ssh, f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
        ssh.chmod(0o755)
        return ssh.parent

    @property
    def another_key(self) -> str:
        """A public host key that it does not show."""
        return (self._base / "other_host_key.pub").read_text()

    def estrange(self, machine: Machine) -> None:
        """Take the user's key from ``machine``, and leave one that the other machine does not know."""
        shutil.copy(self._base / "stranger_key", machine.home / ".ssh" / "key")

    def processes(self, word: str) -> list[int]:
        """Return the processes there that have ``word`` in their command line, by their numbers here."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if (
                    entry.name.isdigit()
                    and word.encode() in (entry / "cmdline").read_bytes()
                    and os.readlink(entry / "root") == str(self.root)
                ):
                    found.append(int(entry.name))
        return found


def main(base: str, home: str) -> int:
    """Be one for the user of this machine with the folder ``home``, until the input ends; the exit status."""
    if not can_be():
        return 3
    with OtherMachine(Path(base)) as other:
        sys.stdout.write(f"{other.introduce(Path(home))}\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
