"""Declarations of workflows, as they come out of the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow_helper.discovery.workflow_table import read_wsp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from workflow_helper.model import Declaration


def declaration(
    value: str | Mapping[str, Any], declared_in: str | Path | None = None
) -> Declaration:
    """What ``wsp = VALUE`` in the file ``declared_in`` declares."""
    where = None if declared_in is None else str(declared_in)
    table = value if isinstance(value, str) else dict(value)
    return read_wsp(table, where or "the test", None, "wsp", declared_in=where)
