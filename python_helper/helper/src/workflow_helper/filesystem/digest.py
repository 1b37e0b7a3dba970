"""Compute the digest that identifies contents and names."""

from __future__ import annotations


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of ``data``, in hexadecimal digits."""
    try:
        # What hashlib takes where it has nothing better: loading OpenSSL takes as long as half of an answer.
        from _sha2 import sha256  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256
    digest: str = sha256(data).hexdigest()
    return digest
