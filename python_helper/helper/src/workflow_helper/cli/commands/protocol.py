"""The commands about the protocol itself, the cache and the shell."""

from __future__ import annotations

import os

from workflow_helper.cli.context import Result
from workflow_helper.discovery import roots
from workflow_helper.discovery.workflow_table import server_name
from workflow_helper.errors import NotFound, NothingGoverns, UsageError
from workflow_helper.operations.governance import governing
from workflow_helper.terminal.json_encoder import Raw
from workflow_helper.terminal.output import Verbatim
from workflow_helper.trust import policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from workflow_helper.cli.context import Invocation
    from workflow_helper.model import Workflow
    from workflow_helper.system.child import Child


def _call(invocation: Invocation) -> Result:
    import json

    method = invocation.action.operand or ""
    params = _params(invocation.action.get("--params"))
    command = invocation.action.all("--server")
    if invocation.action.flag("--trace"):
        from workflow_helper.terminal.process import err

        invocation.servers.trace = err
    if command:
        from workflow_server.client import Session

        root = roots.of(invocation.question, invocation.host, invocation.disk).root
        child = invocation.servers.tapped(started(invocation, command, root))
        with Session(child, server_name(command), root=root) as session:
            result = session.request(method, params)
    else:
        root, workflow = governing_server(invocation)
        what = policy.subject(workflow, root)
        trusted = policy.decide(
            "query", what, invocation.question, invocation.host, invocation.disk
        ).allowed
        with invocation.servers.session(workflow, root, trusted=trusted) as session:
            result = session.request(method, params)
    # Any JSON, numbers with a point too, which the answers of this product never hold.
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        text = json.dumps(result, indent=2)
    return Result(Raw(json.dumps(result)), Verbatim(text))


def _params(text: str | None) -> dict[str, Any] | None:
    import json
    import sys

    if text is None:
        return None
    try:
        if text == "-":
            # Closed by the parent process, it is as good as empty.
            text = "" if sys.stdin is None else sys.stdin.read()
            if not text.strip():
                raise UsageError("--params is -, but there is nothing on standard input")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--params is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError("--params should be a JSON object")
    return value


def governing_server(invocation: Invocation) -> tuple[str, Workflow]:
    """Return the root, and the workflow that governs it and may be started.

    Raises:
        NotFound: no workflow governs.
        Refused: the user's trust is missing.
    """
    try:
        resolution, workflow = governing(invocation.question, invocation.host, invocation.disk)
    except NothingGoverns as error:
        raise NotFound(error.message, "Name a server with --server.") from None
    return resolution.governed or resolution.root, workflow


def started(invocation: Invocation, argv: tuple[str, ...], cwd: str) -> Child:
    """Start a server that the user named on the command line, as they would start it.

    Raises:
        NotFound: the program is not on PATH.
    """
    from workflow_helper.system.child import Child
    from workflow_helper.system.which import find_program

    word = argv[0]
    # A path names exactly that program; a bare name is looked up on PATH, and never in the folder.
    path = os.path.join(invocation.cwd, word) if os.path.basename(word) != word else None
    program = path or find_program(word, invocation.host, outside=invocation.work.outside)
    if program is None:
        raise NotFound(
            f"the program {word} was not found on PATH outside of the project",
            "Name a program of the project by its path.",
        )
    return Child((os.path.normpath(program), *argv[1:]), cwd=cwd, environ=invocation.host.environ)


def _completion(invocation: Invocation) -> Result:
    from workflow_helper.cli.completion import script

    shell = invocation.action.operand or ""
    text = script(shell)
    return Result({"shell": shell, "script": text}, Verbatim(text))


def _cache_dir(invocation: Invocation) -> Result:
    from workflow_helper.install.cache import folder

    path = folder(invocation.host)
    return Result({"cache": path}, Verbatim(path))


def _cache_prune(invocation: Invocation) -> Result:
    import time

    from workflow_helper.install.cache import prune
    from workflow_helper.scripts import remote
    from workflow_helper.trust import snapshot

    text = invocation.action.get("--days") or "30"
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise UsageError(f"--days is {text!r}, expected a number of days")
    now = time.time()
    done = prune(invocation.host, days=days, now=now)
    freed = done.freed + remote.prune(invocation.host, days=days, now=now)
    freed += snapshot.prune(invocation.host, days=days, now=now)
    document = {"removed": done.removed, "kept": done.kept, "freed": freed}
    megabytes = freed / 1_000_000
    summary = f"removed {done.removed}, kept {done.kept}, {megabytes:.1f} MB freed"
    return Result(document, summary)


COMMANDS = {
    "call": _call,
    "completion": _completion,
    "cache dir": _cache_dir,
    "cache prune": _cache_prune,
}
