"""Run the main function of a program: report failures in one sentence, and exit quickly with a status."""

from __future__ import annotations

import gc
import os
import sys

from workflow_server.masking import masked

from workflow_helper.errors import WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: Objects that may be made before they are looked through for garbage: an answer makes half as many, and hardly any.
_BEFORE_GARBAGE = 20_000


class _OutputError(Exception):
    """Standard output cannot be written: the disk is full, or it was closed."""


def be(main: Callable[[], int], *, briefly: bool = True) -> NoReturn:
    """Run ``main``, and end this process with its exit status.

    An answer takes 13 ms. Garbage collection, and the interpreter's cleanup at exit, would add 2 ms, or 10 ms if a
    server was queried, so both are skipped if the process runs ``briefly``, for one answer.
    """
    if briefly:
        gc.set_threshold(_BEFORE_GARBAGE)
    code = main()
    threading = sys.modules.get("threading")
    # Where things are to be done at the end, there is an end in order.
    if "atexit" in sys.modules or (threading is not None and not briefly):
        sys.exit(code)
    if threading is not None:
        for thread in threading.enumerate():
            if not thread.daemon and thread is not threading.current_thread():
                thread.join()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the parent process
            stream.flush()
    os._exit(code)


def guarded(act: Callable[[], int], name: str, *, as_json: Callable[[], bool]) -> int:
    """Call ``act`` and return its exit status; a failure is written as a sentence of the program ``name``, or as JSON."""
    try:
        return _run(act, name, as_json)
    except BrokenPipeError:
        # The reader of the output has gone, so no error is needed.
        return 1
    except _OutputError as error:
        err(f"{name}: the answer could not be written ({error})")
        return 1


def out(text: str) -> None:
    """Write ``text``, a whole answer, to standard output."""
    from workflow_helper.terminal.output import OUT, write

    try:
        write(OUT, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _OutputError(error.strerror or str(error)) from None


def err(text: str) -> None:
    """Write ``text`` to standard error."""
    from workflow_helper.terminal.output import tell

    tell(masked(text))


def _run(act: Callable[[], int], name: str, as_json: Callable[[], bool]) -> int:
    try:
        return act()
    except WorkflowError as error:
        _fail(error, name, as_json=as_json())
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, _OutputError):
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets a sentence, and we the details
        _fail(_internal(error, name), name, as_json=as_json())
        return 1


def _fail(error: WorkflowError, name: str, *, as_json: bool) -> None:
    if as_json:
        from workflow_helper.terminal.json_encoder import to_json

        out(to_json({"error": error.to_wire()}))
        return
    from workflow_helper.terminal.output import lines_of

    margin = " " * len(name)
    first, *more = error.message.split("\n")
    # What a tool said last has several lines; behind a bar, neither they nor a name with a line break look like ours.
    err(lines_of((f"{name}: {first}", *(f"{margin}| {line}" for line in more))))
    if error.hint:
        err(lines_of(f"{margin}  {error.hint}"))


def _internal(error: Exception, name: str) -> WorkflowError:
    """Return an internal error as a sentence; its details are written to a file for a bug report."""
    import tempfile
    import traceback

    if isinstance(error, ModuleNotFoundError) and error.name:
        return WorkflowError(
            f"the Python package {error.name.partition('.')[0]}, which {name} needs, is not installed for {sys.executable}",
            f"Install python-workflow-helper again, with what it depends on, or run {name} from where it was installed.",
        )
    message = f"an internal error, {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"{name}-error-", suffix=".txt", delete=False, errors="backslashreplace"
        ) as file:
            file.write(masked("".join(traceback.format_exception(error))))
    except OSError:
        return WorkflowError(message, "Please report it.")
    return WorkflowError(message, f"Please report it with the details in {file.name}.")
