from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery.workflow_table import kind_of, read_wsp, wrong
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
# workflow.wsp = "not this"
[project]
workflow = "nor this"
wsp = "nor that"

[ workflow ]  # here
"wsp" = { cmd = ["x"], requires = "y" }
policy = "override"

[[folder]]
path = "~/a"
wsp = "uv"

[[folder]]
wsp.cmd = ["x"]
path = "~/b"

[[workflow.folder]]
path = "a"

[[workflow.folder]]
path = "b"

[other.workflow]
wsp = 5
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("workflow", 6),
        ("workflow.wsp", 7),
        ("workflow.wsp.cmd", 7),
        ("workflow.wsp.cmd[0]", 7),
        ("workflow.policy", 8),
        ("workflow.fallback", 6),
        ("folder", 10),
        ("folder[0].path", 11),
        ("folder[0].wsp", 12),
        ("folder[1]", 14),
        ("folder[1].wsp.cmd", 15),
        ("folder[1].path", 16),
        ("folder[1].workflow", 14),
        ("workflow.folder[0].path", 19),
        ("workflow.folder[1].path", 22),
        ("workflow.folder[1].environment", 21),
        ("workflow.x[y", 6),
    ],
)
def test_an_error_names_the_line_of_its_key(tmp_path: Path, key: str, line: int) -> None:
    """The line of the key itself, else of the nearest table around it."""
    path = str(write(tmp_path / "f.toml", TEXT))
    assert str(wrong(path, Disk(), key, "is off")) == f"{path}: line {line}, '{key}' is off"


def test_an_error_about_a_key_that_is_nowhere_names_no_line(tmp_path: Path) -> None:
    """A line that cannot be told is left out."""
    path = str(write(tmp_path / "f.toml", TEXT))
    assert str(wrong(path, Disk(), "nothing.here", "is off")) == f"{path}: 'nothing.here' is off"
    assert str(wrong("a setting", None, "policy", "is off")) == "a setting: 'policy' is off"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("uv", "uv"),
        ({"cmd": ["hatch", "wsp"]}, "hatch"),
        ({"cmd": ["/opt/x/tool.EXE", "wsp"]}, "tool"),
        ({"cmd": ["C:\\tools\\wsp.exe"]}, "wsp"),
        ({"script": "./a/serve.py"}, "serve.py"),
        ({"script": "folder/"}, "folder"),
        ({"module": "a.b"}, "a.b"),
        ({"config": "tool.toml"}, "tool.toml"),
        ({"ssh": "dev@host", "folder": "/srv/app", "wsp": "uv"}, "uv on dev@host"),
        ({"ssh": "ssh://host:22", "folder": "/", "wsp": {"cmd": ["x"]}}, "x on ssh://host:22"),
    ],
)
def test_a_workflow_has_a_name(value: object, name: str) -> None:
    """A bundled one's own, a script's file name, else the program's."""
    declaration = read_wsp(value, "f", None, "workflow.wsp", declared_in="f")
    assert declaration.name == name
    assert declaration.declared_in == "f"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "an empty string"),
        ("x", "a string"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "a table"),
    ],
)
def test_values_are_told_in_words(value: object, words: str) -> None:
    """A message speaks of what was written, not of Python's types."""
    assert kind_of(value) == words


@pytest.mark.parametrize(
    "value", [{"cmd": "x"}, {"cmd": [""]}, {"script": "a\0b"}, {"module": "a..b"}, {"requires": []}]
)
def test_tables_that_cannot_be_launched_are_refused(value: object) -> None:
    """What would fail when it is started is refused when it is read."""
    with pytest.raises(UnusableFile):
        read_wsp(value, "f", None, "workflow.wsp", declared_in=None)


ELSEWHERE = {"ssh": "dev@host", "folder": "/srv/app", "wsp": "uv"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ssh": ""}, "'w.ssh' should be a host as ssh takes it"),
        ({"ssh": 1}, "'w.ssh' should be a host as ssh takes it"),
        ({"ssh": "-oProxyCommand=id"}, "'w.ssh' should not begin with a hyphen"),
        ({"ssh": "dev@-host"}, "'w.ssh' should not begin with a hyphen"),
        ({"ssh": "ssh://-host"}, "'w.ssh' should not begin with a hyphen"),
        ({"ssh": "a\nb"}, "'w.ssh' contains a character that no host has"),
        ({"ssh": "a\0b"}, "'w.ssh' contains a character that no host has"),
        ({"ssh": "host;id"}, "'w.ssh' contains a character that no host has"),
        ({"ssh": "$(id)"}, "'w.ssh' contains a character that no host has"),
        ({"folder": None}, "'w.folder' should be the absolute path of a folder on dev@host"),
        ({"folder": "srv"}, "'w.folder' should be the absolute path of a folder on dev@host"),
        ({"folder": "/a\nb"}, "'w.folder' should be the absolute path of a folder on dev@host"),
        ({"wsp": "nothing"}, "'w.wsp' names no bundled workflow: 'nothing'"),
        ({"wsp": {"cmd": []}}, "'w.wsp.cmd' should be a non-empty list of strings"),
        (
            {"wsp": {"cmd": [" "]}},
            "'w.wsp.cmd[0]' should be a non-empty string, not an empty string",
        ),
        ({"wsp": {"script": "a\0b"}}, "'w.wsp.script' must not contain a NUL character"),
        (
            {"wsp": {"script": "s", "files": ["x"]}},
            "'w.wsp.files' is only for workflows on this machine",
        ),
        (
            {"wsp": {"ssh": "b", "folder": "/", "wsp": "uv"}},
            "'w.wsp.ssh' cannot name a second machine",
        ),
        ({"cmd": ["x"]}, "'w.cmd' belongs inside 'wsp' where 'ssh' is set"),
        ({"requires": "x"}, "'w.requires' cannot be combined with 'ssh'"),
    ],
)
def test_what_is_wrong_with_a_place_elsewhere_is_told(
    changes: dict[str, object], reason: str
) -> None:
    """By its key, before anything is started: a host can be no option, and no word of a shell's."""
    with pytest.raises(UnusableFile) as raised:
        read_wsp({**ELSEWHERE, **changes}, "f", None, "w", declared_in="f")
    assert raised.value.reason.startswith(reason)


def test_a_place_elsewhere_says_what_to_start_there() -> None:
    """And its keys go with no other form."""
    for value, reason in (
        ({"ssh": "a", "folder": "/"}, "'w' has no key 'wsp'"),
        ({"cmd": ["x"], "folder": "/"}, "'w.folder' needs 'ssh'"),
    ):
        with pytest.raises(UnusableFile) as raised:
            read_wsp(value, "f", None, "w", declared_in="f")
        assert raised.value.reason.startswith(reason)
