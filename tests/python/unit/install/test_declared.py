"""What a project declares, read from its files, and compared with what an environment holds."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from support.files import write
from workflow_helper.discovery.tools import Folder
from workflow_helper.errors import InvalidParams, UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.install import requirements_txt
from workflow_helper.install.declared import OwnProject, declared, parts_with_files
from workflow_helper.install.installed_state import InstalledPackages, marker_variables, sentence_of
from workflow_helper.install.requirements import (
    MOST_FILES,
    Constraint,
    Hashed,
    LocalFolder,
    Unread,
    read,
)
from workflow_helper.system.host import this_host

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine
    from workflow_helper.install.declared import DeclaredDependencies


def of(root: Path, groups: tuple[str, ...] | None = None, *extras: str) -> DeclaredDependencies:
    """What ``root`` declares."""
    return declared(str(root), groups, extras, Disk())


def offered(root: Path) -> tuple[str, ...]:
    """The groups that the fallback workflow offers."""
    folder = Folder(str(root), (), this_host(), Disk())
    return parts_with_files(folder).groups


def requirements_of(root: Path, file: str = "requirements.txt") -> list[str]:
    """What a requirements file asks for, folders relative to ``root``."""
    return [
        f"{'-e ' if one.editable else ''}{os.path.relpath(one.path, root)}"
        if isinstance(one, LocalFolder)
        else f"? {one}"
        if isinstance(one, str)
        else f"< {one.requirement}"
        if isinstance(one, Constraint)
        else f"# {' '.join(one.hashes)}"
        if isinstance(one, Hashed)
        else f"! {one.what.replace(str(root), '')}"
        if isinstance(one, Unread)
        else str(one)
        for one in read(file, str(root), Disk())
    ]


def record(prefix: Path, name: str, version: str, *headers: str, files: str = "") -> Path:
    """Note a distribution as installed in an environment; its folder."""
    folder = prefix / "lib" / "python3.12" / "site-packages" / f"{name}-{version}.dist-info"
    write(
        folder / "METADATA", "\n".join((f"Name: {name}", f"Version: {version}", *headers, "", ""))
    )
    if files:
        write(folder / "direct_url.json", files)
    return folder


def installed(machine: Machine) -> InstalledPackages:
    """What the environment of the workspace holds, whose Python is 3.12."""
    prefix = str(machine.workspace / ".venv")
    return InstalledPackages(prefix, marker_variables("3.12.4", "cpython"), machine.host, Disk())


# -- pyproject.toml ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tables", "setup", "words"),
    [
        ('[project]\nname = "x"\ndependencies = ["a"]\n', False, ("--", "a")),
        ('[project]\nname = "x"\ndependencies = ["a"]\n', True, ("-e", ".")),
        ('[project]\nname = "x"\n[build-system]\nrequires = []\n', False, ("-e", ".")),
        ("[build-system]\nrequires = []\n", False, ("-e", ".")),
        ('[dependency-groups]\ndev = ["b>=1"]\n', True, ("--", "b>=1")),
        ('[project]\nname = "x"\n', False, ()),
        ("[tool.black]\n", False, ()),
    ],
)
def test_what_is_installed(
    tmp_path: Path, tables: str, words: tuple[str, ...], *, setup: bool
) -> None:
    """The project itself is installed where it says how it is built, and its dependencies alone where it does not."""
    write(tmp_path / "pyproject.toml", tables)
    if setup:
        write(tmp_path / "setup.py")
    assert of(tmp_path).words == words


def test_extras_that_name_extras(tmp_path: Path) -> None:
    """An extra may stand for others, in a circle too; names are compared as package names are."""
    write(
        tmp_path / "pyproject.toml",
        '[project]\nname = "My.Pkg"\n[project.optional-dependencies]\n'
        'All_Of = ["my-pkg[one,two]"]\none = ["a", "my_pkg[all-of]"]\ntwo = ["b"]\n',
    )
    assert {*map(str, of(tmp_path, None, "all.of").own)} == {"a", "b"}


def test_project_tells_what_it_can(tmp_path: Path) -> None:
    """What is dynamic is not known, and neither is anything where there is no ``[project]``."""
    build = "[build-system]\nrequires = []\n"
    for text, expected in (
        (build, OwnProject(None, None, ("x",), None)),
        (
            '[project]\nname = "A"\ndynamic = ["version", "optional-dependencies"]\n' + build,
            OwnProject("a", None, ("x",), frozenset()),
        ),
        (
            '[project]\nname = "A"\nversion = "1"\ndynamic = ["scripts", "optional-dependencies"]\n'
            + build,
            OwnProject("a", "1", ("x",), None),
        ),
    ):
        write(tmp_path / "pyproject.toml", text)
        assert of(tmp_path, None, "x").own_project == expected


def test_group_in_a_circle(tmp_path: Path) -> None:
    """Groups that include each other are told by the file's name."""
    write(
        tmp_path / "pyproject.toml",
        "[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n",
    )
    assert of(tmp_path).words == ()
    with pytest.raises(UnusableFile, match="dependency-groups"):
        of(tmp_path, ("a",))


def test_groups_of_requirements_files(tmp_path: Path) -> None:
    """A group is a file beside requirements.txt, in any of three spellings; ``dev`` counts where none is named."""
    for name in ("requirements-dev.txt", "requirements_docs.txt", "requirements/test.txt"):
        write(tmp_path / name)
    assert of(tmp_path).files == ("requirements-dev.txt",)
    write(tmp_path / "requirements.txt")
    found = of(tmp_path, ("docs", "test"))
    assert found.files == (
        "requirements.txt",
        "requirements_docs.txt",
        os.path.join("requirements", "test.txt"),
    )
    assert of(tmp_path, ()).words == ("-r", "requirements.txt")
    for group in ("none", "../x", "", "/etc/passwd"):
        with pytest.raises(InvalidParams):
            of(tmp_path, (group,))


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("dev-requirements.txt", "dev"),
        ("requirements-dev.txt", "dev"),
        ("requirements_dev.txt", "dev"),
        ("requirements.dev.txt", "dev"),
        ("requirements/dev.txt", "dev"),
        ("test_requirements.txt", "test"),
        ("docs-requirements.txt", "docs"),
        ("requirements/type.check.txt", "type-check"),
        ("Lint-requirements.txt", "lint"),
    ],
)
def test_group_by_the_name_of_its_file(tmp_path: Path, file: str, group: str) -> None:
    """Development requirements in a file of their own are a group, beside the project's requirements, and offered."""
    write(tmp_path / "requirements.txt")
    write(tmp_path / file)
    assert of(tmp_path, (group,)).files == ("requirements.txt", file)
    assert of(tmp_path, (group.upper(),)).files == ("requirements.txt", file)
    assert offered(tmp_path) == (group,)
    assert of(tmp_path, ()).files == ("requirements.txt",)


def test_files_that_are_no_groups(tmp_path: Path) -> None:
    """What locks or limits is not offered, nor a folder, nor what only looks like such a file."""
    for name in (
        "requirements.txt",
        "requirements-lock.txt",
        "constraints-requirements.txt",
        "requirements-.txt",
        "requirements-dev.in",
        "requirements-a b.txt",
        "requirements/more/dev.txt",
    ):
        write(tmp_path / name)
    (tmp_path / "requirements-dir.txt").mkdir()
    assert offered(tmp_path) == ()
    with pytest.raises(InvalidParams, match="declares no group 'dev'"):
        of(tmp_path, ("dev",))


def test_file_of_a_group_beside_a_project(tmp_path: Path) -> None:
    """A project's own group counts before a file; a file counts only if it is asked for, and is installed beside the project."""
    write(
        tmp_path / "pyproject.toml",
        '[project]\nname = "x"\ndependencies = ["a"]\n[dependency-groups]\ntest = ["b"]\n',
    )
    for name in ("requirements-dev.txt", "test-requirements.txt"):
        write(tmp_path / name)
    assert offered(tmp_path) == ("test", "dev")
    assert of(tmp_path).words == ("--", "a")
    assert of(tmp_path, ("test",)).words == ("--", "a", "b")
    assert of(tmp_path, ("dev", "Dev", "test")).words == (
        *("-r", "requirements-dev.txt"),
        *("--", "a", "b"),
    )
    with pytest.raises(InvalidParams, match="it has dev, test"):
        of(tmp_path, ("none",))
    with pytest.raises(InvalidParams, match="it has test"):
        declared(str(tmp_path), ("dev",), None, Disk(), files=False)


# -- requirements files -----------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_requirements_file_is_read_as_pip_reads_it(tmp_path: Path) -> None:
    """Comments, continued lines, options, hashes, files in files and folders are understood; the rest is given as it is."""
    (tmp_path / "lib").mkdir()
    write(
        tmp_path / "requirements.txt",
        "# nothing \\\na==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\n--index-url https://example.invalid\n"
        "b @ https://example.invalid/b.zip#sha256=00  # an address\n-e lib\n./lib[x] ; python_version > '3'\n"
        "--requirement=sub/more.txt\n-r https://example.invalid/r.txt\n-c none.txt\nd; python_version < '3'\n"
        "${NAME}\n./none\n//host/share\nhttps://example.invalid/c.zip\n--editable=lib\n\\\n",
    )
    write(tmp_path / "sub" / "more.txt", "-r ../requirements.txt\ne\n")
    assert requirements_of(tmp_path) == [
        "a==1",
        "# sha256:00 sha256:11",
        "b @ https://example.invalid/b.zip#sha256=00",
        "-e lib",
        "lib",
        'd; python_version < "3"',
        "? ${NAME}",
        "? ./none",
        "? //host/share",
        "? https://example.invalid/c.zip",
        "-e lib",
        "! what /none.txt asks for, which does not exist",
        "! what https://example.invalid/r.txt asks for",
        "e",
    ]


CAFE = "# café\nalpha\nbeta\n"


@pytest.mark.parametrize(
    "data",
    [
        CAFE.encode("utf-8-sig"),
        CAFE.replace("\n", "\r\n").encode("utf-16"),
        codecs.BOM_UTF16_BE + CAFE.encode("utf-16-be"),
        CAFE.encode("utf-32"),
        f"# -*- coding: latin-1 -*-\n{CAFE}".encode("latin-1"),
        f"# first\n# vim: set fileencoding=cp1252 :\n{CAFE}".encode("cp1252"),
    ],
    ids=["mark of UTF-8", "UTF-16", "UTF-16 BE", "UTF-32", "coding line", "second line"],
)
def test_requirements_file_is_decoded_as_pip_decodes_it(tmp_path: Path, data: bytes) -> None:
    """A byte order mark or a coding line says in what a file is written."""
    write(tmp_path / "requirements.txt", data)
    assert requirements_of(tmp_path) == ["alpha", "beta"]


@pytest.mark.needs("POSIX")
def test_requirements_file_in_the_encoding_of_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not UTF-8 and says nothing of itself is taken for what the locale writes, where that is another."""
    write(tmp_path / "requirements.txt", CAFE.encode("latin-1"))
    assert "is not UTF-8 (line 1" in "".join(requirements_of(tmp_path))
    monkeypatch.setattr(requirements_txt, "_of_locale", lambda: "cp1252")
    assert requirements_of(tmp_path) == ["alpha", "beta"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"# coding: none-such\nalpha\n", "an encoding that Python does not know: none-such"),
        (b"# coding: ascii\n# caf\xe9\n", "is not ascii text"),
        (b"\xff\xfea", "is not utf-16-le text"),
        ("a\0".encode("utf-16"), "contains a NUL character"),
        ("alpha\n".encode("utf-16-le"), "It looks like UTF-16"),
    ],
)
def test_requirements_file_that_nobody_decodes(tmp_path: Path, data: bytes, reason: str) -> None:
    """What pip could not decode either is told."""
    write(tmp_path / "requirements.txt", data)
    (requirement,) = requirements_of(tmp_path)
    assert requirement.startswith("! ")
    assert reason in requirement


def test_requirements_files_without_end(tmp_path: Path) -> None:
    """Files that include more files than anybody writes are read up to a limit, and that is told."""
    for number in range(MOST_FILES + 50):
        write(tmp_path / f"{number}.txt", f"a{number}\n-r {number + 1}.txt\n")
    *read, last = requirements_of(tmp_path, "0.txt")
    assert len(read) == MOST_FILES
    assert last == f"! more than {MOST_FILES} files of requirements"


# -- what is held -----------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_all_that_is_needed_is_looked_for(machine: Machine) -> None:
    """What a requirement needs counts as well, with its extras and by its markers, in a circle too."""
    prefix = machine.workspace / ".venv"
    record(
        prefix,
        "Top_Level",
        "1",
        "Requires-Dist: low>=2",
        "Requires-Dist: old; python_version < '3'",
        "Requires-Dist: more; extra == 'x'",
        "Requires-Dist: more-yet; extra == 'y'",
        "Requires-Dist: no requirement",
    )
    record(prefix, "low", "1.5", "Requires-Dist: top-level[y]")
    expected = [Requirement("top.level[X]"), Requirement("gone; python_version < '3'")]
    assert {*installed(machine).unmet(expected, "a file")} == {
        "top-level needs low>=2, but 1.5 is installed",
        "top-level needs more, which is not installed",
        "top-level needs more-yet, which is not installed",
    }


@pytest.mark.needs("POSIX")
def test_version_that_is_none_counts_as_fitting(machine: Machine) -> None:
    """A version by older rules is let pass, and so is a pre-release that is installed."""
    prefix = machine.workspace / ".venv"
    record(prefix, "odd", "2004d-x")
    record(prefix, "early", "2.0b1")
    assert [
        *installed(machine).unmet([Requirement("odd>1"), Requirement("early>1")], "a file")
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"url": 3}',
        '{"url": "https://example.invalid"}',
        '{"url": "file://host/x", "dir_info": {}}',
    ],
)
def test_origin_that_is_no_folder(machine: Machine, text: str) -> None:
    """Whatever is recorded of where a package came from, only a folder of this machine is one."""
    record(machine.workspace / ".venv", "one", "1", files=text)
    assert installed(machine).folder("one") is None


def test_markers_are_those_of_the_environment() -> None:
    """They tell of its Python, not of the one that asks."""
    assert marker_variables("3.10", "cpython+freethreaded")["python_full_version"] == "3.10.0"
    found = marker_variables("3.11.7", "pypy")
    assert (found["python_version"], found["implementation_name"]) == ("3.11", "pypy")
    assert found["platform_python_implementation"] == "PyPy"


def test_many_differences_are_summed_up() -> None:
    """Three are told, and how many more there are."""
    assert sentence_of([]) == ""
    assert sentence_of("a") == "a"
    assert sentence_of("ab") == "a, and b"
    assert sentence_of("abc") == "a, b, and c"
    assert sentence_of("abcde") == "a, b, c, and 2 more"
