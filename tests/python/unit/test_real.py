from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from python_workflow.real import real_path

if TYPE_CHECKING:
    from pathlib import Path


def chain(folder: Path, links: int) -> Path:
    """The last of a chain of links in ``folder`` that ends at a folder."""
    (folder / "end").mkdir()
    before = "end"
    for number in range(links):
        (folder / f"l{number}").symlink_to(before)
        before = f"l{number}"
    return folder / before


def test_a_few_links_are_followed(tmp_path: Path) -> None:
    """As the system does."""
    base = tmp_path.resolve()
    assert real_path(str(chain(base, 30))) == str(base / "end")


@pytest.mark.parametrize("links", [1500, 5000])
def test_any_chain_of_links_is_borne(tmp_path: Path, links: int) -> None:
    """Followed to its end, or given as it is spelled; never an error."""
    base = tmp_path.resolve()
    last = chain(base, links)
    assert real_path(f"{last}/x") in (f"{last}/x", str(base / "end" / "x"))


@pytest.mark.parametrize("text", ["/a\0b", "/\ud800", "", "a" * 5000, "/" + "d/" * 5000])
def test_any_text_is_borne(text: str) -> None:
    """What no file system can hold leads nowhere else."""
    assert os.path.isabs(real_path(text))
