"""What the fuzz targets share: damage, the loop, and the command line."""

from __future__ import annotations

import argparse
import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def damaged(data: bytes, random: random.Random) -> bytes:
    """``data`` with a few bytes changed, dropped or doubled, or as it is."""
    changed = bytearray(data)
    for _ in range(random.choice((0, 0, 1, 2, 8))):
        if not changed:
            break
        at = random.randrange(len(changed))
        change = random.randrange(3)
        if change == 0:
            changed[at] = random.randrange(256)
        elif change == 1:
            del changed[at : at + random.randrange(1, 20)]
        else:
            changed[at:at] = changed[at : at + random.randrange(1, 20)]
    return bytes(changed)


def main(
    about: str | None,
    what: str,
    make: Callable[[random.Random], bytes],
    check: Callable[[bytes, random.Random], None],
) -> None:
    """Check what ``make`` makes until a bound is reached; the first that breaks a rule is printed."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--iterations", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311 - to be repeated, not to be secret
    until = time.monotonic() + given.seconds
    done = 0
    while done < given.iterations and time.monotonic() < until:
        data = make(chance)
        try:
            check(data, chance)
        except Exception:
            print(f"seed {given.seed}, number {done}: {data!r}")  # noqa: T201
            raise
        done += 1
    print(f"{done} {what}, none broke a rule")  # noqa: T201
