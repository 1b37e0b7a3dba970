"""What a tool's own lock file names, compared with what an environment holds, from files alone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from python_workflow.workflows.holding import Held


def differences(
    locked: Mapping[str, str | None], held: Held, lock: str, kept: Container[str] | None
) -> Iterator[str]:
    """What keeps an environment from holding what is locked, a clause each.

    ``locked`` are the packages that count for it, by normalized name, with their versions where the lock says them.
    ``lock`` is the lock file's name. ``kept`` are the names that are left alone though they are not locked; ``None``: all.
    """
    for name, version in sorted(locked.items()):
        has = held.version(name)
        if has is None:
            yield f"{name} {version or ''}".rstrip() + " is not installed"
        elif version is not None and has != version:
            yield f"{name} {version} is locked, {has} is installed"
    if kept is not None:
        for name in sorted(set(held.found) - set(locked)):
            if name not in kept:
                yield f"{name} {held.version(name)} is not in {lock}"


def counts(marker: str | None, variables: Mapping[str, str], extras: tuple[str, ...] = ()) -> bool:
    """Whether a locked package with this marker counts where ``variables`` hold and ``extras`` are asked for.

    One that cannot be understood counts: it is of a newer standard.
    """
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName

    if not marker:
        return True
    try:
        parsed = Marker(marker)
        return any(parsed.evaluate({**variables, "extra": extra}) for extra in ("", *extras))
    except (InvalidMarker, UndefinedEnvironmentName):
        return True
