"""The stored consents of the user: for each project root, a digest of the workflow that it declares.

They are in ``consent.json`` in the user's state folder, readable only by the user::

    {"version": 1, "consents": {"/real/root": {"name": "serve.py", "declared_in": "/real/root/pyproject.toml", "digest": "..."}}}

:mod:`workflow_helper.trust.fingerprint` describes what the digest covers; after any change of it, consent is needed
again. An editor's Workspace Trust counts only in the editor, and is never stored here.
"""

from __future__ import annotations

import os

from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.trust import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from workflow_helper.model import Declaration, Host
else:
    from workflow_server.namedtuple import NamedTuple

FILE = "consent.json"
KIND = "consents"


class Consent(NamedTuple):
    """The consent for one root."""

    root: str
    name: str
    #: Empty for a bundled workflow that no file declares.
    declared_in: str
    digest: str

    def to_wire(self) -> dict[str, str | None]:
        """Return ``{"root", "name", "declared_in", "digest"}``, ``declared_in`` being ``null`` where no file declares it."""
        return {
            "root": self.root,
            "name": self.name,
            "declared_in": self.declared_in or None,
            "digest": self.digest,
        }


def digest_for(root: str, host: Host, disk: Disk) -> str | None:
    """Return the digest of the consent for ``root``; ``None`` without consent.

    Raises:
        UnusableFile: the file cannot be read.
    """
    consent = disk.parsed(KIND, _path(host), _parse).get(real_path(root))
    return None if consent is None else consent.digest


def give(declaration: Declaration, root: str, host: Host) -> tuple[Consent, tuple[str, ...]]:
    """Store consent to the current declaration of ``root``, and return it with the files that it covers.

    Raises:
        UnusableFile: a covered file cannot be read.
        WorkflowError: the file cannot be written.
    """
    from workflow_helper.state.json_store import put

    real = real_path(root)
    files, digest = fingerprint.cover(declaration, root, host, Disk())
    consent = Consent(real, declaration.name, declaration.declared_in or "", digest)
    record = {"name": consent.name, "declared_in": consent.declared_in, "digest": digest}
    put(_path(host), KIND, real, dict(record))
    return consent, files


def revoke(root: str, host: Host) -> bool:
    """Remove the consent for ``root``, and return whether there was any.

    Raises:
        WorkflowError: the file cannot be written.
    """
    from workflow_helper.state.json_store import put

    return put(_path(host), KIND, real_path(root), None)


def all_consents(host: Host) -> tuple[Consent, ...]:
    """Return all consents, by root.

    Raises:
        UnusableFile: the file cannot be read.
    """
    return tuple(_parse(_path(host)).values())


def _path(host: Host) -> str:
    return os.path.join(host.state, FILE)


def _parse(path: str) -> dict[str, Consent]:
    from workflow_helper.state.record_reader import read

    found = {}
    for root, record in read(path, KIND).items():
        values = [record.get(field) for field in ("name", "declared_in", "digest")]
        if not all(isinstance(value, str) for value in values):
            raise UnusableFile(path, f"'{KIND}.{root}' should hold name, declared_in and digest")
        found[root] = Consent(root, *map(str, values))
    return found
