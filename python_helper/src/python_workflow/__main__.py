"""``wsp``: the composition root. Builds the host, parses argv, runs the action, prints, and gives the exit status."""

from __future__ import annotations

import os
import sys

from python_workflow.console.process import be, current_folder, err, guarded, out
from python_workflow.errors import WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from python_workflow.cli.arguments import Action
    from python_workflow.cli.asked import Result
    from python_workflow.model import Host, Question
    from python_workflow.wsp.values import Command

#: The commands that live long, and would keep their garbage for as long.
_LONG_RUNNING = frozenset(("lsp", "mcp", "serve"))
#: The commands that have a quick way where all is there that they need.
_QUICK = frozenset(("script run", "tool run"))


def console() -> NoReturn:
    """Be the process ``wsp``: run ``sys.argv``, and end with its exit status."""
    be(main, briefly=_LONG_RUNNING.isdisjoint(sys.argv[1:]))


def main(argv: list[str] | None = None) -> int:
    """Run ``wsp`` with ``argv`` (without the program's name); the exit status of ``docs/cli.md``."""
    words = sys.argv[1:] if argv is None else argv
    return guarded(lambda: _main(words), "wsp", as_json=lambda: _wants_json(words))


def _wants_json(words: list[str]) -> bool:
    from python_workflow.cli.arguments import own_words

    return "--json" in own_words(words)


def _main(words: list[str]) -> int:
    from python_workflow.cli.arguments import parse, usage
    from python_workflow.system.host import this_host

    if words[:1] == ["--complete"]:
        from python_workflow.cli.completion import candidates

        found = candidates(words[1:], this_host(), _cwd())
        if found:
            out("\n".join(found))
        return 0
    action = parse(words)
    if action.command == "help":
        out(usage(action.operand))
        return 0
    if action.command == "serve":
        from python_workflow.workflows.serve import serve as serve_workflow

        return serve_workflow(action.operand, action.get("--config"))
    if action.command == "lsp":
        from python_workflow.editor.lean import import_asyncio

        import_asyncio()
        from python_workflow.editor.server import serve

        return serve()
    if action.command == "version":
        from python_workflow import __version__

        out(f"wsp {__version__}")
        return 0
    if action.command == "mcp":
        return _serve_agents(action, this_host())
    return _run(action, this_host())


def _serve_agents(action: Action, host: Host) -> int:
    from python_workflow.mcp.server import serve

    cwd = _cwd(action)

    def question() -> Question:
        from python_workflow.cli.asked import question_of
        from python_workflow.discovery.disk import Disk

        # No word of an editor's: trust is what the user consented to on the command line.
        return question_of(action, host, cwd, Disk())._replace(editor=False, trusted=False)

    folders = (os.path.normpath(os.path.join(cwd, one)) for one in action.all("--folder"))
    return serve(question, tuple(folders), host)


def _run(action: Action, host: Host) -> int:
    if action.command in _QUICK and not action.flag("--verbose"):
        from python_workflow.cli.starting import quickly

        command = quickly(action, host, _cwd())
        if command is not None:
            return _hand_over(command, host)
    from python_workflow.cli.run import run
    from python_workflow.console.progress import Progress

    progress = Progress(host.environ)
    try:
        result = run(action, host, _cwd(action), progress)
    finally:
        progress.clear()
    if result.command is not None:
        if action.flag("--verbose"):
            _trail(action, host)
        return _hand_over(result.command, host)
    if action.flag("--json"):
        from python_workflow.console.encode import to_json

        out(to_json(result.document))
    else:
        if result.text:
            out(result.text)
        _explain(result)
    if action.flag("--verbose"):
        _trail(action, host)
    return result.exit_code


def _hand_over(command: Command, host: Host) -> int:
    from python_workflow.system.handing import hand_over

    return hand_over(command.argv, command.cwd, command.applied(host.environ))


def _explain(result: Result) -> None:
    if result.warning:
        err(result.warning)
    # A script that captures the answer gets the answer alone; a person also gets the reason.
    if result.note and (not result.text or sys.stderr.isatty()):
        err(result.note)


def _trail(action: Action, host: Host) -> None:
    from python_workflow.cli.asked import question_of
    from python_workflow.cli.render import trail
    from python_workflow.discovery.disk import Disk
    from python_workflow.resolve import resolve

    disk = Disk()
    err(trail(resolve(question_of(action, host, _cwd(action), disk), host, disk, whole=True)))


def _cwd(action: Action | None = None) -> str:
    try:
        return current_folder()
    except WorkflowError:
        asked = action and action.get("--folder")
        if asked and os.path.isabs(asked):
            return asked
        raise


if __name__ == "__main__":
    console()
