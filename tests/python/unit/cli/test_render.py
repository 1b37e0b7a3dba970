from __future__ import annotations

from support.declaring import declaration
from workflow_helper.cli.render import columns, line, trail
from workflow_helper.model import Environment, Resolution, Status, Step, Workflow
from workflow_helper.terminal.output import lines_of

GOOD = Environment(".venv", ".venv", "venv", "/p/.venv", "/p/.venv/bin/python", "3.12.4", ".venv")
BAD = GOOD._replace(status=Status("broken", "/p/.venv is broken: it is"), interpreter_path=None)


def test_columns_line_up_and_end_without_blanks() -> None:
    """Each text has its width, longer ones push on."""
    assert columns(("a", 3), ("b", 0)) == "a    b"
    assert columns(("abcd", 3), ("", 5), ("", 0)) == "abcd"


def test_a_line_tells_the_interpreter_or_what_is_wrong() -> None:
    """What helps most stands last."""
    assert line(GOOD).endswith("/p/.venv/bin/python")
    assert "Python 3.12.4" in line(GOOD)
    assert line(BAD).endswith("it is")
    assert "conda" in line(GOOD._replace(python_version=None, kind="conda"))


def test_a_trail_tells_the_answer_before_the_rules() -> None:
    """The root, the workflow, the environment and why, then a line a rule with its mark."""
    steps = (
        Step("W7", "matched", "the fallback"),
        Step("E1", "passed", "nothing selected"),
        Step("E4", "failed", "broken"),
        Step("E5", "matched", "the last line"),
    )
    lines = trail(Resolution("/p", GOOD, steps, Workflow(declaration("venv"), "W7")))
    assert lines[0] == "root         /p"
    assert lines[1] == "workflow     venv (W7)"
    assert lines[3] == "because      the last line"
    assert [entry for entry in lines if entry.startswith("  ")] == [
        "  + W7    the fallback",
        "  - E1    nothing selected",
        "  ! E4    broken",
        "  + E5    the last line",
    ]
    assert "workflow     none" in trail(Resolution("/p", None, ()))


def test_no_name_forges_a_row() -> None:
    """Line ends within a name are spelled out where it is written, and those of a sentence followed by an indentation that no row has."""
    assert columns(("a\n* b\u2028c", 3), ("d\r", 0)) == "a\\n* b\\u2028c  d\\r"
    assert line(GOOD._replace(id="a\nb", interpreter_path="/p\n/q")).count("\n") == 0
    steps = (Step("E4", "failed", "it wrote:\n  + E1    forged"),)
    rows = lines_of(trail(Resolution("/p\nroot  /q", GOOD, steps))).splitlines()
    assert rows[0] == "root         /p\\nroot  /q"
    assert [row for row in rows if row.startswith("  +")] == []


def test_absence_is_said_once() -> None:
    """That there is no environment stands in the sentence once, with what kept it from being found."""
    assert Resolution("/p", None, ()).absence == "no environment was found for /p"
    unusable = Resolution("/p", None, (), unusable="pyproject.toml is no TOML")
    assert unusable.absence == "no environment: pyproject.toml is no TOML"
