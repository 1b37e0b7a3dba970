"""Files that are not what they should be: each is a sentence, none a traceback or a hang, and none hides a good answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support import without_override
from support.command import wsp as started_wsp
from support.files import base_python, drawn_venv, link, write
from support.forked_command import explained, wsp
from support.machine import FOLDERS, make_venv

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Finished
    from support.machine import Machine

#: Makes the process that it starts one for whom permissions count.
UNPRIVILEGED = (sys.executable, without_override.__file__)


class Victim(NamedTuple):
    """A file that is read, and the environment that is the default all the same."""

    name: str
    #: Relative to the workspace; the home folder is beside it.
    path: str
    good: str = ".venv"


CONFIG = f"../home/{FOLDERS[0]}/pyworkflow.toml"
STATE = f"../home/{FOLDERS[1]}/selections.json"

VICTIMS = (
    Victim("pyproject.toml", "pyproject.toml"),
    Victim("pyworkflow.toml", "pyworkflow.toml"),
    Victim(".python-envs", ".python-envs"),
    Victim(".venv", ".venv", "good"),
    Victim("pyvenv.cfg", ".venv/pyvenv.cfg", "good"),
    Victim("the user's pyworkflow.toml", CONFIG),
    Victim("selections.json", STATE),
)


def not_utf8(path: Path) -> None:
    """A byte that begins no UTF-8 character."""
    write(path, b"# fine\nkey = \xe9\n")


def nul(path: Path) -> None:
    """A NUL."""
    write(path, b"# fine\nkey = \0\n")


def huge(path: Path) -> None:
    """100 MB of nothing."""
    write(path)
    os.truncate(path, 100 * 1024 * 1024)


def fifo(path: Path) -> None:
    """A FIFO that nobody writes into."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A device that never ends."""
    link(path, "/dev/zero")


def terminal(path: Path) -> None:
    """A device that waits for somebody to type."""
    link(path, "/dev/tty")


def looping(path: Path) -> None:
    """A link to itself."""
    link(path, path.name)


def nowhere(path: Path) -> None:
    """A link to nowhere."""
    link(path, "/nowhere/at/all")


def folder(path: Path) -> None:
    """A folder."""
    (path / "inside").mkdir(parents=True)


BROKEN: dict[Callable[[Path], None], tuple[str, ...]] = {
    not_utf8: ("UTF-8", "line 2"),
    nul: ("NUL", "line 2"),
    huge: ("too large",),
    fifo: ("FIFO",),
    endless: ("device",),
    terminal: ("device",),
    looping: ("loop",),
    nowhere: ("does not exist",),
    folder: ("folder",),
}
ONLY_POSIX = (fifo, endless, terminal, looping, nowhere)


@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.name)
@pytest.mark.parametrize(
    "breaking",
    [
        pytest.param(one, marks=pytest.mark.needs("POSIX") if one in ONLY_POSIX else ())
        for one in BROKEN
    ],
    ids=lambda breaking: str(breaking.__name__),
)
def test_a_file_that_cannot_be_read_is_told_of_and_hides_nothing(
    machine: Machine, victim: Victim, breaking: Callable[[Path], None]
) -> None:
    """The trail names the file and what is wrong with it, and the good environment is the default."""
    path = prepared(machine, victim)
    breaking(path)
    # A .venv folder that is not an environment is told of by what it lacks.
    words = ("pyvenv.cfg",) if (breaking, victim.name) == (folder, ".venv") else BROKEN[breaking]
    assert_told(explained(machine), path, words)
    assert_default(wsp(machine, "env", "default", "--json"), machine, victim.good)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.name)
def test_a_file_that_may_not_be_read_is_told_of_and_hides_nothing(
    machine: Machine, victim: Victim
) -> None:
    """The trail names the file and says that it may not be read, and the good environment is the default."""
    path = prepared(machine, victim)
    write(path, "key = 1\n").chmod(0)
    finished = started_wsp(machine, "explain", "--json", through=UNPRIVILEGED)
    sentences = "\n".join(step["detail"] for step in finished.document["trail"])
    assert_told(sentences, path, ("cannot be read", "Permission denied"))
    default = started_wsp(machine, "env", "default", "--json", through=UNPRIVILEGED)
    assert_default(default, machine, victim.good)


@pytest.mark.parametrize("name", ["pyproject.toml", "pyworkflow.toml", CONFIG])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[workflow]\nwsp = = 1\n", ("line 2", "TOML")),
        ("[workflow]\nwsp = 1\nwsp = 2\n", ("line 3", "TOML")),
        ("[workflow]\nwsp = 5\n", ("line 2", "workflow.wsp")),
        ("[workflow]\nwsp = { cmd = [[]] }\n", ("line 2", "workflow.wsp.cmd")),
        ("[[workflow]]\nwsp = 'uv'\n", ("line 1", "'workflow'", "table")),
        ("workflow = " + "[" * 100_000, ("too deeply",)),
        ("workflow = " + "{ a = " * 100_000, ("too deeply",)),
        ("workflow" + ".a" * 100_000 + " = 1\n", ("line 1", "too many parts")),
        ("[" + "a." * 100_000 + "workflow]\n", ("line 1", "too many parts")),
        ("workflow = 5\n" + "a = 1\n" * 1_000_000, ("too large",)),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_toml_that_makes_no_sense_is_told_of_and_hides_nothing(
    machine: Machine, name: str, text: str, words: tuple[str, ...]
) -> None:
    """The trail names the file, the line and the key where there are such, and ``.venv`` is the default."""
    make_venv(machine.workspace / ".venv")
    path = write(Path(os.path.normpath(machine.workspace / name)), text)
    assert_told(explained(machine), path, words)
    assert_default(wsp(machine, "env", "default", "--json"), machine, ".venv")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 1, "selections": []}',
        '{"version": 1, "selections": {"/a": 5}}',
        '{"version": 2, "selections": {}}',
        "[" * 100_000,
        '{"version": 1, "selections": {"/a": {"environment": ' + "9" * 10_000 + "}}}",
    ],
    ids=lambda text: text[:48],
)
def test_selections_that_make_no_sense_are_told_of_and_kept(machine: Machine, text: str) -> None:
    """The trail names the file, ``.venv`` is the default, and a new selection does not overwrite what is there."""
    make_venv(machine.workspace / ".venv")
    path = write(Path(os.path.normpath(machine.workspace / STATE)), text)
    assert_told(explained(machine), path, ())
    assert_default(wsp(machine, "env", "default", "--json"), machine, ".venv")
    refused = wsp(machine, "env", "select", ".venv", "--json")
    assert refused.exit_code == 1
    assert refused.document["error"]["code"] == "unusable_file"
    assert path.read_text() == text


@pytest.mark.parametrize("entry", ['"relative"', "5", '"/a\\u0000b"', '"/\\ud800"', "[]"])
def test_a_bad_selection_of_one_root_hides_no_other(machine: Machine, entry: str) -> None:
    """Only the root whose entry is bad is told of it, and a selection for another root is made all the same."""
    make_venv(machine.workspace / ".venv")
    bad = machine.workspace / "bad"
    write(bad / "pyproject.toml")
    text = f'{{"version": 1, "selections": {{{json.dumps(str(bad))}: {{"environment": {entry}}}}}}}'
    path = write(Path(os.path.normpath(machine.workspace / STATE)), text)
    assert_told(explained(machine, cwd=bad), path, ("environment", "absolute path"))
    chosen = wsp(machine, "env", "select", ".venv", "--json")
    assert chosen.document["environment"]["source"] == "selected"
    kept = json.loads(path.read_bytes())["selections"][str(bad)]
    assert kept == {"environment": json.loads(entry)}


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("obstacle", [folder, huge])
def test_a_selection_that_cannot_be_written_is_an_error_of_one_sentence(
    machine: Machine, obstacle: Callable[[Path], None]
) -> None:
    """Where the state folder cannot be made or written, the selection fails and names the file."""
    make_venv(machine.workspace / ".venv")
    state = machine.home / ".local" / "state"
    obstacle(state)
    state.chmod(0o500)
    refused = started_wsp(machine, "env", "select", ".venv", "--json", through=UNPRIVILEGED)
    assert refused.exit_code == 1
    assert str(state) in refused.document["error"]["message"]


@pytest.mark.parametrize("environment", ["/" + "x" * 5000, "//host/share"])
def test_a_selection_of_a_place_that_cannot_be_is_passed_over(
    machine: Machine, environment: str
) -> None:
    """A remembered path that no file system can hold is a sentence, in the answer and in the list."""
    make_venv(machine.workspace / ".venv")
    root = json.dumps(str(machine.workspace))
    text = f'{{"version": 1, "selections": {{{root}: {{"environment": "{environment}"}}}}}}'
    write(Path(os.path.normpath(machine.workspace / STATE)), text)
    assert "E1 failed" in explained(machine)
    assert_default(wsp(machine, "env", "default", "--json"), machine, ".venv")
    assert wsp(machine, "env", "list").exit_code == 0
    assert wsp(machine, "explain").exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x\n" * 500_000, "too large"),
        ("".join(f"a{number}\n" for number in range(5000)), "line 5000"),
        ("\n" * 50_000 + "gone\n", "line 50001"),
        ("x" * 60_000, "does not exist"),
        ("/".join("x" * 30_000), "does not exist"),
        ("../" * 20_000, "no environment"),
        ("a" * 255 + "\n", "does not exist"),
        ("user@host:" + "x" * 10_000, "not supported"),
    ],
    ids=["copies", "many", "blank", "long", "deep", "up", "longest name", "address"],
)
def test_lists_beyond_measure_are_told_of_and_end(machine: Machine, text: str, words: str) -> None:
    """A list of any shape and size is answered with a sentence."""
    write(machine.workspace / ".python-envs", text)
    assert words in explained(machine)
    assert wsp(machine, "env", "list", "--json").exit_code == 0
    assert wsp(machine, "env", "default").exit_code in (1, 3)


def test_a_rule_for_a_folder_that_cannot_be_is_passed_over(machine: Machine) -> None:
    """A pattern that no file system can hold is told of, matches nothing and breaks nothing."""
    make_venv(machine.workspace / ".venv")
    text = '[[folder]]\npath = "/a\\u0000b/*"\nwsp = "uv"\n[[folder]]\npath = "/a\\u0000b"\nwsp = "uv"\n'
    path = write(Path(os.path.normpath(machine.workspace / CONFIG)), text)
    explanation = explained(machine)
    assert_told(explanation, path, ("line 2", "folder[0].path"))
    assert_told(explanation, path, ("line 5", "folder[1].path"))
    assert_default(wsp(machine, "env", "default", "--json"), machine, ".venv")


@pytest.mark.parametrize(
    "name",
    [
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned #",
        "& touch pwned",
        "-rf",
        "--json",
        "環境 é ñ",
        *(
            pytest.param(name, marks=pytest.mark.needs("POSIX"))
            for name in ("& touch pwned |", "'\"'\"'", "a\nb", "a\tb\r", " ", "*?[a]", "\\")
        ),
    ],
)
def test_folders_of_any_name_answer_as_any_other(machine: Machine, name: str) -> None:
    """A name that a shell would act upon is a name."""
    project = machine.workspace / name
    write(project / "pyproject.toml", "")
    make_venv(project / ".venv")
    assert_default(
        wsp(machine, "env", "default", "--json", cwd=project), machine, os.path.join(name, ".venv")
    )
    finished = wsp(machine, "env", "default", "--json", f"--folder={name}")
    assert_default(finished, machine, os.path.join(name, ".venv"))
    selected = wsp(machine, "env", "select", "--json", str(project / ".venv"), cwd=project)
    assert_default(selected, machine, os.path.join(name, ".venv"))
    assert "E1 matched" in explained(machine, cwd=project)
    assert not list(machine.workspace.rglob("pwned*"))


@pytest.mark.needs("POSIX")
def test_a_folder_whose_name_is_not_utf8_answers_as_any_other(machine: Machine) -> None:
    """Bytes go in and come out as they are, in plain output and through the list, the selection and the explanation."""
    project = os.path.join(os.fsencode(machine.workspace), b"\xff\xe9")
    os.mkdir(project)
    drawn_venv(Path(os.fsdecode(project)) / ".venv", base_python(machine.home))
    plain = wsp(machine, "env", "default", cwd=project)
    assert plain.exit_code == 0
    assert project + b"/.venv" in plain.stdout
    document = wsp(machine, "env", "default", "--json", cwd=project).document
    assert os.fsencode(document["environment"]["prefix"]) == project + b"/.venv"
    assert wsp(machine, "env", "select", ".venv", cwd=project).exit_code == 0
    selected = wsp(machine, "env", "default", "--json", b"--folder", project)
    assert selected.document["environment"]["source"] == "selected"
    for words in (
        ("env", "list"),
        ("explain",),
        ("workflow", "show"),
        ("env", "show"),
        ("env", "forget"),
    ):
        assert wsp(machine, *words, cwd=project).exit_code == 0


@pytest.mark.needs("POSIX")
def test_a_very_long_path_answers_as_any_other(machine: Machine) -> None:
    """A project as deep as the system allows is found, and one deeper is a sentence."""
    deep = machine.workspace
    while len(str(deep)) < 3800:
        deep = deep / ("d" * 200)
    make_venv(deep / ".venv")
    found = wsp(machine, "env", "list", "--json", "--folder", str(deep)).document["environments"]
    assert [one["prefix"] for one in found] == [str(deep / ".venv")]
    # Past 128 characters an id is a digest; this one is relative to its own root.
    assert found[0]["id"] == ".venv"
    seen = wsp(machine, "env", "list", "--json").document
    assert seen["root"] == str(machine.workspace)
    beyond = wsp(machine, "env", "default", "--json", "--folder", str(deep / ("x/" * 2000)))
    assert beyond.exit_code == 2


def test_a_long_id_is_a_digest(machine: Machine) -> None:
    """An environment further away than an id may be long has one of 16 digits, which names it."""
    far = Path("e" * 100) / ("f" * 100)
    make_venv(machine.workspace / far)
    write(machine.workspace / ".python-envs", f"{far}\n")
    found = wsp(machine, "env", "default", "--json").document["environment"]
    assert len(found["id"]) == 16
    assert int(found["id"], 16) >= 0
    shown = wsp(machine, "env", "show", found["id"], "--json").document["environment"]
    assert shown == found


def prepared(machine: Machine, victim: Victim) -> Path:
    """Where the victim goes, on a machine with one good environment and nothing at the victim's place."""
    make_venv(machine.workspace / victim.good)
    if victim.good != ".venv":
        write(machine.workspace / ".python-envs", f"{victim.good}\n")
    path = Path(os.path.normpath(machine.workspace / victim.path))
    if victim.name == "pyvenv.cfg":
        make_venv(path.parent)
        path.unlink()
    return path


def assert_told(sentences: str, path: Path, words: tuple[str, ...]) -> None:
    """Some line names the file and holds all the words."""
    lines = [line for line in sentences.splitlines() if str(path) in line]
    assert any(all(word in line for word in words) for line in lines), sentences


def assert_default(finished: Finished, machine: Machine, path: str) -> None:
    """The default is the environment at this path of the workspace."""
    assert finished.exit_code == 0, finished.text
    assert json.loads(finished.stdout)["environment"]["prefix"] == str(machine.workspace / path)
