"""A Python that imports once what programs need, and becomes each program that it is asked for by a fork of itself.

    python fork_server.py SOCKET MODULE...

Started by ``forking.py``, with the number of an open socket. It runs in the Pythons of other tools too, so it imports nothing
but the standard library.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
from typing import Any


def next_program(control: socket.socket) -> dict[str, Any] | None:
    """Return what this process is to become: only in a fork; ``None`` once nobody asks any more."""
    while True:
        head, files, _, _ = socket.recv_fds(control, 8, 4)
        # Those that are over; at the end, all: so that what they cost is known to whoever waits for this process.
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG if head else 0)[0]:
                pass
        if not head:
            return None
        left = int.from_bytes(head, "big")
        parts = []
        while left:
            parts.append(control.recv(left))
            left -= len(parts[-1])
        if os.fork() == 0:
            control.close()
            # Between the server and the program stands one that reports its end, so that the server waits for nobody.
            report, *streams = files
            child = os.fork()
            if child == 0:
                os.close(report)
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                    os.close(stream)
                program: dict[str, Any] = json.loads(b"".join(parts))
                return program
            for stream in streams:
                os.close(stream)
            os.write(report, b"%d\n" % child)
            _, status = os.waitpid(child, 0)
            os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
            os._exit(0)
        for file in files:
            os.close(file)


def become(program: dict[str, Any]) -> None:
    """Run a program as ``__main__``, with its own arguments, folder, environment and session."""
    os.setsid()
    os.chdir(program["cwd"])
    os.environ.clear()
    os.environ.update(program["environ"])
    name = program["argv"][0]
    sys.argv = program["argv"]
    if program["is_module"]:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(name, run_name="__main__")


def main() -> None:
    """Import, then wait to be forked."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in sys.argv[2:]:
        importlib.import_module(name)
    # Looking for garbage would copy what forks share.
    gc.collect()
    gc.freeze()
    program = next_program(control)
    if program is not None:
        become(program)


if __name__ == "__main__":
    main()
