"""One folder, however its path is written."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st
from support.files import base_python, drawn_venv
from support.folders import fresh_machine
from workflow_helper.cli.arguments import parse
from workflow_helper.cli.context import question_of
from workflow_helper.filesystem.reader import Disk
from workflow_helper.resolver.resolve import resolve

FOLDERS = (".", "sub", "sub/deep", "other")
DETOURS = ("./", "other/../", "sub/deep/../../", ".//")


@given(
    folder=st.sampled_from(FOLDERS),
    stood_in=st.sampled_from(FOLDERS),
    detours=st.lists(st.sampled_from(DETOURS), max_size=3),
    tail=st.sampled_from(["", "/", "/.", "//"]),
    absolute=st.booleans(),
)
def test_every_spelling_of_a_folder_has_one_answer(
    folder: str, stood_in: str, detours: list[str], tail: str, *, absolute: bool
) -> None:
    """Relative or absolute, with dots and doubled slashes: the root and the default are the same."""
    with fresh_machine() as machine:
        root = machine.workspace
        for name in FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True)
        drawn_venv(root / "sub" / ".venv", base_python(machine.home))
        cwd = root / stood_in
        up = str(root) if absolute else os.path.relpath(root, cwd)
        spelled = f"{up}/{''.join(detours)}{folder}{tail}"
        question = question_of(
            parse(["env", "default", f"--folder={spelled}"]), machine.host, str(cwd), Disk()
        )
        answer = resolve(question, machine.host, Disk())
        inside = folder.startswith("sub")
        assert question.folder == os.path.normpath(root / folder)
        assert answer.root == str(root / ("sub" if inside else "."))
        assert (answer.environment is not None) == inside
