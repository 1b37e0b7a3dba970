"""``pyvenv.cfg``, read as Python's own ``site`` module reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.files import write
from support.folders import fresh_machine
from workflow_helper.discovery.environments import health as environments_health
from workflow_helper.filesystem.reader import Disk

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=40
)
blanks = st.text(" \t", max_size=3)
versions = st.from_regex(r"3\.[0-9]{1,2}(\.[0-9]{1,2}((a|b|rc)[0-9]|\.final\.0)?)?", fullmatch=True)


def as_site_reads(path: str) -> dict[str, str]:
    """The loop of CPython's ``Lib/site.py``, ``venv()``, into a dictionary."""
    keys = {}
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            if "=" in line:
                key, _, value = line.partition("=")
                keys[key.strip().lower()] = value.strip()
    return keys


@given(
    st.lists(st.one_of(texts, st.tuples(texts, texts).map("=".join)), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_text_is_read_as_python_reads_it(lines: list[str], end: str) -> None:
    """The same keys with the same values, whatever characters stand in them."""
    with fresh_machine() as machine:
        path = write(machine.workspace / "pyvenv.cfg", end.join(lines))
        assert environments_health.read_cfg(str(path), Disk()) == as_site_reads(str(path))


@pytest.mark.needs("POSIX")
@given(
    version=versions,
    before=blanks,
    after=blanks,
    key=st.sampled_from(["version", "VERSION", "version_info", "Version_Info"]),
    first=st.booleans(),
)
def test_a_version_is_read_however_it_is_written(
    version: str, before: str, after: str, key: str, *, first: bool
) -> None:
    """Case, blanks and the order of the keys make no difference; at most three numbers come out."""
    with fresh_machine() as machine:
        minor = ".".join(version.split(".")[:2])
        name = f"python{minor}"
        program = write(machine.home / "bin" / name, executable=True)
        lines = [f"home = {program.parent}", f"{key}{before}={after}{version}"]
        prefix = machine.workspace / "env"
        write(prefix / "pyvenv.cfg", "\n".join(lines if first else reversed(lines)))
        (prefix / "bin").mkdir()
        os.symlink(program, prefix / "bin" / "python")
        health = environments_health.inspect(str(prefix), machine.host, Disk())
        assert health.status.state == "ok"
        assert health.python_version is not None
        assert health.python_version.split(".")[:2] == minor.split(".")
        assert all(part.isdigit() for part in health.python_version.split("."))
