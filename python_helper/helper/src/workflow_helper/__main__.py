"""``wsp``: the composition root. It builds the host, parses argv, runs the action, prints, and returns the exit status."""

from __future__ import annotations

import os
import sys

from workflow_helper.errors import WorkflowError
from workflow_helper.filesystem.paths import current_folder, without_prefix
from workflow_helper.terminal.output import lines_of
from workflow_helper.terminal.process import be, err, guarded, out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from workflow_server.values import Command

    from workflow_helper.cli.arguments import Action
    from workflow_helper.cli.context import Result
    from workflow_helper.model import Host, Question

#: The commands that live long, and would keep their garbage for as long.
_LONG_RUNNING = frozenset(("lsp", "mcp", "serve"))
#: The commands that have a quick way where all is there that they need.
_QUICK = frozenset(("script run", "tool run"))


def console() -> NoReturn:
    """Run ``wsp`` with ``sys.argv``, and exit with its status."""
    be(main, briefly=_LONG_RUNNING.isdisjoint(sys.argv[1:]))


def main(argv: list[str] | None = None) -> int:
    """Run ``wsp`` with ``argv`` (without the program's name), and return the exit status of ``docs/cli.md``."""
    words = sys.argv[1:] if argv is None else argv
    return guarded(lambda: _main(words), "wsp", as_json=lambda: _wants_json(words))


def _wants_json(words: list[str]) -> bool:
    from workflow_helper.cli.arguments import own_words

    return "--json" in own_words(words)


def _main(words: list[str]) -> int:
    from workflow_helper.cli.arguments import parse, usage
    from workflow_helper.system.host import this_host

    if words[:1] == ["--complete"]:
        from workflow_helper.cli.completion import candidates

        found = candidates(words[1:], this_host(), _cwd())
        if found:
            out("\n".join(found))
        return 0
    action = parse(words)
    if action.command == "help":
        out(usage(action.operand))
        return 0
    if action.command == "serve":
        from workflow_helper.operations.serve import serve as serve_workflow

        declared = action.get("--declaration")
        if declared is not None:
            from workflow_helper.servers.declared import serve_declared

            return serve_declared(declared, this_host(), _cwd())
        return serve_workflow(action.operand, action.get("--config"))
    if action.command == "lsp":
        return _serve_an_editor()
    if action.command == "version":
        from workflow_helper import __version__

        out(f"wsp {__version__}")
        return 0
    if action.command == "mcp":
        return _serve_agents(action, this_host())
    return _run(action, this_host())


def _serve_an_editor() -> int:
    from workflow_helper.lsp.slim_imports import import_asyncio

    import_asyncio()
    try:
        from workflow_helper.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        from workflow_helper.errors import WorkflowError

        raise WorkflowError(
            "'wsp lsp' needs libraries that are not installed with the command line alone",
            'Install them with: pip install "python-workflow-helper[editor]"',
        ) from None
    return serve()


def _serve_agents(action: Action, host: Host) -> int:
    from workflow_helper.mcp.server import serve

    cwd = _cwd(action)

    def question() -> Question:
        from workflow_helper.cli.context import question_of
        from workflow_helper.filesystem.reader import Disk

        # No word of an editor's: trust is what the user consented to on the command line.
        return question_of(action, host, cwd, Disk())._replace(editor=False, trusted=False)

    folders = (os.path.normpath(os.path.join(cwd, one)) for one in action.all("--folder"))
    return serve(question, tuple(map(without_prefix, folders)), host)


def _log_commands() -> None:
    """Log every command that is run on standard error."""
    import logging

    from workflow_helper.system.command_log import NAME

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("wsp: running %(message)s"))
    log = logging.getLogger(NAME)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _run(action: Action, host: Host) -> int:
    if action.flag("--verbose"):
        _log_commands()
    if action.command in _QUICK and not action.flag("--verbose"):
        from workflow_helper.cli.fast_path import quickly

        command = quickly(action, host, _cwd())
        if command is not None:
            return _hand_over(command, host)
    from workflow_helper.cli.dispatch import run
    from workflow_helper.terminal.progress import ProgressLine

    progress = ProgressLine(host.environ)
    try:
        result = run(action, host, _cwd(action), progress)
    finally:
        progress.clear()
    if result.command is not None:
        if action.flag("--verbose"):
            _trail(action, host)
        return _hand_over(result.command, host)
    if action.flag("--json"):
        from workflow_helper.terminal.json_encoder import to_json

        out(to_json(result.document))
    else:
        if result.text:
            out(lines_of(result.text))
        _explain(result)
    if action.flag("--verbose"):
        _trail(action, host)
    return result.exit_code


def _hand_over(command: Command, host: Host) -> int:
    if command.host is not None:
        from workflow_helper.servers.ssh_run import run

        return run(command, host.environ)
    from workflow_helper.system.exec import hand_over

    return hand_over(command.argv, command.cwd, command.applied(host.environ))


def _explain(result: Result) -> None:
    if result.warning:
        err(lines_of(result.warning))
    # A script that captures the answer gets the answer alone; a person also gets the reason.
    if result.note and (not result.text or sys.stderr.isatty()):
        err(lines_of(result.note))


def _trail(action: Action, host: Host) -> None:
    from workflow_helper.cli.context import question_of
    from workflow_helper.cli.render import trail
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.resolver.resolve import resolve

    disk = Disk()
    resolution = resolve(question_of(action, host, _cwd(action), disk), host, disk, whole=True)
    err(lines_of(trail(resolution)))


def _cwd(action: Action | None = None) -> str:
    try:
        return current_folder()
    except WorkflowError:
        folder = action and action.get("--folder")
        if folder and os.path.isabs(folder):
            return folder
        raise


if __name__ == "__main__":
    console()
