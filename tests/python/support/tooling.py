"""Machines to install tools on: with uv and without, with several Pythons, and with packages of their own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_helper.discovery.environments import distributions as packages
from workflow_helper.filesystem.reader import Disk

from support.files import link, tree_of
from support.forked_command import wsp
from support.launching import put_uv_on_path, reach_the_index, wheel
from support.machine import Machine
from support.needs import need
from support.pythons import minor, two_pythons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.command import Finished

#: Tells how it was started, and ends with the status that its first argument says.
PROGRAM = """
import json, os, sys

VERSION = {version!r}

def main():
    print(json.dumps({{"version": VERSION, "program": os.path.basename(sys.argv[0]), "argv": sys.argv[1:], "cwd": os.getcwd(),
                      "python": "%d.%d" % sys.version_info[:2], "prefix": sys.prefix, "stdin": sys.stdin.read()}}))
    return int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdigit() else 0
"""


class Tooling(Machine):
    """A machine whose package index is a folder of its own, and on which commands about tools are given."""

    __slots__ = ()

    @classmethod
    def of(cls, base: Path, installer: str) -> Tooling:
        """A machine with ``uv``, or with ``pip`` alone, and with two Pythons of other versions."""
        need("POSIX")  # Pythons are links, and so are programs
        machine = cls(*Machine.at(base))
        if installer == "uv":
            put_uv_on_path(machine)
        for python in set(two_pythons()):
            link(machine.home / "pythons" / os.path.basename(python), python)
        machine.environ["PATH"] += f":{machine.home / 'pythons'}"
        machine.packages.mkdir()
        machine.environ.update(
            dict.fromkeys(("UV_FIND_LINKS", "PIP_FIND_LINKS"), str(machine.packages)),
            UV_OFFLINE="1",
            PIP_NO_INDEX="1",
        )
        return machine

    @property
    def packages(self) -> Path:
        """What the machine can install."""
        return self.home / "packages"

    @property
    def bin(self) -> Path:
        """Where programs are linked."""
        return self.home / ".local" / "bin"

    @property
    def tools(self) -> Path:
        """Where tools are kept."""
        return Path(self.host.data) / "tools"

    def offer(
        self,
        name: str,
        version: str = "1.0",
        *,
        programs: Sequence[str] | None = None,
        needs: Sequence[str] = (),
    ) -> Path:
        """Have a package to install whose programs tell how they were started."""
        text = PROGRAM.format(version=version)
        return wheel(self.packages, version, name=name, text=text, programs=programs, needs=needs)

    def tool(self, *words: str) -> dict[str, Any]:
        """What ``wsp tool WORDS... --json`` answers; it must succeed."""
        finished = wsp(self, "tool", words[0], "--json", *words[1:])
        assert finished.exit_code == 0, finished.text
        document: dict[str, Any] = finished.document
        return document

    def listed(self) -> dict[str, dict[str, Any]]:
        """The installed tools, by name."""
        finished = wsp(self, "tool", "list", "--json")
        assert finished.exit_code in (0, 3), finished.text
        return {one["name"]: one for one in finished.document["tools"]}

    def remains(self) -> dict[str, bytes | str | None]:
        """All that installed tools leave: environments, records, programs, locks."""
        folders = (self.tools, self.bin, Path(self.host.state) / "locks")
        return {
            f"{folder.name}/{name}": found
            for folder in folders
            for name, found in tree_of(folder).items()
        }


#: The versions of the two Pythons, as ``3.12``.
NEWER, OLDER = map(minor, two_pythons())


def online(machine: Tooling) -> Tooling:
    """The machine with the package index of the one that runs the tests."""
    for name in ("UV_OFFLINE", "PIP_NO_INDEX", "UV_FIND_LINKS", "PIP_FIND_LINKS"):
        del machine.environ[name]
    reach_the_index(machine)
    return machine


def assert_failed(finished: Finished, exit_code: int, code: str) -> None:
    """The command failed with this status and code; what it did until then is on standard error."""
    assert finished.exit_code == exit_code, finished.text
    assert finished.document["error"]["code"] == code, finished.text


def run(machine: Tooling, program: str, *words: str) -> dict[str, Any]:
    """What a linked program of :meth:`Tooling.offer` tells."""
    argv = [str(machine.bin / program), *words]
    done = subprocess.run(argv, env=machine.environ, input=b"", capture_output=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def held_by(prefix: str, machine: Tooling) -> set[tuple[str, str]]:
    """The packages of an environment, by name and version."""
    return {(one.name, one.version) for one in packages.installed(prefix, machine.host, Disk())}
