"""What the pages show, as it stands there."""

from __future__ import annotations

import re

from support.tree import ROOT


def shown(page: str, mark: str) -> str:
    """The code that stands in a page after ``<!-- MARK: run by a test as it stands -->``."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    found = re.search(rf"<!-- {re.escape(mark)}:[^>]*-->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, f"{page} shows no {mark}"
    return found[1]
