from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from workflow_helper.filesystem.real_path import FollowOnce, real_path

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


@pytest.mark.needs("POSIX")
def test_a_few_links_are_followed(tmp_path: Path) -> None:
    """As the system does."""
    base = tmp_path.resolve()
    assert real_path(str(chain(base, 30))) == str(base / "end")


@pytest.mark.needs("POSIX")
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


@pytest.mark.needs("POSIX")
def test_what_is_followed_once_leads_where_it_leads(tmp_path: Path) -> None:
    """Through links to folders, files and nothing, in loops, above links and below files, by any spelling."""
    base = tmp_path.resolve()
    (base / "a" / "b").mkdir(parents=True)
    (base / "a" / "file").write_text("")
    for name, target in {
        "up": "..",
        "to_b": "a/b",
        "a/b/out": "../../to_b",
        "loop": "loop",
        "nothing": "no/where",
        "absolute": str(base / "a"),
    }.items():
        (base / name).symlink_to(target)
    ends = ("", "/", "/..", "/x", "/b", "/b/out/out", "/../a", "/./b", "/up/up", "/x/../y", "\0")
    starts = ("a", "to_b", "up", "loop", "nothing", "absolute", "a/file", "a/b/out", "none")
    paths = [f"{base}/{start}{end}" for start in starts for end in ends]
    plain = [real_path(path) for path in paths]
    with FollowOnce():
        assert [real_path(path) for path in paths] == plain
        (base / "a").rename(base / "moved")
        assert [real_path(path) for path in paths] == plain
    assert real_path(f"{base}/to_b") == f"{base}/a/b"
    assert real_path(f"{base}/absolute") == f"{base}/a"
