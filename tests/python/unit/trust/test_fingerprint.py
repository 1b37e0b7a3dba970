"""What consent to a declared workflow covers."""

from __future__ import annotations

import os
import py_compile
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.declaring import declaration
from support.ground import Ground
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk, _stamp, is_settled
from workflow_helper.trust import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workflow_helper.model import Declaration


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A project, ``root``, and what lies beside it."""
    return Ground(tmp_path)


def declared(root: Path, **launch: Any) -> Declaration:
    """The declaration of ``launch`` by ``root``."""
    return declaration(launch, root / "pyworkflow.toml")


def files(ground: Ground, root: Path, **launch: Any) -> list[str]:
    """What ``launch`` covers, relative to ``root``."""
    found = fingerprint.files(declared(root, **launch), str(root), ground.host(), Disk())
    return [os.path.relpath(path, root).replace(os.sep, "/") for path in found]


def digest(ground: Ground, root: Path, **launch: Any) -> str:
    """What stands for ``launch`` and all that it covers."""
    return fingerprint.digest(declared(root, **launch), str(root), ground.host(), Disk())


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (["python3", "serve.py"], ["serve.py"]),
        (["python3", "./tools/../serve.py"], ["serve.py"]),
        (["tool", "--config=a.toml"], ["a.toml"]),
        (["tool", "--path=lib:serve.py"], ["lib/m.py", "serve.py"]),
        (["tool", "a.toml,serve.py"], ["a.toml", "serve.py"]),
        (["make", "-fa.toml"], ["a.toml"]),
        (["tool", "@a.toml"], ["a.toml"]),
        (["sh", "-c", "exec python3 'serve.py' --quiet; cat<a.toml"], ["a.toml", "serve.py"]),
        (["python3", "-c", "import serve"], ["serve.py"]),
        (["python3", "-m", "lib.m"], ["lib/m.py"]),
        (["tool", "serve:main"], ["serve.py"]),
        (["tool", "."], ["a.toml", "git/it", "lib/m.py", "serve.py"]),
    ],
)
def test_a_file_counts_wherever_a_command_names_it(
    ground: Ground, command: list[str], names: list[str]
) -> None:
    """Any piece of any word that is a file of the project is covered."""
    root = ground.files("root", {"serve.py": "", "a.toml": "", "lib/m.py": "", "git/it": ""})
    (root / ".git").mkdir()
    (root / ".git" / "hook").touch()
    assert files(ground, root, cmd=command) == names


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("make", ["Makefile"]),
        ("C:\\tools\\MAKE.EXE", ["Makefile"]),
        ("npm.cmd", ["package.json"]),
        ("/usr/bin/npm", ["package.json"]),
    ],
)
def test_what_a_program_reads_unasked_counts_once_however_it_is_spelled(
    ground: Ground, program: str, names: list[str]
) -> None:
    """With the endings and the letters of Windows too, and where the file system takes ``makefile`` for ``Makefile``."""
    root = ground.files("root", {"Makefile": "", "package.json": "{}"})
    assert files(ground, root, cmd=[program, "all"]) == names


def outside(root: Path) -> None:
    """``serve.py`` points to another file outside."""
    (root / "serve.py").unlink()
    (root / "serve.py").symlink_to("../other/b.py")


def folder_outside(root: Path) -> None:
    """The folder ``out`` points to another one outside."""
    (root / "out").unlink()
    (root / "out").symlink_to("../third")


def second_link(root: Path) -> None:
    """The link that ``twice.py`` points to points elsewhere."""
    outside(root)


def folder_in_folder(root: Path) -> None:
    """A link in a folder points to another folder outside."""
    (root / "folder/lib").unlink()
    (root / "folder/lib").symlink_to("../../third")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("script", "change"),
    [
        ("serve.py", outside),
        ("./out/a.py", folder_outside),
        ("out/in", folder_outside),
        ("again", folder_outside),
        ("twice.py", second_link),
        ("folder", folder_in_folder),
    ],
)
def test_a_link_that_leads_elsewhere_is_a_change(
    ground: Ground, script: str, change: Callable[[Path], None]
) -> None:
    """A link to something else asks again."""
    ground.files("other", {"a.py": "a", "b.py": "b", "in/__main__.py": ""})
    ground.files("third", {"a.py": "c", "in/__main__.py": "c"})
    root = ground.files("root", {"folder/__main__.py": ""})
    (root / "serve.py").symlink_to("../other/a.py")
    (root / "twice.py").symlink_to("serve.py")
    (root / "out").symlink_to("../other")
    (root / "again").symlink_to("out")
    (root / "folder/lib").symlink_to("../../other")
    before = digest(ground, root, script=script)
    change(root)
    assert digest(ground, root, script=script) != before


def test_a_moved_root_is_the_same(ground: Ground) -> None:
    """What is covered does not depend on where the project lies."""
    root = ground.files("root", {"serve.py": "", "lib/m.py": ""})
    (root / "link.py").symlink_to("serve.py")
    before = digest(ground, root, cmd=["a", "link.py", "lib"])
    moved = ground.top / "elsewhere"
    shutil.move(root, moved)
    assert digest(ground, moved, cmd=["a", "link.py", "lib"]) == before


@pytest.mark.needs("POSIX")
def test_compiled_code_that_is_not_checked_is_covered(ground: Ground) -> None:
    """What a run compiles changes nothing; compiled code that stands for whatever it likes is a change."""
    root = ground.files("root", {"folder/__main__.py": "import m", "folder/m.py": "x = 1"})
    before = digest(ground, root, script="folder")
    source = str(root / "folder/m.py")
    made = py_compile.compile(
        source, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP
    )
    assert made
    assert digest(ground, root, script="folder") == before
    for mode in ("CHECKED_HASH", "UNCHECKED_HASH"):
        py_compile.compile(
            source, made, doraise=True, invalidation_mode=py_compile.PycInvalidationMode[mode]
        )
        assert digest(ground, root, script="folder") != before
    os.unlink(made)
    ground.files("root", {"folder/__pycache__/evil.py": ""})
    assert digest(ground, root, script="folder") != before


@pytest.mark.needs("POSIX")
def test_folders_without_end_are_refused(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of empty folders is too much to consent to as well, and a link to above is no loop."""
    root = ground.folder("root")
    for number in range(6):
        (root / "many" / str(number)).mkdir(parents=True)
    (root / "many" / "up").symlink_to("..")
    assert files(ground, root, script="many") == ["many/up"]
    monkeypatch.setattr(fingerprint, "FILES_LIMIT", 5)
    with pytest.raises(UnusableFile, match="too many to consent to"):
        files(ground, root, script="many")


@pytest.mark.needs("POSIX")
def test_a_folder_of_countless_files_is_refused_soon(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules are not looked for where too much lies beside them, and the sentence names the folder."""
    names = [f"a{number}" for number in range(6)]
    root = ground.files("root", {f"{name}.py": "" for name in names})
    command = ["python3", "-c", "import a0"]
    assert files(ground, root, cmd=command) == ["a0.py"]
    monkeypatch.setattr(fingerprint, "FILES_LIMIT", 5)
    with pytest.raises(UnusableFile, match=f"{root}: contains more than 5 entries"):
        files(ground, root, cmd=command)


def settled(root: Path) -> None:
    """Wait until a further change to ``root`` and what is in it would show."""
    while not is_settled(_stamp(path.stat()) for path in (root, *root.rglob("*"))):
        time.sleep(0.01)


@pytest.mark.needs("POSIX")
def test_what_has_not_changed_is_not_read_again(ground: Ground) -> None:
    """Modules that import one another are told once, and read again only when any of them is another one."""
    names = [f"a{number}" for number in range(5)]
    text = "".join(f"import {name}\n" for name in names)
    root = ground.files("root", {f"{name}.py": text for name in names})
    settled(root)
    disk, declaration = Disk(), declared(root, cmd=["python3", "-c", "import a0"])

    def cover() -> fingerprint.Covered:
        return fingerprint.cover(declaration, str(root), ground.host(), disk)

    first = cover()
    assert first.files == tuple(str(root / f"{name}.py") for name in names)
    assert cover() is first
    (root / "a4.py").write_text(text.replace("a0", "a9"))
    assert cover().digest != first.digest
    ground.files("root", {"a9.py": ""})
    assert cover().files[-1] == str(root / "a9.py")
