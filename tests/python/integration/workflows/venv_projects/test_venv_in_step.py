"""An environment follows what the project declares or has locked, and what is out of sync is told."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support.files import tree_of, write
from support.venv_project import (
    BUILT,
    LISTED,
    built,
    check,
    create,
    edit,
    installed_versions,
    locked,
    session,
    sync,
)
from workflow_helper.errors import (
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    Protected,
    PythonUnavailable,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


# -- in sync ------------------------------------------------------------------------------------------------------


def test_what_is_out_of_sync_is_told_and_mended(quick: Machine) -> None:
    """Each way in which the environment can differ is told in a sentence, and sync mends it and takes nothing out."""
    root = built(quick)
    create(quick)
    project = root / "pyproject.toml"
    for before, after, difference, came in (
        ('"alpha>=1', '"delta", "alpha>=1', "pyproject.toml asks for delta", {"delta"}),
        (
            '"alpha>=1',
            '"alpha<2',
            "pyproject.toml asks for alpha<2, but 2.0 is installed",
            {"alpha"},
        ),
        ('"4.2"', '"4.3"', "the project's version is 4.3, but 4.2 is installed", {"parcels"}),
        ("parcel =", "post =", "the project's scripts are not those", set()),
        ('["gamma"]', '["gamma", "beta"]', "pyproject.toml asks for beta", {"beta"}),
    ):
        edit(project, before, after)
        assert difference in check(quick)
        installed, removed = sync(quick)
        assert {*installed} == came
        assert {*removed} <= came
    session(quick).uninstall(".venv", ["omega"])
    assert check(quick) == "alpha needs omega, which is not installed"
    assert sync(quick) == (["omega"], [])
    session(quick).uninstall(".venv", ["parcels"])
    assert check(quick) == "the project itself is not installed"
    session(quick).install(".venv", ["alpha==2.0", "omega"])
    assert "and not" not in check(quick)
    assert sync(quick)[0] == ["alpha", "parcels"]


def test_pip_mends_all_that_is_out_of_sync(bare: Machine) -> None:
    """Without uv too, what is asked for beside, in another version, or by the project itself is installed, and nothing goes."""
    root = built(bare)
    create(bare)
    project = root / "pyproject.toml"
    for before, after in (
        ('"alpha>=1', '"delta", "alpha<2'),
        ('"4.2"', '"4.3"'),
        ("parcel =", "post ="),
        ('["gamma"]', '["gamma", "beta"]'),
    ):
        edit(project, before, after)
    installed, removed = sync(bare)
    assert {*installed} == {"alpha", "beta", "delta", "parcels"}
    assert {*removed} <= {"alpha", "parcels"}
    session(bare).uninstall(".venv", ["omega", "parcels"])
    assert sync(bare) == (["omega", "parcels"], [])


def test_question_changes_nothing_and_needs_no_trust(quick: Machine) -> None:
    """Check reads files alone: also where nothing may be run, of a project whose backend would tell."""
    root = built(quick)
    create(quick)
    edit(root / "pyproject.toml", '"alpha>=1', '"beta", "alpha>=1')
    (root / "begun").unlink()
    before = tree_of(root)
    result = session(quick, trusted=False).check(".venv")
    assert result.message == "pyproject.toml asks for beta, which is not installed"
    assert tree_of(root) == before
    with pytest.raises(Protected):
        session(quick, trusted=False).sync(".venv")


def test_packages_come_and_go(machine: Machine) -> None:
    """Packages are changed in the environment alone, and in no file of the project."""
    write(machine.workspace / "pyproject.toml", LISTED)
    create(machine)
    local = session(machine)
    came = local.install(".venv", ["beta", "alpha<2"])
    assert {(one.name, one.version) for one in came.installed} == {
        ("alpha", "1.0"),
        ("beta", "1.0"),
    }
    assert [one.name for one in local.uninstall(".venv", ["beta"]).removed] == ["beta"]
    assert not local.install(".venv", ["alpha"]).changed
    assert (machine.workspace / "pyproject.toml").read_text() == LISTED
    with pytest.raises(ExecutionFailed, match="nonesuch"):
        local.install(".venv", ["nonesuch"])


# -- a lock -------------------------------------------------------------------------------------------------------


def test_lock_is_followed_to_the_letter(machine: Machine, wheels: Path) -> None:
    """What is locked is there in its version, the project itself beside it, and what is not locked goes."""
    built(machine)
    locked(machine, wheels, ["alpha-1.0", "omega-1.0", "gamma-1.0", "beta-1.0", "delta-1.0"])
    made = create(machine, extras=["more"])
    assert made == dict.fromkeys(("alpha", "beta", "delta", "gamma", "omega"), "1.0") | {
        "parcels": "4.2"
    }
    assert check(machine, extras=["more"]) == ""
    assert check(machine) == "beta is installed but not locked"
    assert sync(machine, frozen=True) == ([], ["beta"])
    session(machine).install(".venv", ["alpha==2.0"])
    assert check(machine) == "alpha 1.0 is locked, but 2.0 is installed"
    assert sync(machine) == (["alpha"], ["alpha"])
    assert sync(machine) == ([], [])


def test_folders_in_a_lock(machine: Machine, wheels: Path) -> None:
    """Folders are installed as the lock says, editable ones too, which pip refuses in a lock."""
    other = machine._replace(workspace=machine.workspace / "other lib")
    built(other, BUILT.replace("parcels", "sibling").replace("parcel =", "brother ="))
    built(machine)
    folders = "".join(
        f'[[packages]]\nname = "{name}"\ndirectory = {{ path = "{path}", editable = true }}\n'
        for name, path in (("parcels", "."), ("sibling", "other lib"))
    )
    locked(machine, wheels, ["alpha-1.0", "omega-1.0"], folders)
    assert create(machine) == {"alpha": "1.0", "omega": "1.0", "parcels": "4.2", "sibling": "4.2"}
    assert check(machine) == ""
    session(machine).uninstall(".venv", ["sibling"])
    assert check(machine) == "sibling is locked but not installed"
    assert sync(machine, frozen=True) == (["sibling"], [])


def test_repository_in_a_lock(machine: Machine, wheels: Path) -> None:
    """A repository is installed at the commit that is locked, and again when another one is."""
    source = machine._replace(workspace=machine.home / "source")
    built(source, BUILT.replace("parcels", "fetched"))

    def git(*words: str) -> str:
        identity = ("-c", "user.name=tested", "-c", "user.email=tested@example.invalid")
        argv = ["git", *identity, *words]
        return subprocess.check_output(argv, cwd=source.workspace).decode().strip()

    git("init", "-q")
    commit = ""
    for version in ("4.2", "4.3"):
        write(
            source.workspace / "pyproject.toml",
            BUILT.replace("parcels", "fetched").replace("4.2", version),
        )
        git("add", ".")
        git("commit", "-q", "-m", version)
        commit = git("rev-parse", "HEAD")
        url = source.workspace.as_uri()
        vcs = f'{{ type = "git", url = "{url}", commit-id = "{commit}" }}'
        locked(
            machine,
            wheels,
            ["alpha-1.0", "omega-1.0"],
            f'[[packages]]\nname = "fetched"\nvcs = {vcs}\n',
        )
        if version == "4.2":
            assert create(machine) == {"alpha": "1.0", "fetched": "4.2", "omega": "1.0"}
            assert check(machine) == ""
    assert check(machine).startswith(f"fetched is locked as {commit[:12]}")
    assert sync(machine) == (["fetched"], ["fetched"])


def test_frozen_wants_a_lock_that_is_up_to_date(quick: Machine, wheels: Path) -> None:
    """Without a lock, or with one that lacks what is declared, nothing is changed, and the command that mends it is told."""
    write(quick.workspace / "pyproject.toml", LISTED)
    create(quick)
    with pytest.raises(LockOutdated) as caught:
        session(quick).sync(".venv", frozen=True)
    assert "uv export" in (caught.value.hint or "")
    for lock, expected, difference in (
        (["gamma-1.0"], "alpha>=1", "pyproject.toml asks for alpha>=1, which is not locked"),
        (
            ["alpha-1.0", "omega-1.0"],
            "alpha>=2",
            "pyproject.toml asks for alpha>=2, but 1.0 is locked",
        ),
    ):
        write(quick.workspace / "pyproject.toml", LISTED.replace("alpha>=1", expected))
        locked(quick, wheels, lock)
        before = tree_of(quick.workspace)
        with pytest.raises(LockOutdated, match=difference) as caught:
            session(quick).sync(".venv", frozen=True)
        assert "Lock the project again" in (caught.value.hint or "")
        assert difference in session(quick).check(".venv").message
        assert tree_of(quick.workspace) == before
    session(quick).sync(".venv")  # the lock as it is, since there is no other
    assert installed_versions(quick) == {"alpha": "1.0", "omega": "1.0"}


def test_lock_that_does_not_fit(machine: Machine, wheels: Path) -> None:
    """A lock for other Pythons, of other groups, or whose packages are not what was locked, makes nothing."""
    path = locked(machine, wheels, ["delta-1.0"])
    with pytest.raises(InvalidParams, match="'test'"):
        create(machine, groups=["test"])
    text = path.read_text()
    path.write_text(text.replace("created-by", 'requires-python = "<3"\ncreated-by'))
    with pytest.raises(PythonUnavailable, match=r"pylock\.toml"):
        create(machine)
    path.write_text(text.replace('sha256 = "', 'sha256 = "00')[: len(text) + 2])
    path.write_text(text.replace(text.partition('sha256 = "')[2][:64], "0" * 64))
    with pytest.raises(ExecutionFailed, match="does not match the hash"):
        create(machine)
    assert not (machine.workspace / ".venv").exists()
