"""What a check tells that a sync would do, held to what the sync then does, with the real tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.files import tree_of, write
from support.forked_command import wsp
from support.making import local
from support.recipes import LOCKING, PROJECT, RECIPES, Site

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

#: What every run tries; the others come with ``--whole``.
ALWAYS = ("uv", "venv")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tools that are asked for; ``pip`` is the built-in workflow without uv."""
    if "tool" in metafunc.fixturenames:
        whole = bool(metafunc.config.getoption("--whole"))
        tools = dict.fromkeys((*ALWAYS, *(("pip", *LOCKING) if whole else ())))
        metafunc.parametrize("tool", [*tools])


def test_a_plan_is_what_a_sync_does(tool: str, tmp_path: Path) -> None:
    """It names what is missing, of another version, and more than is locked, and changes no file."""
    name = "venv" if tool == "pip" else tool
    # Without anything to build: what a folder needs is not made out.
    files = {"pyproject.toml": PROJECT} if name == "venv" else None
    site = Site.at(tmp_path, name, files=files)
    if tool == "pip":
        site.take("uv")
    session = local(site)
    one = session.create(site.name)
    session.install(one.id, ["colorama"])
    session.uninstall(one.id, [site.recipe.package])
    session.install(one.id, ["pluggy==1.5.0"])
    if name == "venv":
        old = '[project.optional-dependencies]\nmore = ["pluggy"]'
        new = PROJECT.replace('["iniconfig"]', '["iniconfig", "pluggy>=1.6"]').replace(old, "")
        write(site.root / "pyproject.toml", new)
    before = tree_of(site.root)
    result = session.check(one.id, plan=True)
    assert tree_of(site.root) == before
    assert result.in_sync is False
    assert result.plan is not None
    done = session.sync(one.id)
    assert (result.plan.install, result.plan.remove) == (done.installed, done.removed)
    assert {site.recipe.package} <= {package.name for package in done.installed}
    again = session.check(one.id, plan=True)
    assert again.in_sync
    assert again.plan is not None
    assert (again.plan.install, again.plan.remove) == ((), ())


def test_a_plan_heeds_what_is_declared_and_not_locked_yet(tmp_path: Path) -> None:
    """Asked for one, uv resolves anew, and writes no lock; on the command line each package is a line, and the status is 1."""
    site = Site.at(tmp_path / "machine", "uv")
    one = local(site).create(site.name)
    site.make_stale()
    lock = (site.root / "uv.lock").read_bytes()
    assert local(site).check(one.id).plan is None
    wsp(site.machine, "workflow", "trust")
    finished = wsp(site.machine, "env", "check", "--plan")
    assert (finished.exit_code, finished.stdout[:11]) == (1, b"+ colorama "), finished.text
    document = wsp(site.machine, "env", "check", "--plan", "--json").document
    assert (document["in_sync"], document["plan"]["remove"]) == (False, [])
    assert (site.root / "uv.lock").read_bytes() == lock


def test_a_plan_by_pip(tmp_path: Path) -> None:
    """Without uv pip's own dry run tells, and installs nothing."""
    site = Site.at(tmp_path, "venv", files=RECIPES["venv"].bare)
    site.take("uv")
    one = local(site).create(site.name)
    declare_iniconfig(site)
    before = tree_of(site.root)
    result = local(site).check(one.id, plan=True)
    assert result.plan is not None
    assert [package.name for package in result.plan.install] == ["iniconfig"]
    assert result.plan.install[0].version
    assert result.plan.remove == ()
    assert tree_of(site.root) == before


def declare_iniconfig(site: Site) -> None:
    """Have a project that depends on nothing ask for something."""
    text = (site.root / "pyproject.toml").read_text()
    write(site.root / "pyproject.toml", text.replace("= []", '= ["iniconfig"]'))


def test_where_nobody_can_tell_there_is_no_plan(tmp_path: Path) -> None:
    """Without an index a dry run fails, and that is not "nothing to do"."""
    site = Site.at(tmp_path, "venv", files=RECIPES["venv"].bare)
    one = local(site).create(site.name)
    declare_iniconfig(site)
    site.lose_the_index()
    result = local(site).check(one.id, plan=True)
    assert (result.in_sync, result.plan) == (False, None)
