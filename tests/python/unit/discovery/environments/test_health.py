from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import base_python, drawn_venv, link, write
from support.machine import make_venv
from workflow_helper.discovery.environments.health import inspect, is_environment, minor_in_name
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from support.machine import Machine


@pytest.mark.needs("POSIX")
def test_a_real_environment_is_fine(machine: Machine) -> None:
    """What Python's own venv makes: its kind, its interpreter, its full version, and nothing against it."""
    import platform

    health = inspect(str(make_venv(machine.workspace / "env")), machine.host, Disk())
    assert health.kind == "venv"
    assert health.interpreter_path == str(machine.workspace / "env" / "bin" / "python")
    assert health.python_version == platform.python_version()
    assert (health.status.state, health.status.message) == ("ok", "")


@pytest.mark.parametrize(
    ("name", "minor"),
    [
        ("python3.12", (3, 12)),
        ("python3.13t", (3, 13)),
        ("python3.12.exe", (3, 12)),
        ("pypy3.10", (3, 10)),
        ("graalpy3.11", (3, 11)),
        ("python3", None),
        ("python", None),
        ("python3.12-config", None),
        ("pythonx.y", None),
        ("python3.99999999", None),
        ("python3.²", None),
        ("bash", None),
    ],
)
def test_versions_are_read_from_names(name: str, minor: tuple[int, int] | None) -> None:
    """Names of interpreters tell their minor version, other names none."""
    assert minor_in_name(name) == minor


def test_what_is_no_environment_says_what_it_lacks(machine: Machine) -> None:
    """Nothing there, a file, and a folder without pyvenv.cfg are told apart."""
    host, root = machine.host, machine.workspace
    messages = {
        name: inspect(str(root / name), host, Disk()).status.message
        for name in ("gone", write(root / "file").name, write(root / "folder" / "x").parent.name)
    }
    assert messages["gone"].endswith("does not exist")
    assert messages["file"].endswith("is not a folder")
    assert messages["folder"].endswith("has no pyvenv.cfg")


@pytest.mark.needs("POSIX")
def test_the_upgrade_of_a_base_is_seen_through_every_link(machine: Machine) -> None:
    """The version is that of the file at the end of all links, not of a name on the way."""
    home = machine.home / "py" / "bin"
    base_python(machine.home / "py", "python3.13")
    link(home / "python3.12", "python3.13")
    prefix = drawn_venv(machine.workspace / "env", home / "python3.12")
    health = inspect(str(prefix), machine.host, Disk())
    assert health.status.state == "broken"
    assert "created for Python 3.12" in health.status.message
    assert "is Python 3.13 now" in health.status.message


@pytest.mark.needs("POSIX")
def test_an_environment_with_packages_of_several_versions_is_fine(machine: Machine) -> None:
    """Left-overs of an older Python beside the present one's packages are no reason to call it broken."""
    prefix = drawn_venv(machine.workspace / "env", base_python(machine.home))
    for version in ("3.11", "3.12"):
        write(prefix / "lib" / f"python{version}" / "site-packages" / "x.txt")
    assert inspect(str(prefix), machine.host, Disk()).status.state == "ok"


def test_an_environment_for_windows_is_looked_at_by_windows_rules(machine: Machine) -> None:
    """On Windows the interpreter is in ``Scripts``, and one made elsewhere has none."""
    host = machine.host._replace(platform="win32")
    base = write(machine.home / "Python312" / "python.exe", executable=True)
    prefix = machine.workspace / "env"
    write(prefix / "pyvenv.cfg", f"home = {base.parent}\nversion = 3.12.4\n")
    write(prefix / "Scripts" / "python.exe", executable=True)
    health = inspect(str(prefix), host, Disk())
    assert health.status.state == "ok"
    assert health.interpreter_path == str(prefix / "Scripts" / "python.exe")
    other = machine.workspace / "other"
    write(other / "pyvenv.cfg", "home = /usr/bin\n")
    write(other / "bin" / "python", executable=True)
    message = inspect(str(other), host, Disk()).status.message
    assert "created on Linux or macOS" in message
    assert "py -m venv --clear" in message


def test_the_upgrade_of_a_base_for_windows_is_seen_by_its_library(machine: Machine) -> None:
    """``python.exe`` tells no version, and the library beside it does: after an upgrade in place the environment is broken."""
    host = machine.host._replace(platform="win32")
    base = write(machine.home / "current" / "python.exe", executable=True)
    write(base.parent / "python3.dll")
    library = write(base.parent / "python312.dll")
    prefix = machine.workspace / "env"
    write(prefix / "pyvenv.cfg", f"home = {base.parent}\nversion = 3.12.4\n")
    write(prefix / "Scripts" / "python.exe", executable=True)
    assert inspect(str(prefix), host, Disk()).status.state == "ok"
    library.rename(library.with_name("python313.dll"))
    health = inspect(str(prefix), host, Disk())
    assert health.status.state == "broken"
    assert (
        "created for Python 3.12, but its interpreter is Python 3.13 now" in health.status.message
    )


@pytest.mark.parametrize(
    ("library", "version"),
    [
        ("python312.dll", "3.12"),
        ("Python39.DLL", "3.9"),
        ("python313t.dll", "3.13"),
        ("python3.dll", None),
        ("python3t.dll", None),
        ("python27.dll", None),
        ("libpython312.dll", None),
    ],
)
def test_the_library_of_a_base_for_windows_tells_the_version(
    machine: Machine, library: str, version: str | None
) -> None:
    """Where the environment's own file has no version, it is that of the base's library."""
    host = machine.host._replace(platform="win32")
    base = write(machine.home / "Python" / "python.exe", executable=True)
    write(base.parent / library)
    prefix = machine.workspace / "env"
    write(prefix / "pyvenv.cfg", f"home = {base.parent}\n")
    write(prefix / "Scripts" / "python.exe", executable=True)
    assert inspect(str(prefix), host, Disk()).python_version == version


def test_a_broken_environment_still_tells_its_version(machine: Machine) -> None:
    """What the file says is known even where the interpreter is gone."""
    prefix = drawn_venv(machine.workspace / "env", machine.home / "gone" / "bin" / "python3.12")
    health = inspect(str(prefix), machine.host, Disk())
    assert (health.status.state, health.interpreter_path) == ("broken", None)
    assert health.python_version == "3.12.4"


@pytest.mark.needs("POSIX")
def test_the_command_that_mends_quotes_the_path(machine: Machine) -> None:
    """A path with blanks can be pasted."""
    prefix = drawn_venv(machine.workspace / "my env", machine.home / "gone" / "python3.12")
    message = inspect(str(prefix), machine.host, Disk()).status.message
    assert message.endswith(f"python3 -m venv --clear '{prefix}')")


def test_folders_of_environments_are_known_working_or_not(machine: Machine) -> None:
    """pyvenv.cfg or conda-meta is enough."""
    drawn_venv(machine.workspace / "a", machine.home / "gone")
    (machine.workspace / "b" / "conda-meta").mkdir(parents=True)
    assert [is_environment(str(machine.workspace / name), Disk()) for name in "abc"] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("shop-api", "shop-api"),
        ("'shop-api'", "shop-api"),
        ('"shop api"', "shop api"),
        ("(shop)", "shop"),
        ("'(shop) '", "shop"),
        (r"'it\'s'", "it's"),
        (r"'C:\\x'", r"C:\x"),
        ("O'Hara", "O'Hara"),
        ("", None),
        ("''", None),
        ("'", "'"),
        (".", None),
        ("()", None),
        ("a\x1b[1m", None),
        ("x" * 129, None),
    ],
)
def test_the_prompt_is_the_name(machine: Machine, written: str, name: str | None) -> None:
    """The prompt that venv was given is the name, without quotes and parentheses."""
    prefix = drawn_venv(machine.workspace / "env", base_python(machine.home))
    with (prefix / "pyvenv.cfg").open("a") as file:
        file.write(f"prompt = {written}\n")
    assert inspect(str(prefix), machine.host, Disk()).name == name


@pytest.mark.parametrize("maker", ["uv = 0.13.8", "virtualenv = 21.15.11"])
def test_a_prompt_that_a_tool_writes_unasked_is_no_name(machine: Machine, maker: str) -> None:
    """The project's name, which uv writes into each environment of a project, and Poetry and pdm by virtualenv, is no name."""
    prefix = drawn_venv(machine.workspace / ".venv", base_python(machine.home))
    with (prefix / "pyvenv.cfg").open("a") as file:
        file.write(f"{maker}\nprompt = demo\n")
    assert inspect(str(prefix), machine.host, Disk()).name is None


def test_a_broken_environment_still_has_its_name(machine: Machine) -> None:
    """Which of several environments is broken is said by the name that its owner gave it."""
    prefix = drawn_venv(machine.workspace / "env", machine.home / "gone" / "bin" / "python3.12")
    with (prefix / "pyvenv.cfg").open("a") as file:
        file.write("prompt = shop\n")
    assert inspect(str(prefix), machine.host, Disk()).name == "shop"


def test_the_version_is_read_from_the_standard_key(machine: Machine) -> None:
    """PEP 838's python-version goes before what each tool wrote on its own."""
    prefix = drawn_venv(machine.workspace / "env", base_python(machine.home), version=None)
    with (prefix / "pyvenv.cfg").open("a") as file:
        file.write("version = 3.12\npython-version = 3.12.9\n")
    assert inspect(str(prefix), machine.host, Disk()).python_version == "3.12.9"


@pytest.mark.needs("POSIX")
def test_an_environment_without_home_is_fine_while_its_interpreter_works(machine: Machine) -> None:
    """Without 'home' nothing says that it is broken, except an interpreter that is gone."""
    base = base_python(machine.home)
    prefix = drawn_venv(machine.workspace / "env", base)
    write(prefix / "pyvenv.cfg", "version = 3.12.4\n")
    assert inspect(str(prefix), machine.host, Disk()).status.state == "ok"
    base.unlink()
    assert inspect(str(prefix), machine.host, Disk()).status.state == "broken"


@pytest.mark.parametrize(
    "written",
    [f"3.12.{'9' * 5000}", f"3.{'9' * 5000}.1", "3.\u00b2", "\uff13.\uff11\uff11", "3", "x"],
)
def test_only_a_version_is_told_as_one(machine: Machine, written: str) -> None:
    """With numbers of any length, or digits of other scripts, it is none, and the interpreter's own is told."""
    prefix = drawn_venv(machine.workspace / "env", base_python(machine.home), version=None)
    with (prefix / "pyvenv.cfg").open("a", encoding="utf-8") as file:
        file.write(f"version = {written}\n")
    assert inspect(str(prefix), machine.host, Disk()).python_version == "3.12"
