"""The commands about the protocol, the cache and the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_workflow.cli.asked import Result

if TYPE_CHECKING:
    from python_workflow.cli.asked import Asked


def _completion(asked: Asked) -> Result:
    from python_workflow.cli.completion import script

    shell = asked.action.operand or ""
    text = script(shell)
    return Result({"shell": shell, "script": text}, text)


def _cache_dir(asked: Asked) -> Result:
    from python_workflow.launch.cache import folder

    path = folder(asked.host)
    return Result({"cache": path}, path)


def _cache_prune(asked: Asked) -> Result:
    import time

    from python_workflow.errors import UsageError
    from python_workflow.launch.cache import prune

    text = asked.action.get("--days") or "30"
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise UsageError(f"--days is {text!r}, expected a number of days")
    done = prune(asked.host, days=days, now=time.time())
    document = {"removed": done.removed, "kept": done.kept, "freed": done.freed}
    megabytes = done.freed / 1_000_000
    said = f"removed {done.removed}, kept {done.kept}, {megabytes:.1f} MB freed"
    return Result(document, said)


COMMANDS = {
    "completion": _completion,
    "cache dir": _cache_dir,
    "cache prune": _cache_prune,
}
