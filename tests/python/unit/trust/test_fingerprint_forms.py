"""What consent covers, form by form: changes that ask again, and changes that do not."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from support.declaring import declaration
from support.files import link, write
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.reader import Disk
from workflow_helper.trust import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.machine import Machine
    from workflow_helper.model import Declaration


def declared(machine: Machine, table: dict[str, Any], where: str = "pyproject.toml") -> Declaration:
    """A declaration in a file of the workspace."""
    return declaration(table, machine.workspace / where)


def digest(machine: Machine, table: dict[str, Any], where: str = "pyproject.toml") -> str:
    """What consent would be given to."""
    read = declared(machine, table, where)
    return fingerprint.digest(read, str(machine.workspace), machine.host, Disk())


def names(machine: Machine, table: dict[str, Any], where: str = "pyproject.toml") -> list[str]:
    """The files that are covered, relative to the workspace."""
    read = declared(machine, table, where)
    found = fingerprint.files(read, str(machine.workspace), machine.host, Disk())
    return [os.path.relpath(path, machine.workspace).replace(os.sep, "/") for path in found]


def changes(machine: Machine, table: dict[str, Any], change: Callable[[], object]) -> bool:
    """Whether ``change`` makes another digest."""
    before = digest(machine, table)
    assert digest(machine, table) == before
    change()
    return digest(machine, table) != before


ADAPTER = {
    "handlers": {
        "environment/list": {"command": ["python3", "tools/list.py", "--with=data/x.json"]},
        "environment/get": {"import": "mine.wsp.get"},
    }
}


@pytest.mark.parametrize(
    ("table", "files"),
    [
        ({"script": "serve.py"}, ["serve.py"]),
        ({"script": "./tools/../serve.py"}, ["serve.py"]),
        ({"script": "tools"}, ["tools/list.py", "tools/sub/deep.txt"]),
        (
            {"cmd": ["python3", "serve.py"]},
            ["helper.py", "meta.py", "mine/__init__.py", "mine/wsp.py", "serve.py"],
        ),
        ({"cmd": ["./start", "x"]}, ["start"]),
        ({"cmd": ["uv", "run", "--config=tools/list.py"]}, ["helper.py", "tools/list.py"]),
        ({"cmd": ["pip", "-rrequirements.txt"]}, ["requirements.txt"]),
        ({"cmd": ["pip", "-r", "requirements.txt"]}, ["requirements.txt"]),
        (
            {"cmd": ["sh", "-c", "cd . && exec python3 'serve.py' --x"]},
            ["helper.py", "meta.py", "mine/__init__.py", "mine/wsp.py", "serve.py"],
        ),
        ({"cmd": ["python3", "tools/sub/../list.py"]}, ["helper.py", "tools/list.py"]),
        ({"cmd": ["make", "all"]}, ["Makefile"]),
        ({"cmd": ["sh", "run.sh"]}, ["more.sh", "run.sh"]),
        ({"cmd": ["node", "web/a.mjs"]}, ["package.json", "web/a.mjs", "web/b.js"]),
        ({"cmd": ["start"], "files": ["tools/sub", "start"]}, ["start", "tools/sub/deep.txt"]),
        (
            {"script": "serve.py", "files": ["mine"]},
            ["mine/__init__.py", "mine/wsp.py", "serve.py"],
        ),
        ({"script": "meta.py"}, ["meta.py", "tools/list.py", "tools/sub/deep.txt"]),
        ({"cmd": ["env", "PYTHONPATH=a:tools/sub", "x"]}, ["tools/sub/deep.txt"]),
        ({"cmd": ["python3", "-m", "mine.wsp"]}, ["helper.py", "mine/__init__.py", "mine/wsp.py"]),
        ({"cmd": ["uvicorn", "helper:app"]}, ["helper.py"]),
        ({"requires": "./tools", "cmd": ["x"]}, ["tools/list.py", "tools/sub/deep.txt"]),
        ({"requires": ["a", "./tools/sub[x]"], "module": "m"}, ["tools/sub/deep.txt"]),
        ({"requires": "t @ file://{root}/tools/sub", "cmd": ["x"]}, ["tools/sub/deep.txt"]),
        ({"requires": "file:{root}/tools/s%75b", "cmd": ["x"]}, ["tools/sub/deep.txt"]),
        ({"requires": "t @ file:///{root}/tools/sub", "cmd": ["x"]}, ["tools/sub/deep.txt"]),
        ({"script": "{root}/serve.py"}, ["serve.py"]),
        ({"cmd": ["hatch", "wsp"]}, []),
        ({"cmd": ["/bin/sh", "../x", "~", "//host/share"]}, []),
    ],
)
@pytest.mark.needs("POSIX")
def test_what_is_named_is_covered(
    machine: Machine, table: dict[str, Any], files: list[str]
) -> None:
    """A file counts wherever the declaration names it, a folder with all in it, and nothing else does."""
    for name in ("serve.py", "start", "requirements.txt", "tools/list.py", "tools/sub/deep.txt"):
        write(machine.workspace / name, "x = 1")
    write(machine.workspace / "mine" / "__init__.py")
    write(machine.workspace / "mine" / "wsp.py", "import helper, json\nfrom . import x\n")
    write(machine.workspace / "helper.py", "import nonesuch")
    write(machine.workspace / "tools" / "list.py", "import helper\nmatch = type X = 3 # newer\n")
    for name in ("Makefile", "run.sh", "more.sh", "web/a.mjs", "web/b.js", "package.json"):
        write(machine.workspace / name)
    meta = '# /// script\n# dependencies = ["rich", "t @ file://{}/tools"]\n# ///\n'
    write(machine.workspace / "meta.py", meta.format(machine.workspace))
    text = json.dumps(table).replace("{root}", str(machine.workspace))
    assert names(machine, json.loads(text)) == files


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["tool.toml", "tool.json", "TOOL.JSON"])
def test_adapter_is_covered_with_what_it_names(machine: Machine, name: str) -> None:
    """A declarative adapter counts with its commands' files, and its functions' modules with what those import."""
    text = json.dumps(ADAPTER)
    if name.endswith("toml"):
        text = (
            '[handlers."environment/list"]\n'
            'command = ["python3", "tools/list.py", "--with=data/x.json"]\n'
            '[handlers."environment/get"]\nimport = "mine.wsp.get"\n'
        )
    write(machine.workspace / "conf" / name, text)
    for path in ("tools/list.py", "conf/data/x.json", "conf/unrelated.py", "mine.py"):
        write(machine.workspace / path)
    write(machine.workspace / "conf" / "mine" / "wsp.py", "def get():\n    from helper import x\n")
    write(machine.workspace / "conf" / "helper.py", "import helper, other")
    write(machine.workspace / "conf" / "other.cpython-312-x86_64-linux-gnu.so")
    assert names(machine, {"config": f"conf/{name}"}) == sorted(
        [
            f"conf/{name}",
            "conf/data/x.json",
            "conf/helper.py",
            "conf/mine/wsp.py",
            "conf/other.cpython-312-x86_64-linux-gnu.so",
            "mine.py",
            "tools/list.py",
        ]
    )


def test_adapter_that_cannot_be_read_counts_by_itself(machine: Machine) -> None:
    """A file that is not an adapter, which cannot be served either, is covered like any other."""
    for name, text in (("a.json", "{"), ("b.toml", "= x"), ("c.json", "[" * 5000)):
        write(machine.workspace / name, text)
        assert names(machine, {"config": name}) == [name]


@pytest.mark.needs("POSIX")
def test_declaration_beside_the_root_names_its_own_files(machine: Machine) -> None:
    """Paths are taken from the file that declares as well as from the root."""
    write(machine.workspace / "sub" / "serve.py")
    assert names(machine, {"script": "serve.py"}, "sub/pyworkflow.toml") == ["sub/serve.py"]


@pytest.mark.needs("POSIX")
def test_contents_and_mode_count(machine: Machine) -> None:
    """Another byte, another mode to run by, a new file in a folder and one that is gone ask again; times do not."""
    table = {"script": "tools"}
    script = write(machine.workspace / "tools" / "__main__.py", "x")
    other = machine.workspace / "tools" / "sub" / "other.py"
    assert not changes(machine, table, lambda: os.utime(script, (1, 1)))
    assert changes(machine, table, lambda: script.write_text("y"))
    assert changes(machine, table, lambda: script.chmod(0o755))
    assert changes(machine, table, lambda: write(other))
    assert changes(machine, table, lambda: other.rename(other.with_name("renamed.py")))
    assert changes(machine, table, lambda: other.with_name("renamed.py").unlink())


def test_what_is_not_named_does_not_count(machine: Machine) -> None:
    """Other files of the project and version control do not ask again."""
    write(machine.workspace / "tools" / "__main__.py", "x")
    table = {"script": "tools"}
    for name in ("main.py", "tools/.git/index", "pyproject.toml"):
        path = machine.workspace / name
        assert not changes(machine, table, partial(write, path))


def test_declaration_itself_counts(machine: Machine) -> None:
    """Another word in the table asks again; the order of its keys does not."""
    assert digest(machine, {"cmd": ["a"]}) != digest(machine, {"cmd": ["a", "b"]})
    one = {"cmd": ["a"], "requires": "b"}
    assert digest(machine, one) == digest(machine, dict(reversed(one.items())))


def test_file_that_appears_counts(machine: Machine) -> None:
    """A word that named nothing, and names a file later, asks again."""
    assert changes(machine, {"cmd": ["hatch", "wsp"]}, lambda: write(machine.workspace / "wsp"))


def test_root_itself_can_be_named(machine: Machine) -> None:
    """A command that names the project's folder covers all of it."""
    write(machine.workspace / "__main__.py")
    for table in ({"cmd": ["python3", "."]}, {"script": "."}, {"cmd": ["x", "--dir=."]}):
        assert names(machine, table) == ["__main__.py"]


# -- links ------------------------------------------------------------------------------------------------------


@pytest.mark.needs("POSIX")
def test_where_a_link_leads_counts(machine: Machine) -> None:
    """A link counts with its target's text and contents, inside the project or out of it."""
    outside = write(machine.home / "one.py", "x")
    same = write(machine.home / "two.py", "x")
    place = link(machine.workspace / "serve.py", outside)

    def lead_elsewhere() -> None:
        place.unlink()
        place.symlink_to(same)

    assert changes(machine, {"script": "serve.py"}, lead_elsewhere)
    assert changes(machine, {"script": "serve.py"}, lambda: same.write_text("y"))


@pytest.mark.needs("POSIX")
def test_linked_folders_count(machine: Machine) -> None:
    """Links to folders count with all that is in them inside the project; what is outside is not the project's."""
    write(machine.workspace / "real" / "a.py")
    write(machine.home / "outside" / "b.py")
    link(machine.workspace / "tools" / "inside", "../real")
    link(machine.workspace / "tools" / "out", machine.home / "outside")
    link(machine.workspace / "tools" / "loop", ".")
    link(machine.workspace / "tools" / "dead", "nowhere")
    table = {"script": "tools"}
    assert names(machine, table) == [
        f"tools/{name}" for name in ("dead", "inside", "inside/a.py", "loop", "out")
    ]
    assert changes(machine, table, lambda: write(machine.workspace / "real" / "a.py", "new"))
    assert not changes(machine, table, lambda: write(machine.home / "outside" / "b.py", "new"))

    def lead_elsewhere() -> None:
        (machine.workspace / "tools" / "out").unlink()
        link(machine.workspace / "tools" / "out", machine.home)

    assert changes(machine, table, lead_elsewhere)


@pytest.mark.needs("POSIX")
def test_folder_reached_by_a_link_out_of_the_project_counts_as_the_link(machine: Machine) -> None:
    """A script's folder that leads out of the project is covered by where it leads, with what lies there."""
    write(machine.home / "outside" / "__main__.py")
    link(machine.workspace / "tools", machine.home / "outside")
    assert names(machine, {"script": "tools"}) == ["tools", "tools/__main__.py"]


# -- limits -----------------------------------------------------------------------------------------------------


def test_too_many_files_cannot_be_consented_to(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A declaration that names more files than the limit is refused, and so are more bytes."""
    for number in range(6):
        write(machine.workspace / "tools" / f"{number}.py", "xxxx")
    monkeypatch.setattr(fingerprint, "BYTES_LIMIT", 23)
    with pytest.raises(UnusableFile, match="too large"):
        digest(machine, {"script": "tools"})
    monkeypatch.setattr(fingerprint, "FILES_LIMIT", 5)
    with pytest.raises(UnusableFile, match="more than 5 entries"):
        digest(machine, {"script": "tools"})
    assert (
        fingerprint.stamps(declared(machine, {"script": "tools"}), "/", machine.host, Disk()) == ()
    )


@pytest.mark.needs("POSIX")
def test_what_is_no_file_is_not_opened(machine: Machine) -> None:
    """A FIFO in a named folder is passed over, and one that is named is refused rather than waited for."""
    write(machine.workspace / "tools" / "__main__.py")
    os.mkfifo(machine.workspace / "tools" / "pipe")
    assert names(machine, {"script": "tools"}) == ["tools/__main__.py"]
    with pytest.raises(UnusableFile):
        digest(machine, {"script": "tools/pipe"})


@pytest.mark.needs("POSIX")
def test_names_that_are_not_utf8_count(machine: Machine) -> None:
    """File names are bytes."""
    (machine.workspace / "tools").mkdir()
    folder = os.fsencode(machine.workspace / "tools")
    with open(os.path.join(folder, b"\xff.py"), "wb") as file:
        file.write(b"x")
    before = digest(machine, {"script": "tools"})
    os.rename(os.path.join(folder, b"\xff.py"), os.path.join(folder, b"\xfe.py"))
    assert digest(machine, {"script": "tools"}) != before
