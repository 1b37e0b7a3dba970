"""Which Python, folder and lock pipenv is made to act on, against the real pipenv."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import Cancelled, UnusableFile
from python_workflow.workflows.bundled import server
from python_workflow.workflows.chosen import chosen
from python_workflow.wsp.local import Local
from support.making import local
from support.pythons import other_python
from support.recipes import Site
from support.slow import put_slow_package, stop_when_begun

if TYPE_CHECKING:
    from pathlib import Path

THIS = os.path.realpath(sys.executable)
OTHER = other_python()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A project without a lock or an environment, where there are two Pythons."""
    return Site.at(tmp_path, "pipenv", pythons=[THIS, OTHER], lock=False)


def test_python_that_the_pipfile_requires(site: Site) -> None:
    """The environment has the Python of the Pipfile, also where the project is reached through a link; a big lock is read."""
    version = os.path.basename(OTHER).removeprefix("python")
    path = site.root / "Pipfile"
    path.write_text(path.read_text() + f'\n[requires]\npython_version = "{version}"\n')
    link = site.machine.home / "link"
    link.symlink_to(site.root)
    session = Local(server(chosen("pipenv"), site.machine.host), str(link), trusted=True)
    made = session.create("default")
    assert made.python_version.startswith(f"{version}.")
    assert site.run("--venv").strip() == made.prefix
    lock = site.root / "Pipfile.lock"
    content = json.loads(lock.read_text())
    content["default"]["iniconfig"]["hashes"] += [f"sha256:{n:064x}" for n in range(15_000)]
    lock.write_text(json.dumps(content))
    assert session.check(made.id).in_sync
    lock.write_text("{")
    with pytest.raises(UnusableFile, match="not valid JSON"):
        session.sync(made.id)
    assert lock.read_text() == "{"


def test_cancelled(site: Site) -> None:
    """A making that is stopped while something is built leaves no environment."""
    slow = put_slow_package(site.root)
    path = site.root / "Pipfile"
    path.write_text(
        path.read_text().replace("[packages]\n", '[packages]\nslow = {path = "./slow"}\n')
    )
    stop = threading.Event()
    watch = threading.Thread(target=stop_when_begun, args=(slow, stop))
    watch.start()
    with pytest.raises(Cancelled):
        local(site).create("default", cancelled=stop)
    watch.join()
    assert local(site).environments() == ()
