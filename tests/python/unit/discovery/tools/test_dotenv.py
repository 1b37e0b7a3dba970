from __future__ import annotations

import pytest
from workflow_helper.discovery.tools.dotenv import variables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        (" export  A = 1 ", {"A": "1"}),
        ("A='x y' # c", {"A": "x y"}),
        ('A="x\\ny" # c', {"A": "x\ny"}),
        ("A='it\\'s\\n'", {"A": "it's\\n"}),
        ('A="many\nlines"\nB=2', {"A": "many\nlines", "B": "2"}),
        ("A=a#b", {"A": "a#b"}),
        ("A=a #b", {"A": "a"}),
        ("A= # b", {"A": ""}),
        ("A=x=y", {"A": "x=y"}),
        ("'A B'=3", {"A B": "3"}),
        ("# c\n\n#A=2\nB=1", {"B": "1"}),
        ("A\nB:1\nC=1", {"C": "1"}),
        ("A='x'y\nB=1", {"B": "1"}),
        ('A="open\nB=2', {"B": "2"}),
        ("A=$HOME", {"A": "$HOME"}),
        ("A=${HOME}/x", {"A": "/h/x"}),
        ("A='${HOME}'", {"A": "/h"}),
        ("A=${NO:-d}/x${NO}", {"A": "d/x"}),
        ("B=1\nA=${B}2\nB=3", {"B": "3", "A": "12"}),
        ("HOME=/g\nA=${HOME}", {"HOME": "/g", "A": "/g"}),
    ],
)
def test_a_file_is_read_as_python_dotenv_reads_it(text: str, found: dict[str, str]) -> None:
    """The values are those that python-dotenv 1.2 gave for the same text."""
    assert variables(text, {"HOME": "/h"}) == found
