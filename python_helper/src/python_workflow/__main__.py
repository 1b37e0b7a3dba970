"""``wsp``: the composition root. Builds the host, parses argv, runs the action, prints, and gives the exit status."""

from __future__ import annotations

import gc
import os
import sys

from python_workflow.errors import WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from python_workflow.cli.arguments import Action
    from python_workflow.cli.asked import Result
    from python_workflow.model import Host
    from python_workflow.wsp.values import Command


#: Objects that may be made before they are looked through for garbage: an answer makes half as many, and hardly any.
_BEFORE_GARBAGE = 20_000
#: The commands that live long, and would keep their garbage for as long.
_LONG_RUNNING = frozenset(("lsp", "serve"))
#: The commands that have a quick way where all is there that they need.
_QUICK = frozenset(("script run", "tool run"))


class _OutputError(Exception):
    """Standard output takes nothing: the disk is full, or it was closed."""


def console() -> NoReturn:
    """Be the process ``wsp``: run ``sys.argv``, and end with its exit status.

    An answer takes 13 ms. Looking for garbage in it, and taking an interpreter apart that is not used any more, would add
    2, so neither is done.
    """
    if _LONG_RUNNING.isdisjoint(sys.argv[1:]):
        gc.set_threshold(_BEFORE_GARBAGE)
    code = main()
    # Where there are threads to wait for, or things to be done at the end, there is an end in order.
    if not sys.modules.keys().isdisjoint(("atexit", "threading")):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by whoever started us
            stream.flush()
    os._exit(code)


def main(argv: list[str] | None = None) -> int:
    """Run ``wsp`` with ``argv`` (without the program's name); the exit status of ``docs/cli.md``."""
    try:
        return _guarded(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:
        # Whoever read our output has gone, and said all there is to say.
        return 1
    except _OutputError as error:
        _err(f"wsp: the answer could not be written ({error})")
        return 1


def _guarded(words: list[str]) -> int:
    try:
        return _main(words)
    except WorkflowError as error:
        _fail(error, as_json=_wants_json(words))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, _OutputError):
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets a sentence, and we the details
        _fail(_internal(error), as_json=_wants_json(words))
        return 1


def _wants_json(words: list[str]) -> bool:
    from python_workflow.cli.arguments import own_words

    return "--json" in own_words(words)


def _internal(error: Exception) -> WorkflowError:
    """An error of our own making, in a sentence; its details go into a file that can be sent to us."""
    import tempfile
    import traceback

    message = f"an internal error, {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="wsp-error-", suffix=".txt", delete=False, errors="backslashreplace"
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return WorkflowError(message, "Please report it.")
    return WorkflowError(message, f"Please report it with the details in {file.name}.")


def _main(words: list[str]) -> int:
    from python_workflow.cli.arguments import parse, usage
    from python_workflow.system.host import this_host

    if words[:1] == ["--complete"]:
        from python_workflow.cli.completion import candidates

        found = candidates(words[1:], this_host(), _cwd())
        if found:
            _out("\n".join(found))
        return 0
    action = parse(words)
    if action.command == "help":
        _out(usage(action.operand))
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

        _out(f"wsp {__version__}")
        return 0
    return _run(action, this_host())


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
        from python_workflow.cli.encode import to_json

        _out(to_json(result.document))
    else:
        if result.text:
            _out(result.text)
        _explain(result)
    if action.flag("--verbose"):
        _trail(action, host)
    return result.exit_code


def _hand_over(command: Command, host: Host) -> int:
    from python_workflow.system.handing import hand_over

    return hand_over(command.argv, command.cwd, command.applied(host.environ))


def _explain(result: Result) -> None:
    # A script that captures the answer gets the answer alone; a person also gets the reason.
    if result.note and (not result.text or sys.stderr.isatty()):
        _err(result.note)


def _trail(action: Action, host: Host) -> None:
    from python_workflow.cli.asked import question_of
    from python_workflow.cli.render import trail
    from python_workflow.discovery.disk import Disk
    from python_workflow.resolve import resolve

    disk = Disk()
    _err(trail(resolve(question_of(action, host, _cwd(action), disk), host, disk, whole=True)))


def _fail(error: WorkflowError, *, as_json: bool) -> None:
    if as_json:
        from python_workflow.cli.encode import to_json

        _out(to_json({"error": error.to_wire()}))
        return
    _err(f"wsp: {error.message}")
    if error.hint:
        _err(f"     {error.hint}")


def _cwd(action: Action | None = None) -> str:
    try:
        return os.getcwd()
    except OSError as error:
        asked = action and action.get("--folder")
        if asked and os.path.isabs(asked):
            return asked
        raise WorkflowError(
            f"the current folder cannot be used ({error.strerror})", "Change to another one."
        ) from None


def _out(text: str) -> None:
    from python_workflow.console.output import OUT, write

    try:
        write(OUT, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _OutputError(error.strerror or str(error)) from None


def _err(text: str) -> None:
    from python_workflow.console.output import tell

    tell(text)


if __name__ == "__main__":
    console()
