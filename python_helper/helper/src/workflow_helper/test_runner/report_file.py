"""Read the report of a run from a file while it is written."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

#: Seconds between two looks at the file.
_TICK = 0.05
#: Bytes that are read at once, and of a line; a longer one is dropped.
_CHUNK, _LONGEST_LINE = 65536, 8 * 1024 * 1024


def follow(path: str, receive: Callable[[bytes], bool], over: threading.Event) -> None:
    """Call ``receive`` with each line of the file at ``path``, until it returns false, or ``over`` is set and all is read."""
    rest = b""
    with open(path, "rb") as file:
        while True:
            ended = over.is_set()  # before the look: what is written until then is read
            while part := file.read(_CHUNK):
                *lines, rest = (rest + part).split(b"\n")
                if not all(receive(line) for line in lines):
                    return
                if len(rest) > _LONGEST_LINE:
                    rest = b""
            if ended:
                return
            over.wait(_TICK)
