from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from support.ground import Ground
from workflow_helper.discovery.tools import files as files_module
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem import reader as disk_module
from workflow_helper.filesystem.reader import TOML_LIMIT, Disk, decode

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_looked_at_is_noted_with_what_was_seen(tmp_path: Path) -> None:
    """Every look leaves its path: what is there with a stamp, what is not with none."""
    disk = Disk()
    there, gone = str(write(tmp_path / "there")), str(tmp_path / "gone")
    assert disk.is_file(there)
    assert not disk.exists(gone)
    assert disk.seen[gone] is None
    assert disk.seen[there] is not None
    assert disk.names(str(tmp_path)) == ("there",)
    assert str(tmp_path) in disk.seen


def test_a_folder_of_countless_entries_is_not_listed_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many names as are asked for at most, sorted; for folders in it the same holds."""
    for name in "abcd":
        (tmp_path / name).mkdir()
    for module in (disk_module, files_module):
        monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    listed = Disk().names(str(tmp_path))
    assert len(listed) == 3
    assert listed == tuple(sorted(listed))
    folder = Ground(tmp_path.with_name("ground")).seen(tmp_path)
    assert len(files_module.subfolders(folder, str(tmp_path))) == 3


@pytest.mark.needs("POSIX")
def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    """A file of the same size, written anew under the same name, has another stamp."""
    disk = Disk()
    path = write(tmp_path / "a", "one")
    disk.stat(str(path))
    before = disk.seen[str(path)]
    write(tmp_path / "b", "two").rename(path)
    disk.stat(str(path))
    assert disk.seen[str(path)] != before


def test_what_is_looked_at_once_stays_so_after_a_look_within(tmp_path: Path) -> None:
    """A list of hundreds of environments looks at each path once, also where an answer does that already."""
    disk, path = Disk(), str(tmp_path / "a")
    with disk.once():
        with disk.once():
            assert not disk.exists(path)
        write(tmp_path / "a")
        assert not disk.exists(path)
    assert disk.exists(path)


@pytest.mark.needs("POSIX")
def test_a_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    """The same value comes again while the file is as it was, and a new one after."""
    disk = Disk()
    path = write(tmp_path / "a.toml", "x = 1\n")
    first = disk.toml(str(path))
    assert first == {"x": 1}
    assert disk.toml(str(path)) is first
    write(tmp_path / "b.toml", "x = 2\n").rename(path)
    assert disk.toml(str(path)) == {"x": 2}
    path.unlink()
    assert disk.toml(str(path)) is None


def test_what_is_wrong_is_kept_as_well_and_does_not_grow(tmp_path: Path) -> None:
    """A file that cannot be understood is not read again, and its error holds on to no frames."""
    disk = Disk()
    path = str(write(tmp_path / "a.toml", "x = = 1\n"))
    raised = []
    for _ in range(3):
        with pytest.raises(UnusableFile) as caught:
            disk.toml(path)
        raised.append(caught.value)
    assert raised[0] is raised[1] is raised[2]
    depth, frame = 0, raised[2].__traceback__
    while frame is not None:
        depth, frame = depth + 1, frame.tb_next
    assert depth < 5


@pytest.mark.needs("POSIX")
def test_links_to_nowhere_are_present_and_lead_nowhere(tmp_path: Path) -> None:
    """A name counts as present whatever it leads to."""
    disk = Disk()
    path = str(link(tmp_path / "link", "gone"))
    assert disk.is_present(path)
    assert not disk.exists(path)
    assert not disk.is_present(str(tmp_path / "gone"))


def test_impossible_paths_lead_nowhere() -> None:
    """A NUL, half of a surrogate pair, and a name that is too long are no accident."""
    disk = Disk()
    for path in ("/a\0b", "/\ud800", "/" + "x" * 5000, ""):
        assert disk.stat(path) is None
        assert not disk.is_present(path)
        assert disk.names(path) == ()
        assert disk.read(path, 10) is None


@pytest.mark.needs("POSIX")
def test_a_program_is_a_regular_file_that_may_be_executed(tmp_path: Path) -> None:
    """A folder may be entered and is not a program; a file without the permission is none either."""
    disk = Disk()
    assert disk.is_program(str(write(tmp_path / "yes", executable=True)))
    assert not disk.is_program(str(write(tmp_path / "no")))
    assert not disk.is_program(str(tmp_path))


def test_at_most_the_limit_is_read(tmp_path: Path) -> None:
    """A file of the limit's size is read whole, one byte more is refused."""
    disk = Disk()
    assert disk.read(str(write(tmp_path / "a", b"x" * 10)), 10) == b"x" * 10
    with pytest.raises(UnusableFile, match="too large: 11 bytes"):
        disk.read(str(write(tmp_path / "b", b"x" * 11)), 10)


def test_a_file_that_says_it_is_empty_and_is_not_is_bounded_too() -> None:
    """Files of /proc have no size until they are read."""
    with pytest.raises(UnusableFile, match="too large: more than 10 bytes"):
        Disk().read("/proc/self/status", 10)


@pytest.mark.needs("POSIX")
def test_a_socket_is_no_file(tmp_path: Path) -> None:
    """What cannot be read as a file is told of by its kind."""
    import socket

    place = os.open(tmp_path, os.O_RDONLY)
    try:
        # A socket's path is short; the folder's own descriptor makes it so.
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"/proc/self/fd/{place}/s")
            with pytest.raises(UnusableFile, match="a socket"):
                Disk().read(str(tmp_path / "s"), 10)
    finally:
        os.close(place)


def test_words_are_looked_for_before_a_parser_is_imported(tmp_path: Path) -> None:
    """True for a word that is there, for escapes that might spell it, and where it cannot be told."""
    disk = Disk()
    assert disk.mentions(str(write(tmp_path / "a", "[workflow]")), b"workflow")
    assert not disk.mentions(str(write(tmp_path / "b", "[project]")), b"workflow")
    assert disk.mentions(str(write(tmp_path / "c", '["\\u0077orkflow"]')), b"workflow")
    assert disk.mentions(str(tmp_path), b"workflow")
    assert not disk.mentions(str(tmp_path / "gone"), b"workflow")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfa", "a"),
        ("ä\r\n".encode(), "ä\r\n"),
        (b"a\rb", "a\rb"),
    ],
)
def test_utf_8_is_decoded_as_it_is(data: bytes, text: str) -> None:
    """Only a byte-order mark is left out."""
    assert decode("f", data) == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\nb\xff\n", ["f: is not UTF-8", "line 2", "0xff"]),
        (b"a\n\nb\0", ["f: contains a NUL", "line 3"]),
        ("a\n".encode("utf-16"), ["UTF-16"]),
        ("a\n".encode("utf-16-le"), ["UTF-16"]),
        ("a\n".encode("utf-16-be"), ["UTF-16"]),
        (b"a\n" + "b\n".encode("utf-16-le"), ["UTF-16", "line 2"]),
        (b"a\r\n" + "\ufeffb\r\n".encode("utf-16-le"), ["UTF-16", "line 2"]),
    ],
)
def test_other_bytes_are_told_of_by_line(data: bytes, words: list[str]) -> None:
    """What is not UTF-8 text names the line, and UTF-16 by its name."""
    with pytest.raises(UnusableFile) as caught:
        decode("f", data)
    assert all(word in str(caught.value) for word in words)


def test_long_files_of_long_keys_are_refused(tmp_path: Path) -> None:
    """Keys of many parts are bounded together, where many ordinary ones are not."""
    disk = Disk()
    fine = "".join(f"a.b.c.k{number} = 1\n" for number in range(20_000))
    assert disk.toml(str(write(tmp_path / "fine.toml", fine)))
    many = "".join(f"k{number}{'.a' * 1000} = 1\n" for number in range(20))
    with pytest.raises(UnusableFile, match=r"too many parts \(line 2\)"):
        disk.toml(str(write(tmp_path / "many.toml", many)))
    assert len(fine) < TOML_LIMIT


@pytest.mark.parametrize(
    "text",
    [
        '"=".' + "a." * 20_000 + "a = 1\n",
        '"\\"=".' + "a." * 20_000 + "a = 1\n",
        "'=' . " + "a." * 20_000 + "a = 1\n",
        f"[t{'.a' * 3000}]\n" + "".join(f"k{number}.b = 1\n" for number in range(50_000)),
        f" [[t{'.a' * 3000}]]\n" + "".join(f"k{number} = 1\n" for number in range(50_000)),
        f"[t{'.a' * 3000}]\nx = [\n[1],\n]\n"
        + "".join(f"k{number}.b = 1\n" for number in range(50_000)),
        f"[t{'.a' * 20_000}]\n",
        "x = { a" + ".a" * 20_000 + " = 1 }\n",
        'x = { "="' + '."=".a' * 20_000 + " = 1 }\n",
        'x = ["""\n""", { a' + ".a" * 20_000 + ' = 1 }, """\n"""]\n',
        'x = ["""a""""", { a' + ".a" * 20_000 + ' = 1 }, ""]\n',
        "x = ['\\', { a" + ".a" * 20_000 + " = 1 }, '\\']\n",
        'x = 1 # "\ny' + ".a" * 20_000 + ' = "#"\n',
    ],
)
def test_long_keys_are_refused_however_they_are_spelled(tmp_path: Path, text: str) -> None:
    """Neither quotes around a sign nor a table's long name lets a small file ask for much."""
    assert len(text) < TOML_LIMIT
    with pytest.raises(UnusableFile, match="too many parts"):
        Disk().toml(str(write(tmp_path / "many.toml", text)))


def test_long_values_are_no_keys(tmp_path: Path) -> None:
    """A line of many versions is not taken for a key of many parts."""
    pins = ", ".join(f'"p{number}==1.2.3"' for number in range(10_000))
    text = f"a = [{pins}]\nb = [\n  {pins}\n]\nc = {{ d = [{pins}] }}\n"
    text += f'e = [{"0.5, " * 10_000}]\nf = """\n{"." * 5000}\n""" # {"." * 5000}\n'
    assert len(Disk().toml(str(write(tmp_path / "long.toml", text))) or {}) == 5


def test_a_number_of_many_digits_is_told_of(tmp_path: Path) -> None:
    """What Python refuses to read as a number is what is wrong with the file, and no failure of this product."""
    path = write(tmp_path / "number.toml", f"x = {'1' * 5000}\n")
    with pytest.raises(UnusableFile, match="not valid TOML"):
        Disk().toml(str(path))
