"""The language server's standard streams: input and output are only for the protocol, and the log goes to standard error."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException
from workflow_server.masking import masked

from workflow_helper.system import command_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase
    from typing import BinaryIO

    from typing_extensions import override
else:
    from workflow_server.namedtuple import override


class _Noise(logging.Filter):
    """Keeps pygls from logging a traceback for each error that answers a request."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


class _Masked(logging.Formatter):
    """Keeps secrets out of the log, and out of tracebacks in it."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def log_to_stderr() -> None:
    """Write warnings, and every command that is run, to standard error, without secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masked("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Noise())
    for name in ("workflow_helper", "pygls"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    logging.getLogger(command_log.NAME).setLevel(logging.INFO)


@contextlib.contextmanager
def private_streams() -> Iterator[tuple[BufferedIOBase, BinaryIO]]:
    """Yield standard input and output for the protocol; other output goes to standard error, and other reads are empty."""
    sys.stdout.flush()
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    try:
        yield incoming, outgoing
    finally:
        with contextlib.suppress(OSError):  # the reader may be gone
            outgoing.close()
        # A thread may still be reading: leaving the file to the end of the process.
