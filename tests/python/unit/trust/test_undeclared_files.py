from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.errors import ServerNotStarted
from workflow_helper.trust.snapshot import Snapshot
from workflow_helper.trust.undeclared_files import explain

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_helper.errors import ServerFailed


def explained(folder: Path, path: str) -> ServerFailed:
    """The error of a script of ``folder`` whose Python lacked the file ``path``."""
    script, origin = str(folder / "copy" / "serve.py"), str(folder / "serve.py")
    text = f"FileNotFoundError: [Errno 2] No such file or directory: {path!r}"
    error = ServerNotStarted("serve.py", "ended", stderr=text)
    return explain(error, Snapshot("digest", script, origin))


@pytest.mark.parametrize(
    "name",
    ["plain", "O'Brien", "Söhne & Co", pytest.param("a\\b", marks=pytest.mark.needs("POSIX"))],
)
def test_a_file_that_is_missed_is_named_whatever_the_folder_is_called(
    tmp_path: Path, name: str
) -> None:
    """Python quotes a path with an apostrophe otherwise, and doubles backslashes."""
    folder = tmp_path / name
    write(folder / "data" / "x.txt")
    error = explained(folder, os.path.join(str(folder / "copy"), "data", "x.txt"))
    assert 'files = ["data/x.txt"]' in (error.hint or "")


def test_a_file_that_is_not_beside_the_script_leaves_the_error_as_it_is(tmp_path: Path) -> None:
    """And so does one on another drive."""
    for path in (str(tmp_path / "copy" / "gone.txt"), "Q:\\other\\x.txt"):
        error = explained(tmp_path, path)
        assert error.hint == ServerNotStarted("serve.py", "ended").hint
