"""``.python-envs``: what the order, repetitions and spellings of its lines mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from support.files import base_python, drawn_venv, write
from support.folders import all_answers, fresh_machine

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a", "b b", "ç")
SPELLINGS = (
    "{0}",
    "./{0}",
    "{0}/",
    "other/../{0}",
    ".//{0}/.",
    "{root}/{0}",
    "{root}/./other/../{0}",
)

lines = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(SPELLINGS)), min_size=1, max_size=8
)
ends = st.sampled_from(["\n", "\r\n", "\n\n", "\r\n \r\n"])


@given(
    named=lines,
    ends=st.lists(ends, min_size=8, max_size=8),
    mark=st.booleans(),
    finished=st.booleans(),
)
def test_the_last_line_decides_however_it_is_spelled(
    named: list[tuple[str, str]], ends: list[str], *, mark: bool, finished: bool
) -> None:
    """The default is the last line's environment, and each one named is listed once, whatever the spelling."""
    with fresh_machine() as machine:
        root = machine.workspace
        (root / "other").mkdir()
        for name in NAMES:
            drawn_venv(root / name, base_python(machine.home))
        write_list(root, named, ends, mark=mark, finished=finished)
        answer, listed = all_answers(machine)
        assert answer.environment is not None
        assert answer.environment.prefix == str(root / named[-1][0])
        assert answer.environment.source == "python-envs"
        by_list = [one.prefix for one in listed if one.source == "python-envs"]
        assert sorted(by_list) == sorted(str(root / name) for name in {name for name, _ in named})


@given(st.permutations(NAMES))
def test_dot_venv_is_the_last_line_whatever_the_others_are(named: list[str]) -> None:
    """Beside a list in any order, ``.venv`` is the default and all are listed."""
    with fresh_machine() as machine:
        root = machine.workspace
        for name in (*NAMES, ".venv"):
            drawn_venv(root / name, base_python(machine.home))
        write(root / ".python-envs", "\n".join(named))
        answer, listed = all_answers(machine)
        assert answer.environment is not None
        assert answer.environment.prefix == str(root / ".venv")
        assert {one.prefix for one in listed} == {str(root / name) for name in (*NAMES, ".venv")}


@given(st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=60))
def test_any_text_as_the_last_line_is_an_environment_or_a_sentence(line: str) -> None:
    """A line is a blank, names what is there, or is told of by its own text; never passed over in silence."""
    with fresh_machine() as machine:
        write(machine.workspace / ".python-envs", f"{line}\n")
        answer, _ = all_answers(machine)
        assert answer.environment is None
        assert (answer.unusable is None) == (line.removeprefix("\ufeff").strip() == "")


def write_list(
    root: Path, named: list[tuple[str, str]], ends: list[str], *, mark: bool, finished: bool
) -> None:
    """Write ``.python-envs`` with these lines, ends of lines and a byte-order mark; ``finished``: the last has an end."""
    text = "\ufeff" if mark else ""
    for number, (name, spelling) in enumerate(named):
        last = number == len(named) - 1
        end = "" if last and not finished else ends[number]
        text += spelling.format(name, root=root) + end
    write(root / ".python-envs", text)
