"""The workflow ``hatch`` against the real hatch, in small real projects."""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from support.blocking import Blocking
from support.files import tree_of, write
from support.making import (
    local,
)
from support.pythons import other_cpython, other_python, pack_python
from support.recipes import Site
from workflow_helper.errors import (
    InvalidParams,
    LockOutdated,
    Protected,
    PythonUnavailable,
    UnusableFile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workflow_server.values import ServerEnvironment

#: By uv, which takes a third of the time.
DEFAULT = """
[tool.hatch.envs.default]
installer = "uv"
skip-install = true
dependencies = ["iniconfig"]
[tool.hatch.envs.default.scripts]
hello = "python -V"
_hidden = "python -c pass"
"""
TEST = """
[tool.hatch.envs.test]
dependencies = ["pluggy"]
[tool.hatch.envs.test.scripts]
unit = ["python -c \\"print('unit')\\"", "hello {args}"]
[[tool.hatch.envs.test.matrix]]
version = ["1", "2"]
"""
#: Environments whose collector tells that it ran.
COLLECTOR = """
import pathlib
from hatch.env.collectors.plugin.interface import EnvironmentCollectorInterface

class Collector(EnvironmentCollectorInterface):
    def get_initial_config(self):
        pathlib.Path(self.root, "ran").touch()
        return {"extra": {"path": ".extra", "installer": "uv", "skip-install": True, "dependencies": ["pluggy"]}}
"""
PROJECT = '[project]\nname = "demo-project"\nversion = "1.0"\nrequires-python = ">=3.10"\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project without an environment."""
    site = Site.at(tmp_path, "hatch")
    declare(site, DEFAULT)
    return site


@pytest.fixture
def synced(site: Site) -> Site:
    """A project whose default environment hatch itself made."""
    site.run("env", "create")
    return site


@pytest.fixture
def built(site: Site) -> Blocking:
    """The same project, which can be installed by a backend of its own."""
    table = DEFAULT.replace("skip-install = true\n", "")
    project = Blocking.at(site.root, table=table)
    project.wait(wanted=False)
    return project


def declare(site: Site, text: str) -> None:
    """Have the project declare these environments."""
    write(site.root / "pyproject.toml", PROJECT + text)


def replace(site: Site, before: str, after: str) -> None:
    """Change what the project declares."""
    path = site.root / "pyproject.toml"
    text = path.read_text()
    assert before in text
    write(path, text.replace(before, after))


def only(site: Site) -> ServerEnvironment:
    """The one environment there is."""
    (one,) = local(site).environments()
    return one


def package_names(site: Site, identity: str) -> set[str]:
    """What is installed, but for what every environment comes with."""
    return {one.name for one in local(site).packages(identity)} - {"pip", "setuptools"}


def find(site: Site, name: str = "default") -> str:
    """Where hatch itself says that an environment is."""
    return site.run("env", "find", name).strip()


# -- every operation --------------------------------------------------------------------------------------------


def test_folder_that_hatch_made_is_what_hatch_says(synced: Site) -> None:
    """The default is the environment in which hatch runs things, in sync, whether or not the project is trusted."""
    prefix = synced.run("run", "python", "-c", "import sys; print(sys.prefix)").strip()
    for trusted in (True, False):
        (one,) = local(synced, trusted=trusted).environments()
        assert (one.prefix, one.default) == (prefix, True)
        assert local(synced, trusted=trusted).check(one.id).in_sync
    environment = synced.machine.wsp("env", "default", "--folder", str(synced.root))["environment"]
    assert isinstance(environment, dict)
    assert environment["prefix"] == prefix


def test_several_environments(site: Site) -> None:
    """Each environment of a matrix is made by its name, and has dependencies and tasks of its own."""
    declare(site, DEFAULT + TEST)
    session = local(site)
    one = session.create("test.2")
    assert (one.prefix, one.default) == (find(site, "test.2"), False)
    assert package_names(site, one.id) == {"pluggy"}
    assert session.check(one.id).in_sync
    assert [task.name for task in session.tasks()] == ["hello", "test:unit"]
    words = ("env", "run", "--env", "test", "--", "unit", "a b")
    assert session.task_command("test:unit", ["a b"]).argv[1:] == words
    for name in ("test", "nonesuch"):
        with pytest.raises(InvalidParams, match=r"it has default, test\.1, test\.2"):
            session.create(name)
    with pytest.raises(InvalidParams, match="no script _hidden"):
        session.task_command("_hidden", [])


def test_wishes_at_making(site: Site) -> None:
    """Further packages are granted, by the installer that hatch has by default too; what the project alone decides is refused."""
    replace(site, 'installer = "uv"\n', "")
    session = local(site)
    for wish in ({"groups": ["test"]}, {"extras": ["more"]}):
        with pytest.raises(InvalidParams, match="features and groups"):
            session.create("default", **wish)  # type: ignore[arg-type]
    with pytest.raises(InvalidParams, match="hatch can only create"):
        session.create("default", path=str(site.root / "env"))
    one = session.create(".", packages=["pluggy"])
    assert package_names(site, one.id) == {"iniconfig", "pluggy"}
    assert session.check(one.id).in_sync


@pytest.mark.needs("POSIX")
@pytest.mark.needs(pythons=2)
def test_python_that_the_project_asks_for(site: Site) -> None:
    """An environment's own Python is found where PATH does not lead to it, and no other can be asked for."""
    python = other_python()
    version = os.path.basename(python).removeprefix("python")
    home = site.machine.home / ".pyenv" / "versions"
    home.mkdir(parents=True)
    (home / f"{version}.0").symlink_to(os.path.dirname(os.path.dirname(python)))
    replace(site, "skip-install = true", f'skip-install = true\npython = "{version}"')
    session = local(site)
    with pytest.raises(InvalidParams, match=f"default has Python {version}"):
        session.create("default", python=os.path.realpath(sys.executable))
    one = session.create("default", python=python)
    assert one.python_version.startswith(version)
    session.delete(one.id)
    assert session.create("default").python_version.startswith(version)


# -- in sync or not ---------------------------------------------------------------------------------------------


def test_what_is_out_of_sync_is_told_and_mended(synced: Site) -> None:
    """What is missing is mended, also where hatch noted that nothing is, and where only a dependency needs it."""
    replace(synced, '["iniconfig"]', '["iniconfig", "importlib-metadata"]')
    session, one = local(synced), only(synced)
    assert session.check(one.id).message.endswith("importlib-metadata, which is not installed")
    assert session.sync(one.id).changed
    for name, reason in (
        ("iniconfig", "pyproject.toml asks for iniconfig, which is not installed"),
        ("zipp", "importlib-metadata needs zipp"),
    ):
        session.uninstall(one.id, [name])
        before = tree_of(synced.machine.home), tree_of(synced.root)
        result = session.check(one.id)
        assert (result.in_sync, result.message.startswith(reason)) == (False, True)
        assert (tree_of(synced.machine.home), tree_of(synced.root)) == before
        assert [each.name for each in session.sync(one.id).installed] == [name]
        assert session.check(one.id).in_sync


def test_project_itself(site: Site, built: Blocking) -> None:
    """The project is installed editable, and put back when it is missing."""
    session = local(site)
    one = session.create("default")
    assert package_names(site, one.id) == {"blocking", "iniconfig"}
    assert session.check(one.id).in_sync
    session.uninstall(one.id, ["blocking"])
    assert session.check(one.id).message == "the project itself is not installed as editable"
    assert session.sync(one.id).changed
    assert session.check(one.id).in_sync
    write(built.folder / "hatch.toml", '[envs.default]\ninstaller = "uv"\ndev-mode = false\n')
    assert session.check(one.id).message == "the project itself is not installed"


def test_member_of_a_workspace(site: Site) -> None:
    """Members of an environment's workspace are installed, and missed."""
    member = Blocking.at(site.root / "parts" / "one")
    member.wait(wanted=False)
    write(site.root / "parts" / "two" / "pyproject.toml", PROJECT)
    declare(
        site,
        DEFAULT
        + '[tool.hatch.envs.default.workspace]\nmembers = ["parts/*"]\nexclude = ["parts/two"]\n',
    )
    session = local(site)
    one = session.create("default")
    assert package_names(site, one.id) == {"blocking", "iniconfig"}
    session.uninstall(one.id, ["blocking"])
    assert "parts/one is not installed" in session.check(one.id).message
    assert "not trusted" in local(site, trusted=False).check(one.id).message
    assert session.sync(one.id).changed
    assert session.check(one.id).in_sync


@pytest.fixture
def locked(site: Site, built: Blocking) -> Site:
    """A project whose environment is locked, made by this workflow."""
    replace(site, 'installer = "uv"', 'installer = "uv"\nlocked = true')
    assert built.folder == site.root
    local(site).create("default")
    return site


def test_lock(locked: Site) -> None:
    """An environment with a lock holds what that says and the project itself, which hatch alone takes out."""
    session, one = local(locked), only(locked)
    assert (locked.root / "pylock.toml").is_file()
    assert package_names(locked, one.id) == {"blocking", "iniconfig"}
    session.install(one.id, ["iniconfig==2.0.0", "pluggy"])
    message = session.check(one.id).message
    assert "is locked, but 2.0.0 is installed, and pluggy is installed but not locked" in message
    assert session.sync(one.id, frozen=True).changed
    assert session.check(one.id).in_sync
    assert package_names(locked, one.id) == {"blocking", "iniconfig"}
    replace(locked, '["iniconfig"]', '["iniconfig", "pluggy"]')
    message = session.check(one.id).message
    assert message.startswith("pylock.toml is out of date: pyproject.toml asks for pluggy")
    assert [each.name for each in session.sync(one.id).installed] == ["pluggy"]
    assert package_names(locked, one.id) == {"blocking", "iniconfig", "pluggy"}
    assert session.check(one.id).in_sync


def test_frozen_changes_nothing_without_a_fresh_lock(locked: Site) -> None:
    """A missing or stale lock file is reported with the command that writes it, and all stays as it was."""
    one, lock = only(locked), locked.root / "pylock.toml"
    text = lock.read_text()
    lock.unlink()
    for _ in ("missing", "stale"):
        before = tree_of(locked.root)
        with pytest.raises(LockOutdated) as caught:
            local(locked).sync(one.id, frozen=True)
        assert "hatch env lock default" in (caught.value.hint or "")
        assert tree_of(locked.root) == before
        assert package_names(locked, one.id) == {"blocking", "iniconfig"}
        lock.write_text(text)
        replace(locked, '["iniconfig"', '["iniconfig", "pluggy"')


def test_environment_that_only_hatch_can_tell_of(site: Site) -> None:
    """Options that depend on rules of hatch's are asked of hatch where the project is trusted, and only there."""
    override = '[tool.hatch.envs.test.overrides]\nmatrix.version.dependencies = [{value = "packaging", if = ["2"]}]\n'
    declare(site, DEFAULT + TEST + override)
    session = local(site)
    one = session.create("test.2")
    assert package_names(site, one.id) == {"packaging", "pluggy"}
    assert session.check(one.id).in_sync
    assert "not trusted" in local(site, trusted=False).check(one.id).message
    session.uninstall(one.id, ["packaging"])
    assert "asks for packaging" in session.check(one.id).message
    assert session.sync(one.id).changed


def test_text_that_is_filled_in(site: Site) -> None:
    """Fields in an environment's options are filled in, and its variables are set for what runs in it."""
    site.machine.environ.update(WHO="you", HUSH_HUSH="quiet")
    replace(
        site,
        "skip-install = true",
        'skip-install = true\nenv-exclude = ["HUSH_*"]\n'
        'env-vars = { GREETING = "{env:WHO} {env:NOBODY:{env_name}}{/}", ABOVE = "{root:parent:uri}" }',
    )
    session = local(site)
    one = session.create("default")
    words = "import json, os; print(json.dumps(dict(os.environ)))"
    ours = session.execute(one.id, ["python", "-c", words])
    theirs = site.run("run", "python", "-c", words)
    mine, hatchs = json.loads(ours.stdout), json.loads(theirs)
    assert mine["GREETING"] == "you default/"
    for name in ("GREETING", "ABOVE", "HATCH_ENV_ACTIVE", "VIRTUAL_ENV", "HUSH_HUSH"):
        assert mine.get(name) == hatchs.get(name)


# -- before trust -----------------------------------------------------------------------------------------------


def test_collector_runs_only_where_it_is_trusted(site: Site) -> None:
    """A collector of the project's own is run for what it alone tells; asking leaves nothing, and needs trust."""
    declare(site, DEFAULT + "[tool.hatch.env.collectors.custom]\n")
    write(site.root / "hatch_plugins.py", COLLECTOR)
    ran = site.root / "ran"
    for trusted in (False, True):
        before = tree_of(site.machine.home)
        assert local(site, trusted=trusted).environments() == ()
        assert ran.exists() == trusted
        assert tree_of(site.machine.home) == before
    assert not (site.root / "__pycache__").exists()
    session = local(site)
    one = session.create("extra")
    assert (one.prefix, one.name) == (str(site.root / ".extra"), "extra")
    session.uninstall(one.id, ["pluggy"])
    assert "asks for pluggy" in session.check(one.id).message
    assert session.sync(one.id).changed
    ran.unlink()
    untrusted = local(site, trusted=False)
    assert untrusted.environments() == ()
    assert [task.name for task in untrusted.tasks()] == ["hello"]
    assert not ran.exists()
    session.delete(one.id)
    assert session.environments() == ()


def test_plugin_is_not_installed_to_answer(site: Site) -> None:
    """Where hatch would first install a plug-in into itself it is not asked, and the rest is told all the same."""
    lines = (
        '[tool.hatch.env]\nrequires = ["nonesuch-of-hatch"]\n[tool.hatch.env.collectors.custom]\n'
    )
    declare(site, DEFAULT + lines)
    session = local(site)
    assert session.environments() == ()
    with pytest.raises(Protected, match="nonesuch-of-hatch, which is not installed"):
        session.create("default")


# -- what goes wrong --------------------------------------------------------------------------------------------


def test_settings_that_send_hatch_elsewhere(synced: Site) -> None:
    """Where the user's settings have hatch act on one project always, it does not act on this one's behalf."""
    write(
        synced.machine.home / ".config" / "hatch" / "config.toml",
        'mode = "project"\nproject = "other"\n[projects]\nother = "/nowhere"\n',
    )
    session, one = local(synced), only(synced)
    assert session.check(one.id).in_sync
    with pytest.raises(Protected, match="act on the project other"):
        session.sync(one.id)


def test_file_that_says_nothing(synced: Site) -> None:
    """What hatch's tables should not say is reported with the file that says it."""
    one, file = only(synced), synced.root / "pyproject.toml"
    text = file.read_text()
    for before, after in (
        ('["iniconfig"]', '["no requirement!"]'),
        ('["iniconfig"]', '"iniconfig"'),
        ('installer = "uv"', 'locked = true\nlock-filename = "//server/share/lock"'),
        ("[tool", "[[tool"),
    ):
        replace(synced, before, after)
        with pytest.raises(UnusableFile, match=r"pyproject\.toml"):
            local(synced).check(one.id)
        file.write_text(text)


@pytest.mark.needs("POSIX")
def test_lock_that_leads_out_of_the_project(synced: Site, tmp_path: Path) -> None:
    """Whatever names it, and whichever part of its path is a link: hatch would write there, so it is not started."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (synced.root / "sub").symlink_to(outside)
    (synced.root / "link.toml").symlink_to(outside / "precious")
    one, file = only(synced), synced.root / "pyproject.toml"
    text = file.read_text()
    names = ("../precious", "{root:parent}/precious", "{home}/precious", "sub/precious")
    for name in (*names, "link.toml", "pylock.toml"):
        locked = f'locked = true\nlock-filename = "{name}"\n'
        replace(synced, 'installer = "uv"\n', f'installer = "uv"\n{locked}')
        if name == "pylock.toml":
            (synced.root / name).symlink_to(outside / "precious")
        before = tree_of(synced.root)
        with pytest.raises(Protected, match="outside of the project"):
            local(synced).sync(one.id)
        with pytest.raises(Protected, match="outside of the project"):
            local(synced).create("default")
        assert tree_of(synced.root) == before
        file.write_text(text)
    assert not list(tmp_path.rglob("precious"))


def test_path_that_the_project_chose(site: Site) -> None:
    """An environment in the project's folder is made there, and deleted."""
    replace(site, "skip-install = true", 'skip-install = true\npath = "build/env"')
    session = local(site)
    one = session.create("default")
    assert (one.id, one.prefix) == ("build/env", str(site.root / "build" / "env"))
    session.delete(one.id)
    assert not (site.root / "build" / "env").exists()


# -- stopped, and at once ---------------------------------------------------------------------------------------


# -- Pythons ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mirror(site: Site, tmp_path: Path) -> Iterator[str]:
    """The version of a Python that hatch gets from this machine, where nobody has one."""
    python = other_cpython()
    version = os.path.basename(python).removeprefix("python")
    # By the rest of its address hatch knows what kind of archive it is.
    name = f"cpython-{version}.0%2B20231002-any.tar.gz"
    below = os.path.join("python-build-standalone", "releases", "download")
    archive = pack_python(python, tmp_path / "mirror" / below)
    archive.rename(archive.with_name(name.replace("%2B", "+")))
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "mirror"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        variable = f"HATCH_PYTHON_CUSTOM_SOURCE_{version.replace('.', '_')}"
        site.machine.environ[variable] = f"http://127.0.0.1:{served.server_port}/{below}/{name}"
        site.machine.environ.update(NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
        yield version
        served.shutdown()
        thread.join()


@pytest.mark.needs("another CPython")
def test_python_is_installed(site: Site, mirror: str) -> None:
    """A Python that is not here is brought by hatch, and an environment is made with it."""
    session = local(site)
    with pytest.raises(PythonUnavailable):
        session.find_python(mirror)
    python = session.install_python(mirror)
    assert python.path.startswith(str(site.machine.home / ".local" / "share" / "hatch" / "pythons"))
    assert session.find_python(mirror) == python
    assert session.create("default", mirror).python_version.startswith(mirror)
    with pytest.raises(PythonUnavailable, match="hatch could not install one"):
        session.install_python("3.99")
