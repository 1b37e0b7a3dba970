"""Explain that a script lacks a file of the project in its private copy, and how to declare that file."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.errors import ServerFailed
    from workflow_helper.trust.snapshot import Snapshot

#: What Python says of a module and of a file that is not there.
_MODULE = re.compile(r"No module named '([\w.]+)'")
_FILE = re.compile(r"""No such file or directory: ('(?:[^'\\\n]|\\.)+'|"(?:[^"\\\n]|\\.)+")""")


def explain(error: ServerFailed, snapshot: Snapshot | None) -> ServerFailed:
    """Return ``error`` of a server that did not start, or a more specific one if it lacks an undeclared file."""
    name = None if snapshot is None else _missing(error.stderr, snapshot)
    if snapshot is None or name is None:
        return error
    script = os.path.basename(snapshot.origin)
    return type(error)(
        error.server,
        f"did not start: it needs {name}, which lies beside it and is not part of what was consented to, hence not there",
        hint=f'Declare it: wsp = {{script = "{script}", files = ["{name}"]}}',
    )


def _missing(output: str, snapshot: Snapshot) -> str | None:
    """Return the file or folder beside the original script that ``output`` reports as missing, relative to the script."""
    beside = os.path.dirname(snapshot.origin)
    for module in _MODULE.findall(output):
        top = module.partition(".")[0]
        for name in (f"{top}.py", top):
            if os.path.exists(os.path.join(beside, name)):
                return name
    copied = os.path.dirname(snapshot.script)
    for quoted in _FILE.findall(output):
        name = _relative(quoted, copied)
        if name is not None and os.path.exists(os.path.join(beside, name)):
            return name.replace(os.sep, "/")
    return None


def _relative(quoted: str, folder: str) -> str | None:
    """Return the path that Python printed as ``quoted``, relative to ``folder``; ``None`` for one on another drive."""
    path = re.sub(r"\\(.)", r"\1", quoted[1:-1])
    try:
        return os.path.relpath(path, folder) if os.path.isabs(path) else path
    except ValueError:
        return None
