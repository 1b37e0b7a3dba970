"""The workflow ``venv``, with uv and without: projects whose packages lie in a folder, and one of the package index."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from support.files import link, tree_of, write
from support.launching import put_uv_on_path, serving
from support.machine import make_venv, uv
from support.pythons import versions
from support.servers import until
from support.tree import bundle, old_pythons, supported_pythons
from support.venv_project import (
    BUILT,
    LISTED,
    THIS,
    built,
    check,
    create,
    edit,
    installed_versions,
    session,
    sync,
    with_index,
)
from workflow_helper.errors import (
    AlreadyExists,
    Cancelled,
    ExecutionFailed,
    InvalidParams,
    LockOutdated,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    ToolNotInstalled,
    UnusableFile,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine


# -- what is declared ---------------------------------------------------------------------------------------------


def test_empty_project_gets_an_empty_environment(machine: Machine) -> None:
    """Where nothing is declared nothing is installed, and what was made is in sync."""
    assert create(machine) == {}
    assert check(machine) == ""
    assert (machine.workspace / ".venv" / ".gitignore").read_text().splitlines()[-1] == "*"
    assert sync(machine) == ([], [])


def test_dependencies_are_installed(quick: Machine) -> None:
    """A project that cannot be built gets its dependencies and the group ``dev``, as their markers say, and no more."""
    write(quick.workspace / "pyproject.toml", LISTED)
    assert create(quick) == {"alpha": "2.0", "omega": "1.0", "gamma": "1.0"}
    assert check(quick) == ""


def test_groups_extras_and_packages_are_installed(machine: Machine) -> None:
    """Groups that are named replace the one by default, groups and extras may include others, and packages come on top."""
    write(machine.workspace / "pyproject.toml", LISTED)
    made = create(machine, groups=["Docs"], extras=["all"], packages=["alpha==1.0"])
    assert made == dict.fromkeys(("alpha", "beta", "delta", "gamma", "omega"), "1.0")
    assert check(machine, groups=["docs"], extras=["all"]) == ""
    assert installed_versions(machine) == made


def test_project_itself_is_installed(machine: Machine) -> None:
    """A project that says how it is built is installed editable, with its extras and programs."""
    root = built(machine)
    made = create(machine, extras=["more"])
    assert made == {"alpha": "2.0", "beta": "1.0", "gamma": "1.0", "omega": "1.0", "parcels": "4.2"}
    assert session(machine).execute(".venv", ["parcel"]).stdout == "parcelled\n"
    edit(root / "parcels.py", "parcelled", "edited")
    assert session(machine).execute(".venv", ["parcel"]).stdout == "edited\n"
    assert check(machine, extras=["more"]) == ""


def test_requirements_files_are_installed(machine: Machine) -> None:
    """Without a pyproject.toml that declares anything, requirements.txt counts, and a file for each group."""
    built(machine._replace(workspace=machine.workspace / "lib"), BUILT.replace("alpha>=1", "beta"))
    write(machine.workspace / "pyproject.toml", "[tool.black]\nline-length = 100\n")
    write(machine.workspace / "requirements.txt", "-r more/base.txt  # what is shared\n-e ./lib\n")
    write(machine.workspace / "more" / "base.txt", "alpha==1.0\n-c limits.txt\n")
    write(machine.workspace / "more" / "limits.txt", "omega<2\n")
    write(machine.workspace / "requirements-dev.txt", "gamma\n")
    write(machine.workspace / "requirements" / "docs.txt", "delta\n")
    made = create(machine)
    assert made == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "omega": "1.0", "parcels": "4.2"}
    assert check(machine) == ""
    assert (
        check(machine, groups=["docs"]) == "requirements.txt asks for delta, which is not installed"
    )
    assert sync(machine, groups=["docs"]) == (["delta"], [])


def test_group_in_a_file_of_its_own(quick: Machine) -> None:
    """A group that is a file is installed beside the rest, and compared with it, whether a pyproject.toml declares that or not."""
    write(quick.workspace / "requirements.txt", "beta\n")
    write(quick.workspace / "test-requirements.txt", "gamma\n")
    assert create(quick, groups=["test"]) == {"beta": "1.0", "gamma": "1.0"}
    assert check(quick, groups=["test"]) == ""
    write(quick.workspace / "pyproject.toml", '[project]\nname = "x"\ndependencies = ["delta"]\n')
    assert sync(quick, groups=["test"]) == (["delta"], [])
    session(quick).uninstall(".venv", ["gamma"])
    assert check(quick) == ""
    assert "gamma" in check(quick, groups=["test"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_requirements_files_in_other_encodings(machine: Machine, encoding: str) -> None:
    """A file is installed, and compared, in whatever encoding pip reads it; what it includes lies beside it as ever."""
    mark = "# coding: latin-1\n" if encoding == "latin-1" else ""
    root = machine.workspace
    text = f"{mark}# ünïcödé\r\nalpha \\\r\n  ==1.0\r\n-c limits.txt\r\n-r plain.txt\r\n"
    write(root / "more" / "base.txt", text.encode(encoding))
    write(root / "more" / "limits.txt", f"{mark}# ü\nomega<2\n".encode(encoding))
    write(root / "more" / "plain.txt", "gamma\n")
    write(root / "requirements.txt", "-r more/base.txt\nbeta\n")
    before = tree_of(root)
    assert create(machine) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "omega": "1.0"}
    assert check(machine) == ""
    assert tree_of(root) | before == tree_of(root)
    write(root / "more" / "limits.txt", f"{mark}# ü\nomega>2\n".encode(encoding))
    assert "omega" in check(machine)


@pytest.mark.parametrize(
    ("files", "wish"),
    [
        ({}, {"groups": ["dev"]}),
        ({}, {"extras": ["more"]}),
        ({"requirements.txt": "alpha\n"}, {"groups": ["../x"]}),
        ({"requirements.txt": "alpha\n"}, {"extras": ["more"]}),
        ({"pyproject.toml": LISTED}, {"groups": ["test"]}),
        ({"pyproject.toml": LISTED}, {"extras": ["test"]}),
        ({"pyproject.toml": "[dependency-groups]\na = []\n"}, {"extras": ["test"]}),
    ],
)
def test_wish_that_the_project_does_not_know(
    bare: Machine, files: dict[str, str], wish: dict[str, list[str]]
) -> None:
    """A group or an extra that is not declared is refused, and nothing is made."""
    for name, text in files.items():
        write(bare.workspace / name, text)
    before = tree_of(bare.workspace)
    with pytest.raises(InvalidParams, match=f"^{next(iter(wish))}: "):
        create(bare, **wish)
    assert tree_of(bare.workspace) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", '[project]\nname = "x"\ndependencies = ["a b"]\n'),
        ("pyproject.toml", '[project]\nname = "x"\ndependencies = "alpha"\n'),
        ("pyproject.toml", '[dependency-groups]\ndev = [{include-group = "none"}]\n'),
        ("pyproject.toml", "[dependency-groups]\ndev = [3]\n"),
        ("pyproject.toml", "dependency-groups = 3\n"),
        ("requirements.txt", "-r none.txt\n"),
        ("pylock.toml", 'lock-version = "1.0"\n'),
    ],
)
def test_file_that_says_nothing(bare: Machine, name: str, text: str) -> None:
    """A file that cannot be understood is named, with what is wrong with it, and nothing is made."""
    write(bare.workspace / name, text)
    with pytest.raises(UnusableFile) as caught:
        create(bare)
    assert str(bare.workspace) in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    assert not (bare.workspace / ".venv").exists()


# -- which Python, and whose --------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
@pytest.mark.needs(pythons=2)
def test_python_that_the_project_does_not_allow(bare: Machine) -> None:
    """A Python beside ``requires-python`` is refused by name, and not chosen where none is named."""
    for path in supported_pythons():
        place = bare.home / "bin" / os.path.basename(path)
        if not place.is_symlink():
            place.symlink_to(path)
    newest, next_one = versions()[:2]
    write(
        bare.workspace / "pyproject.toml",
        f'[project]\nname = "x"\nrequires-python = "<{newest}"\n',
    )
    with pytest.raises(PythonUnavailable, match="requires-python"):
        session(bare).create("a", newest)
    made = session(bare).create("a")
    assert made.python_version.startswith(f"{next_one}.")


@pytest.mark.needs("POSIX")
def test_python_of_the_system_is_left_alone(machine: Machine) -> None:
    """Nothing is installed where the system's own package manager keeps the packages (PEP 668)."""
    system = machine.home / "system"
    write(system / "lib" / f"python{THIS}" / "EXTERNALLY-MANAGED", "[externally-managed]\n")
    write(machine.workspace / "requirements.txt", "alpha\n")
    (system / "bin").mkdir()
    python = system / "bin" / f"python{THIS}"
    python.symlink_to(os.path.realpath(sys.executable))
    write(machine.workspace / ".python-envs", f"{python}\n")
    local = session(machine)
    (known,) = local.environments()
    before = tree_of(system)
    reason = "managed by the system"
    with pytest.raises(Protected, match=reason):
        local.install(known.id, ["beta"])
    with pytest.raises(Protected, match=reason):
        local.uninstall(known.id, ["beta"])
    with pytest.raises(Protected, match=reason):
        local.sync(known.id)
    assert tree_of(system) == before


def test_files_of_the_project_do_not_stand_in_for_modules(machine: Machine) -> None:
    """No module that lies in the project's folder is imported by what makes the environment and installs into it."""
    names = ("pip", "venv", "sitecustomize", "runpy", "zipfile", "packaging", "encodings")
    for name in names:
        text = f"open({str(machine.home / 'run')!r}, 'w')\nraise SystemExit(3)\n"
        write(machine.workspace / f"{name}.py", text)
    write(machine.workspace / "requirements.txt", "alpha\n")
    create(machine)
    session(machine).install(".venv", ["beta"])
    assert not (machine.home / "run").exists()


# -- what comes between -------------------------------------------------------------------------------------------


def test_odd_folder(machine: Machine) -> None:
    """The project's folder may have any name."""
    name = "-e ünïcödé-文 [more]".ljust(200, "a")
    odd = machine._replace(workspace=machine.workspace / name)
    built(odd)
    assert create(odd, extras=["more"]).keys() == {"alpha", "beta", "gamma", "omega", "parcels"}
    assert check(odd, extras=["more"]) == ""


def elsewhere(machine: Machine, *keys: str) -> list[Path]:
    """Have the configuration of pip and that of uv install elsewhere; return what lies there."""
    place = machine.home / "elsewhere"
    values = {key: "true" if key in ("user", "dry-run") else str(place) for key in keys}
    lines = "".join(f"{key} = {value}\n" for key, value in values.items())
    write(machine.home / ".config" / "pip" / "pip.conf", f"[install]\n{lines}")
    for key in {"target", "prefix"}.intersection(keys):
        text = f'no-index = true\n[pip]\n{key} = "{place}"\n'
        write(machine.home / ".config" / "uv" / "uv.toml", text)
        machine.environ[f"PIP_{key.upper()}"] = str(place)
    return [*place.rglob("*.dist-info")]


def test_configuration_does_not_install_elsewhere(bare: Machine) -> None:
    """Whatever pip's configuration says, packages come into the environment, and go from it."""
    keys = ("target", "prefix", "root", "user", "dry-run")
    elsewhere(bare, *keys)
    write(bare.workspace / "requirements.txt", "alpha==1.0\n")
    assert create(bare) == {"alpha": "1.0", "omega": "1.0"}
    edit(bare.workspace / "requirements.txt", "1.0", "2.0")
    sync(bare)
    assert installed_versions(bare)["alpha"] == "2.0"
    session(bare).uninstall(".venv", ["alpha"])
    assert installed_versions(bare) == {"omega": "1.0"}
    assert elsewhere(bare, *keys) == []


def test_prefix_that_uv_is_configured_with_does_not_count(bare: Machine) -> None:
    """Whatever prefix uv's configuration names, packages come into the environment, and go from it."""
    put_uv_on_path(bare)
    elsewhere(bare, "prefix")
    write(bare.workspace / "requirements.txt", "alpha==1.0\n")
    assert create(bare) == {"alpha": "1.0", "omega": "1.0"}
    assert check(bare) == ""
    session(bare).uninstall(".venv", ["alpha"])
    assert installed_versions(bare) == {"omega": "1.0"}
    assert elsewhere(bare, "prefix") == []


def test_target_that_uv_is_configured_with_is_told(bare: Machine) -> None:
    """Nothing overrides the target of uv: an error says that packages were installed elsewhere, and no environment is left."""
    put_uv_on_path(bare)
    elsewhere(bare, "target")
    write(bare.workspace / "requirements.txt", "alpha==1.0\n")
    with pytest.raises(
        ExecutionFailed, match=r"alpha, omega were installed outside of .*\.venv"
    ) as caught:
        create(bare)
    assert "'target'" in str(caught.value.hint)
    assert not (bare.workspace / ".venv").exists()


def test_index_out_of_reach(bare: Machine) -> None:
    """Without a way to the package index the error says so, and nothing is left."""
    with_index(bare)
    closed = "http://127.0.0.1:9/simple"
    bare.environ.update(
        UV_DEFAULT_INDEX=closed, PIP_INDEX_URL=closed, UV_HTTP_RETRIES="0", PIP_RETRIES="1"
    )
    write(bare.workspace / "requirements.txt", "alpha\n")
    with pytest.raises(NetworkUnavailable) as caught:
        create(bare)
    assert caught.value.hint
    assert (
        os.listdir(bare.workspace) == [".git", "requirements.txt"]
        or not (bare.workspace / ".venv").exists()
    )


@pytest.mark.needs("POSIX")
def test_what_is_there_is_not_touched(machine: Machine) -> None:
    """An environment of somebody else, a folder, a file and a link at the name are refused, and stay as they are."""
    write(machine.workspace / "requirements.txt", "alpha\n")
    place = machine.workspace / ".venv"
    makers = (
        lambda: make_venv(place),
        lambda: write(place / "notes.txt", "mine"),
        lambda: write(place, "no redirect\n"),
        lambda: place.symlink_to(machine.home / "nowhere"),
    )
    for make in makers:
        make()
        before = tree_of(machine.workspace)
        with pytest.raises(AlreadyExists):
            create(machine)
        assert tree_of(machine.workspace) == before
        place.rename(machine.home / f"aside-{len(before)}")


def test_cancelled_while_installing(bare: Machine) -> None:
    """A create that is cancelled half-way ends what it started and leaves nothing."""
    root = built(bare)
    write(root / "hold")
    before = {*os.listdir(root)}
    stop = threading.Event()
    raised: list[BaseException] = []

    def make() -> None:
        try:
            session(bare).create(".venv", THIS, cancelled=stop)
        except Cancelled as error:
            raised.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    until(lambda: (root / "begun").exists() and (root / "begun").read_text() != "")
    stop.set()
    thread.join()
    assert raised
    assert {*os.listdir(root)} - {"begun", "__pycache__"} == before
    backend = int((root / "begun").read_text())
    until(lambda: not os.path.exists(f"/proc/{backend}"))


def test_archive_in_a_requirements_file(machine: Machine, wheels: Path) -> None:
    """What went is told and installed again, and nobody says that it is in sync where its digest is not recorded."""
    (archive,) = wheels.glob("beta-*.whl")
    write(machine.workspace / "requirements.txt", f"{archive.as_uri()}\n")
    assert create(machine) == {"beta": "1.0"}
    session(machine).uninstall(".venv", ["beta"])
    assert "beta-1.0-py3-none-any.whl, which is not installed" in check(machine)
    assert [one.name for one in session(machine).sync(".venv").installed] == ["beta"]
    result = session(machine).check(".venv")
    # uv records no digest of a file.
    assert result.in_sync or (
        result.in_sync is None and "beta-1.0-py3-none-any.whl" in result.message
    )


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("rest", ["is killed too", "goes on"])
def test_killed_while_installing(bare: Machine, rest: str) -> None:
    """What a killed server leaves reports itself as broken, and the next create takes it away and recreates it."""
    root = built(bare)
    write(root / "hold")
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "workflow_helper", "env", "create", "--workflow", "venv"],
        env=bare.environ,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: (root / "begun").exists() and (root / "begun").read_text() != "")
    child.kill()
    child.wait()
    (left,) = session(bare).environments()
    assert left.status.state == "broken"
    backend = int((root / "begun").read_text())
    if rest == "goes on":
        (root / "hold").unlink()
    else:
        with suppress(ProcessLookupError):
            os.killpg(os.getpgid(backend), signal.SIGKILL)
    until(lambda: "interrupted" in session(bare).environments()[0].status.message)
    (root / "hold").unlink(missing_ok=True)
    assert create(bare).keys() == {"alpha", "gamma", "omega", "parcels"}
    assert session(bare).environments()[0].status.state == "ok"


def test_two_at_once(bare: Machine) -> None:
    """Of two that create at once both get the environment, whole."""
    built(bare)
    with serving(bare) as one, serving(bare) as other:
        made: list[Any] = []

        def make(session: Any) -> None:
            made.append(session.create(".venv", THIS))

        threads = [threading.Thread(target=make, args=(each,)) for each in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [{each.name for each in env.installed_packages} for env in made] == [
        {"alpha", "gamma", "omega", "parcels"}
    ] * 2


# -- pip, wherever it is ------------------------------------------------------------------------------------------


def test_pip_that_is_shipped_installs(bare: Machine) -> None:
    """The extension's own copy needs no pip of anybody, and leaves its own out of the environment."""
    root = built(bare)
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            bundle(),
            "env",
            "create",
            "--workflow",
            "venv",
            "--python",
            THIS,
        ],
        env=bare.environ,
        cwd=root,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert installed_versions(bare).keys() == {"alpha", "gamma", "omega", "parcels"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take every older Python of the machine in a whole run, else the oldest of them."""
    if "older" in metafunc.fixturenames:
        pythons = [path for path in old_pythons() if "2.7" not in path] or [""]
        if not metafunc.config.getoption("--whole"):
            pythons = pythons[-1:]
        metafunc.parametrize("older", pythons)


@pytest.mark.needs("POSIX")
@pytest.mark.needs("older python")
def test_older_python_installs_by_its_own_pip(older: str, bare: Machine) -> None:
    """A Python that our pip does not serve any more fills its environment by the pip that it carries for ensurepip."""
    link(bare.home / "bin" / os.path.basename(older), older)
    write(bare.workspace / "requirements.txt", "alpha\n")
    made = session(bare).create(".venv", python=older)
    assert older.endswith(".".join((made.python_version or "").split(".")[:2]))
    assert installed_versions(bare) == {"alpha": "2.0", "omega": "1.0"}
    assert session(bare).install(".venv", ["beta"]).changed
    assert session(bare).uninstall(".venv", ["beta"]).changed
    assert installed_versions(bare) == {"alpha": "2.0", "omega": "1.0"}


def test_no_pip_at_all(bare: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither uv nor any pip is found, the error says how to get one."""
    create(bare)
    # The Python of the tests, and so this product, has one.
    monkeypatch.setattr(sys, "path", [one for one in sys.path if not one.endswith("site-packages")])
    with pytest.raises(ToolNotInstalled) as caught:
        session(bare).install(".venv", ["alpha"])
    assert "uv" in (caught.value.hint or "")


def test_project_of_the_package_index(machine: Machine) -> None:
    """A project with a real backend and a real dependency is installed from the package index, and runs."""
    with_index(machine)
    write(machine.workspace / "parcels" / "__init__.py", "import iniconfig\n")
    write(
        machine.workspace / "pyproject.toml",
        '[project]\nname = "parcels"\nversion = "1"\ndependencies = ["iniconfig"]\n'
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[tool.flit.module]\nname = "parcels"\n[project.urls]\n',
    )
    edit(machine.workspace / "pyproject.toml", 'version = "1"', 'version = "1"\ndescription = "x"')
    assert create(machine).keys() == {"iniconfig", "parcels"}
    ran = session(machine).execute(".venv", ["python", "-c", "import parcels"])
    assert ran.exit_code == 0
    assert check(machine) == ""


def test_lock_that_uv_wrote(machine: Machine) -> None:
    """A lock of the package index, written by uv, is installed, archives as uv itself would, and nothing is out of sync then."""
    with_index(machine)
    root = built(machine, BUILT.replace("alpha>=1", "iniconfig<2.1").replace('"gamma"', ""))
    edit(root / "pyproject.toml", '["beta"]', '["pluggy"]')
    edit(root / "pyproject.toml", '"delta"', "")

    def by_uv(*words: str) -> str:
        argv = [str(uv()), *words, "--color", "never", "--preview-features", "pylock"]
        done = subprocess.run(
            argv, cwd=root, env=machine.environ, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    by_uv("export", "--extra", "more", "--python", sys.executable, "-o", "pylock.toml")
    made = create(machine, extras=["more"])
    assert made.keys() == {"iniconfig", "parcels", "pluggy"}
    assert check(machine) == ""
    # What pip installed editable uv would install again, since it lacks the notes that uv makes.
    changes = by_uv(
        "pip", "sync", "--dry-run", "--python", ".venv", "pylock.toml", "--extra", "more"
    )
    assert "iniconfig" not in changes
    assert "pluggy" not in changes
    edit(root / "pyproject.toml", "iniconfig<2.1", "iniconfig>=2.1")
    with pytest.raises(LockOutdated) as caught:
        session(machine).sync(".venv", frozen=True)
    assert "uv export" in (caught.value.hint or "")
