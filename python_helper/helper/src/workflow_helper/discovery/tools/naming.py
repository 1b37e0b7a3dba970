"""The names that tools derive from a project's name and path.

This avoids :mod:`base64` and :mod:`re`: importing them costs 7 ms, a quarter of an answer.
"""

from __future__ import annotations


def normalized(name: str) -> str:
    """Return a distribution's name as packaging tools compare it: runs of ``-``, ``_`` and ``.`` are one ``-``, lower case."""
    parts = name.replace("_", "-").replace(".", "-").split("-")
    # Only runs inside the name collapse to nothing; at its ends one dash stays.
    middle = [part for part in parts[1:-1] if part]
    return "-".join([parts[0], *middle, *parts[1:][-1:]]).lower()


def sha256_mark(text: str, *, of_bytes: int | None = None) -> str:
    """Return the first eight characters of URL-safe base64 of the SHA-256 of ``text``, or of that digest's first bytes."""
    from hashlib import sha256

    return _mark(sha256(text.encode("utf-8", "surrogateescape")).digest()[:of_bytes])


def md5_mark(text: str) -> str:
    """Return the first eight characters of URL-safe base64 of the MD5 of ``text``."""
    from hashlib import md5

    return _mark(md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest())


def replaced(name: str, characters: str, substitute: str) -> str:
    """Return ``name`` with each of ``characters`` replaced."""
    return "".join(substitute if character in characters else character for character in name)


def _mark(digest: bytes) -> str:
    from binascii import b2a_base64

    return (
        b2a_base64(digest, newline=False)[:8]
        .translate(bytes.maketrans(b"+/", b"-_"))
        .decode("ascii")
    )
