from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.condarc import environment_folders, listed
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.ground import Ground


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("envs_dirs:\n  - /a\n  - /b\n", ("/a", "/b")),
        ("envs_dirs:\n- /a\n# - /b\n\n- '/c d'  # mine\nchannels:\n- x\n", ("/a", "/c d")),
        ('"envs_path": [ /a, "/b" ] # both\n', ("/a", "/b")),
        ("envs_dirs: /a\n", ("/a",)),
        ("envs_dirs:\r\n  - C:\\envs\r\n", ("C:\\envs",)),
        ("other:\n  envs_dirs:\n    - /a\n", ()),
        ("envs_dirs: []\n", ()),
        ("envs_dirs:\n", ()),
        ("- /a\nenvs_dirs\n", ()),
    ],
)
def test_the_list_of_folders_is_read_as_people_and_conda_write_it(
    text: str, folders: tuple[str, ...]
) -> None:
    """Block and flow lists of plain or quoted texts are read, and lists at other keys are not."""
    assert listed(text) == folders


@pytest.mark.needs("POSIX")
def test_the_file_that_counts_most_goes_first(ground: Ground) -> None:
    """The file that CONDARC names goes before the user's own, that before one in the user's folder of parts, and that before conda's own."""
    root = ground.files("conda", {".condarc": "envs_dirs: [/of-conda]\n"})
    ground.files(
        "home",
        {
            ".condarc": "envs_dirs: [/of-user]\n",
            ".conda/condarc.d/b.yml": "envs_dirs: [/of-parts]\n",
            ".conda/condarc.d/b.txt": "envs_dirs: [/of-nobody]\n",
            "special.yml": "envs_dirs: [/of-variable, /of-user]\n",
        },
    )
    host = ground.host(CONDARC="~/special.yml")
    folders = environment_folders([str(root)], host, Disk())
    assert [folder for folder in folders if folder.startswith("/of-")] == [
        "/of-variable",
        "/of-user",
        "/of-parts",
        "/of-conda",
    ]


@pytest.mark.needs("POSIX")
def test_a_file_that_is_no_text_names_nothing(ground: Ground) -> None:
    """A configuration that cannot be read leaves the others as they are."""
    ground.files("home", {".conda/condarc": "envs_dirs: [/of-other]\n"})
    (ground.home / ".condarc").write_bytes(b"envs_dirs: [\xff]\n")
    assert "/of-other" in environment_folders([], ground.host(), Disk())
