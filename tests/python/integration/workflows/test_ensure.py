"""``environment/ensure`` of the bundled workflows, with their real tools: what is missing is made, what is there stays."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.files import break_venv, tree_of, write
from support.making import kill_while_building, local
from support.recipes import RECIPES, Site
from support.servers import until
from workflow_helper.errors import Cancelled, InvalidParams, Locked, Protected, PythonUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_server.in_process import Local
    from workflow_server.values import ServerEnvironment

#: Those that every run tries; the others come with ``--whole``.
ALWAYS = ("uv", "venv")
#: A workspace of uv's with a member.
WORKSPACE = {
    "pyproject.toml": """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.10"
dependencies = ["iniconfig"]
[tool.uv]
package = false
[tool.uv.workspace]
members = ["web"]
""",
}
MEMBER = """\
[project]
name = "shop-web"
version = "1"
requires-python = ">=3.10"
dependencies = ["pluggy"]
[tool.uv]
package = false
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tools that are asked for."""
    if "tool" in metafunc.fixturenames:
        whole = bool(metafunc.config.getoption("--whole"))
        metafunc.parametrize("tool", [*RECIPES] if whole else ALWAYS)


def names(one: ServerEnvironment) -> set[str]:
    """Return what is installed in an environment, as its details have it."""
    return {package.name for package in one.installed_packages or ()}


def stays(site: Site, session: Local) -> None:
    """See that asking for what is there changes no file."""
    before = tree_of(site.root)
    found = session.ensure(site.name, packages=["pluggy"])
    assert {site.recipe.package, "pluggy"} <= names(found)
    assert tree_of(site.root) == before


def test_ensuring(tool: str, tmp_path: Path) -> None:
    """It is made once, given what it comes to lack, never replaced, and stays as it is where nothing is lacking."""
    site = Site.at(tmp_path, tool)
    session = local(site)
    made = session.ensure(site.name, packages=["pluggy"])
    assert made.status.state == "ok"
    assert {site.recipe.package, "pluggy"} <= names(made)
    stays(site, session)
    if "environment.sync" in session.capabilities:
        session.uninstall(made.id, [site.recipe.package])
        assert {site.recipe.package, "pluggy"} <= names(session.ensure(packages=["pluggy"]))
        stays(site, session)
    before = tree_of(site.root)
    with pytest.raises(Protected, match=r"has Python .*, not 3\.99"):
        session.ensure(site.name, "3.99")
    with pytest.raises(InvalidParams, match="package"):
        session.ensure(site.name, package="nonesuch")
    assert tree_of(site.root) == before
    assert made.prefix is not None
    break_venv(site.root / made.prefix)
    before = tree_of(site.root)
    with pytest.raises(Protected):
        session.ensure(site.name)
    assert tree_of(site.root) == before


def test_what_cannot_be_ensured_leaves_nothing(tmp_path: Path) -> None:
    """No environment is there where the Python, or the trust, is lacking."""
    site = Site.at(tmp_path, "venv", files=RECIPES["venv"].bare)
    before = tree_of(site.root)
    with pytest.raises(PythonUnavailable):
        local(site).ensure(python="3.99")
    with pytest.raises(Protected, match="not trusted"):
        local(site, trusted=False).ensure()
    assert tree_of(site.root) == before


def test_the_package_of_a_workspace(tmp_path: Path) -> None:
    """The environment holds what that package asks for; the server tells how far it is."""
    site = Site.at(tmp_path, "uv", files=WORKSPACE, lock=False)
    write(site.root / "web" / "pyproject.toml", MEMBER)
    messages: list[str] = []
    with site.serving() as session:
        made = session.ensure(progress=lambda one: messages.append(one.title + one.message))
        assert names(made) & {"iniconfig", "pluggy"} == {"iniconfig"}
        assert any("iniconfig" in line for line in messages)
        assert "pluggy" in names(session.ensure(package="shop-web"))
        before = tree_of(site.root)
        session.ensure(package="shop-web")
    assert tree_of(site.root) == before


def test_two_at_once(tmp_path: Path) -> None:
    """Who comes second gets what the first makes, whole."""
    site = Site.at(tmp_path, "uv", files=RECIPES["uv"].bare)
    received: list[ServerEnvironment] = []
    both = [
        threading.Thread(target=lambda: received.append(local(site).ensure(packages=["pluggy"])))
        for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [(one.id, one.status.state, names(one)) for one in received] == [
        (".venv", "ok", {"pluggy"})
    ] * 2


@pytest.mark.needs("POSIX")
def test_being_stopped(tmp_path: Path) -> None:
    """What is cancelled leaves nothing, and what is killed nothing that counts as whole; asked again, it is made."""
    site = Site.at(tmp_path, "uv", files=RECIPES["uv"].bare, lock=False)
    blocking = Blocking.at(site.root, table="[tool.uv]\n")
    stop = threading.Event()

    def stop_when_building() -> None:
        blocking.building()
        stop.set()

    watch = threading.Thread(target=stop_when_building)
    watch.start()
    with pytest.raises(Cancelled):
        local(site).ensure(cancelled=stop)
    watch.join()
    assert local(site).environments() == ()
    kill_while_building(site, ".venv", blocking, verb="ensure")
    received: list[ServerEnvironment] = []

    def ensured() -> bool:
        with suppress(Locked):  # until the tool that was left behind has ended
            received.append(local(site).ensure())
        return bool(received)

    until(ensured)
    assert received[0].status.state == "ok"
    assert "blocking" in names(received[0])
