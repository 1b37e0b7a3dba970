"""Parse the words of a ``.python-version``, as pyenv, uv and people write them."""

from __future__ import annotations

import os

_RANGE = ("<", ">", "=", "!", "~")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a ``.python-version``: on any lines, without comments; a path or a range is a line of its own."""
    found: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if os.path.isabs(line) or line.startswith(_RANGE):
            found.append(line)
        else:
            found += line.partition("#")[0].split()
    return tuple(found)


def plain(word: str) -> str:
    """Return ``word`` as a specification: ``3.11`` for ``3.11-dev``, ``pypy3.10`` for ``pypy3.10-7.3.12``.

    For ``cpython-3.11.7-linux-x86_64-gnu`` it is ``cpython@3.11.7``.
    """
    if word.startswith(_RANGE):
        return word
    first, dash, rest = word.partition("-")
    if not dash:
        return word
    if first[-1:].isdigit() or first[-2:-1].isdigit():
        # What follows a version is its state, the release of its implementation, or a platform.
        return first
    return f"{first}@{rest.partition('-')[0].partition('+')[0]}"
