"""The guide that adds a command to hatch, as it stands: built, installed beside hatch or in it, and used."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.bench import PATHS
from support.command import WSP, Finished, wsp
from support.documented import shown
from support.files import write
from support.launching import put_uv_on_path
from support.machine import TREE, uv
from support.servers import GUARD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import Distribution

    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")

GUIDE = "guides/a-wsp-command.md"
VERSION = ".".join(map(str, sys.version_info[:2]))
CLI = "hatch/cli/__init__.py"
COMMAND = "hatch/cli/wsp/__init__.py"


def build(source: Path, packages: Path) -> None:
    """Build the wheel of a distribution."""
    options = ["-q", "--no-config", "--offline", "--wheel", "--no-build-isolation"]
    places = ["--python", sys.executable, "--out-dir", str(packages), str(source)]
    subprocess.run(
        [str(uv()), "build", *options, *places], check=True, capture_output=True, timeout=GUARD
    )


def hatch_and_what_it_needs() -> list[Distribution]:
    """Return the distributions that are installed with the hatch of the tests."""
    (libraries,) = Path(PATHS["tools"]["hatch"]).parents[1].glob("lib/python*/site-packages")
    return list(distributions(path=[str(libraries)]))


def hatch() -> Distribution:
    """Return hatch itself."""
    return next(one for one in hatch_and_what_it_needs() if one.name == "hatch")


def pack(
    one: Distribution, packages: Path, more: Mapping[str, str] | None = None, need: str = ""
) -> None:
    """Make a wheel of an installed distribution again, which needs ``need``, with ``more`` after what its files hold."""
    more = dict(more or {})
    files = one.files or []
    about = next(path.parts[0] for path in files if path.name == "METADATA")
    about = about.removesuffix(".dist-info")
    tag = (one.read_text("WHEEL") or "").rpartition("\nTag: ")[2].splitlines()[0]
    with zipfile.ZipFile(packages / f"{about}-{tag}.whl", "w") as archive:
        for path in files:
            name = path.as_posix()
            if name.startswith("../../../bin/") and path.name == one.name:
                name = f"{about}.data/scripts/{path.name}"
            if name.startswith("..") or path.suffix == ".pyc" or path.name == "RECORD":
                continue
            data = path.read_binary() + more.pop(name, "").encode()
            if path.name == "METADATA" and need:
                data = data.replace(b"\n", f"\nRequires-Dist: {need}\n".encode(), 1)
            archive.writestr(zipfile.ZipInfo(name), data)
        for name, text in more.items():
            archive.writestr(name, text)
        archive.writestr(f"{about}.dist-info/RECORD", "")


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what hatch needs, and with the protocol's distribution: made once."""
    folder = tmp_path_factory.mktemp("packages")
    build(TREE / "python_helper" / "protocol", folder)
    for one in hatch_and_what_it_needs():
        if one.name != "hatch":
            pack(one, folder)
    return folder


@pytest.fixture
def packages(machine: Machine, common: Path) -> Path:
    """A folder that the machine installs from; its project has an environment of hatch's."""
    put_uv_on_path(machine)
    folder = machine.home / "packages"
    folder.mkdir()
    (machine.home / "tools" / f"python{VERSION}").symlink_to(os.path.realpath(sys.executable))
    for one in common.iterdir():
        (folder / one.name).symlink_to(one)
    machine.environ.update(UV_FIND_LINKS=str(folder), UV_OFFLINE="1", UV_NO_INDEX="1")
    write(machine.workspace / "hatch.toml", "[envs.default]\nskip-install = true\n")
    return folder


def patiently(machine: Machine, *words: str) -> Finished:
    """Run a command that installs or starts dozens of things."""
    done = subprocess.run(
        [*WSP, *words],
        cwd=machine.workspace,
        env=machine.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=GUARD * 8,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def serves(machine: Machine, declaration: str) -> None:
    """Declare, trust, create, ask for the default, run in it, check, and delete."""
    project = '[project]\nname = "shop"\nversion = "1"\n'
    write(machine.workspace / "pyproject.toml", project + declaration)
    untrusted = wsp(machine, "env", "list")
    assert (untrusted.exit_code, "not trusted" in untrusted.text) == (3, True)
    assert wsp(machine, "workflow", "trust").exit_code == 0
    created = patiently(machine, "env", "create", "--python", VERSION)
    assert created.exit_code == 0, created.text
    default = wsp(machine, "env", "default", "--json").document["environment"]
    assert (default["id"], default["status"]["state"]) == ("default", "ok")
    ran = wsp(machine, "env", "run", "--", "python", "-c", "import sys; print(sys.prefix)")
    assert ran.stdout.decode().strip() == default["prefix"]
    again = wsp(machine, "env", "create", "--python", VERSION)
    assert (again.exit_code, "exists" in again.text) == (1, True)
    report = patiently(machine, "check", "--json").document
    assert [one for one in report["clauses"] if one["outcome"] == "failed"] == []
    assert report["server_info"] == {"name": "hatch", "version": "0.1.0"}


def test_a_package_beside_hatch_serves_it(machine: Machine, packages: Path) -> None:
    """The package of the guide is built, installed with hatch by what the project declares, and serves."""
    source = machine.home / "hatch-wsp"
    write(source / "hatch_wsp.py", shown(GUIDE, "hatch_wsp.py"))
    write(source / "pyproject.toml", shown(GUIDE, "pyproject.toml of hatch-wsp"))
    build(source, packages)
    pack(hatch(), packages)
    serves(machine, shown(GUIDE, "the declaration beside"))


@pytest.mark.slow
def test_a_command_inside_of_hatch_serves_it(machine: Machine, packages: Path) -> None:
    """Hatch with the guide's command in it answers as ``hatch wsp``, the form of the proposal."""
    inside = {name: shown(GUIDE, name) for name in ("hatch_wsp.py", COMMAND, CLI)}
    pack(hatch(), packages, inside, "workflow-server")
    serves(machine, shown(GUIDE, "the declaration inside"))
