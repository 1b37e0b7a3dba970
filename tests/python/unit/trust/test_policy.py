"""The one function that decides what may be started: every row and column of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from support.files import link, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.trust import store
from workflow_helper.trust.policy import Subject, decide

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_helper.model import Decision
    from workflow_helper.trust.policy import Act

ACTS: tuple[Act, ...] = ("start", "query", "change")


def subjects(machine: Machine) -> dict[str, Subject]:
    """A bundled tool, the user's own server, what the project declares, and a script, each in the workspace."""
    root = str(machine.workspace)
    write(machine.workspace / "serve.py", "1")
    declared = declaration({"script": "serve.py"}, f"{root}/pyworkflow.toml")
    mine = declaration({"cmd": ["mine"]}, machine.home / "pyworkflow.toml")
    bundled = declaration("nox")
    return {
        "bundled": Subject(root, bundled),
        "mine": Subject(root, mine),
        "declared": Subject(root, declared),
        "script": Subject(f"{root}/script.py"),
    }


def decided(machine: Machine, act: Act, subject: Subject, question: Question) -> Decision:
    """What is decided, by a fresh look."""
    return decide(act, subject, question, machine.host, Disk())


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("bundled", {"start", "change"}, {"start", "query", "change"}),
        ("mine", {"start"}, {"start"}),
        ("declared", set(), {"start", "query", "change"}),
        ("script", {"start", "query", "change"}, {"start", "query", "change"}),
    ],
)
def test_on_the_command_line_the_users_word_and_consent_decide(
    machine: Machine, kind: str, before: set[str], after: set[str]
) -> None:
    """What is allowed before and after the user consented to just that, and once it changed since."""
    what, question = subjects(machine)[kind], Question(str(machine.workspace))
    allowed = {act for act in ACTS if decided(machine, act, what, question).allowed}
    assert allowed == before
    if what.declaration is None or kind == "mine":
        return
    write(machine.workspace / "noxfile.py", "1")
    store.give(what.declaration, what.root, machine.host)
    assert {act for act in ACTS if decided(machine, act, what, question).allowed} == after
    for name in ("serve.py", "noxfile.py"):
        write(machine.workspace / name, "2")
    for act in {*ACTS} - before:
        decision = decided(machine, act, what, question)
        assert "it is not trusted any more: it changed since you consented to it" in decision.reason
        assert "'wsp workflow trust'" in (decision.hint or "")


@pytest.mark.parametrize("kind", ["bundled", "mine", "declared", "script"])
def test_in_an_editor_its_trust_decides_alone(machine: Machine, kind: str) -> None:
    """Nothing is started in a folder that is not trusted, whatever the command line may do there; everything in one that is."""
    what, folder = subjects(machine)[kind], str(machine.workspace)
    if what.declaration is not None:
        store.give(what.declaration, what.root, machine.host)
    for act in ACTS:
        decision = decided(machine, act, what, Question(folder, editor=True))
        assert decision.reason == "this folder is not trusted"
        assert decided(machine, act, what, Question(folder, editor=True, trusted=True)).allowed


@pytest.mark.parametrize("kind", ["bundled", "mine", "declared", "script"])
def test_a_window_without_a_folder_is_trusted_for_the_file_that_its_user_runs(
    machine: Machine, kind: str
) -> None:
    """The file itself is run, and whatever else would be started for its folder is refused."""
    what = subjects(machine)[kind]
    question = Question(str(machine.workspace / "main.py"), editor=True, single_file=True)
    allowed = {act for act in (*ACTS, "file") if decided(machine, act, what, question).allowed}
    assert allowed == {"file"}
    assert not decided(machine, "file", what, question._replace(single_file=False)).allowed


@pytest.mark.needs("POSIX")
def test_what_cannot_be_read_was_not_allowed(machine: Machine) -> None:
    """Damaged consents allow nothing, and the reason names the file."""
    what = subjects(machine)["declared"]
    write(machine.home / ".local" / "state" / "python-workflow" / "consent.json", "{")
    decision = decided(machine, "start", what, Question(what.root))
    assert decision.reason.startswith("it is not trusted: ")
    assert "consent.json" in decision.reason


def test_what_was_read_already_is_decided_about(machine: Machine) -> None:
    """The digest of the bytes that would run counts, and not what lies in the project by now."""
    what, question = subjects(machine)["declared"], Question(str(machine.workspace))
    assert what.declaration is not None
    consent, _ = store.give(what.declaration, what.root, machine.host)
    write(machine.workspace / "serve.py", "2")
    assert decided(machine, "start", what._replace(digest=consent.digest), question).allowed
    assert not decided(machine, "start", what._replace(digest="other"), question).allowed


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("root", "trusted"),
    [
        ("repo/pkg", True),
        ("repo/pkg/deep", True),
        ("repo", False),
        ("repo/pkg2", False),
        ("alias", True),
        ("repo/pkg/out", False),
        ("other", True),
    ],
)
def test_an_editors_trust_is_of_what_lies_in_its_folders(
    machine: Machine, root: str, *, trusted: bool
) -> None:
    """By real paths: neither what encloses a trusted folder nor what one leads to by a link is trusted with it."""
    base = machine.workspace
    for folder in ("repo/pkg/deep", "repo/pkg2", "other", "elsewhere"):
        (base / folder).mkdir(parents=True)
    link(base / "alias", base / "repo" / "pkg")
    link(base / "repo" / "pkg" / "out", base / "elsewhere")
    folders = (str(base / "repo" / "pkg"), str(base / "other"))
    question = Question(folders[0], editor=True, trusted=True, opened=folders)
    decision = decided(machine, "query", Subject(str(base / root)), question)
    assert decision.allowed is trusted
    assert trusted or f"{base / root} is not part of what was trusted" in decision.reason
    # Files of a project around would run as well.
    around = Subject(folders[0], None, (str(base / root),))
    assert decided(machine, "change", around, question).allowed is trusted


def test_without_folders_the_trust_is_of_the_one_that_is_asked_about(machine: Machine) -> None:
    """An editor that names no folders trusts the one in the question, and not what encloses it."""
    inner = machine.workspace / "inner"
    question = Question(str(inner), editor=True, trusted=True)
    assert decided(machine, "query", Subject(str(inner)), question).allowed
    assert not decided(machine, "query", Subject(str(machine.workspace)), question).allowed
