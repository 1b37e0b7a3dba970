"""A machine of a test's own: a home of its own, a PATH of its own, and nothing else in the environment."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple
from venv import EnvBuilder

from workflow_helper.model import Host

TREE = Path(__file__).parents[3]
#: Names the folder of :func:`shared` to the processes that the first one starts.
_SHARED = "PYTHON_WORKFLOW_TESTS"

#: Where the product keeps its configuration, its state, its cache and its data, relative to the home folder.
FOLDERS: tuple[str, ...]
if os.name == "nt":
    _SYSTEM = os.environ["SYSTEMROOT"]
    #: Where the system's own programs are.
    SYSTEM_PATH = f"{_SYSTEM}\\system32;{_SYSTEM}"
    _LOCAL = "AppData/Local/python-workflow"
    FOLDERS = (_LOCAL, _LOCAL, f"{_LOCAL}/Cache", _LOCAL)
else:
    SYSTEM_PATH = "/usr/bin:/bin"
    FOLDERS = tuple(
        f"{folder}/python-workflow"
        for folder in (".config", ".local/state", ".cache", ".local/share")
    )


def _about_user(home: Path) -> dict[str, str]:
    """Return the variables by which programs find a user's folders."""
    if os.name == "posix":
        return {"HOME": str(home)}
    local, roaming, temporary = (
        str(home / "AppData" / name) for name in ("Local", "Roaming", "Local/Temp")
    )
    Path(temporary).mkdir(parents=True)
    return {
        "USERPROFILE": str(home),
        "LOCALAPPDATA": local,
        "APPDATA": roaming,
        # The system's answer is the same for everybody who is this user; platformdirs asks these first.
        "WIN_PD_OVERRIDE_LOCAL_APPDATA": local,
        "WIN_PD_OVERRIDE_APPDATA": roaming,
        **dict.fromkeys(("TEMP", "TMP"), temporary),
        # Without these no program starts.
        **{name: os.environ[name] for name in ("SYSTEMROOT", "COMSPEC", "PATHEXT")},
    }


class Machine(NamedTuple):
    """Folders of one test below one temporary folder."""

    home: Path
    #: A folder with ``.git``, so that no marker above it counts.
    workspace: Path
    environ: dict[str, str]

    @classmethod
    def at(cls, base: Path, *, path: str = SYSTEM_PATH) -> Machine:
        """A new machine in ``base``, whose PATH is ``path``."""
        base = base.resolve()
        home, workspace = base / "home", base / "workspace"
        home.mkdir()
        (workspace / ".git").mkdir(parents=True)
        machine = cls(home, workspace, {**_about_user(home), "PATH": path})
        if os.name == "posix":
            machine.share_compiled()
        return machine

    def share_compiled(self) -> None:
        """Have pip and servers find their code compiled, as on a machine where they ran before: that takes longer than they do."""
        folder = Path(self.host.cache)
        folder.mkdir(parents=True)
        for name in ("pip", "pycache"):
            (folder / name).symlink_to(_compiled(name))

    @property
    def host(self) -> Host:
        """This machine as discovery is told of it."""
        config, state, cache, data = (str(self.home / folder) for folder in FOLDERS)
        uid = os.getuid() if hasattr(os, "getuid") else None
        return Host(self.environ, str(self.home), sys.platform, config, state, cache, uid, data)

    def wsp(self, *words: str) -> dict[str, object]:
        """What the command line answers with ``--json``, asked about the workspace."""
        argv = [sys.executable, "-I", "-m", "workflow_helper", *words, "--json", "--folder"]
        done = subprocess.run(
            [*argv, str(self.workspace)],
            env=self.environ,
            cwd=self.home,
            capture_output=True,
            check=False,
        )
        answer: dict[str, object] = json.loads(done.stdout)
        return answer


@cache
def shared() -> Path:
    """Return the folder of what all processes of a run of the tests have in common; the first of them removes it."""
    known = os.environ.get(_SHARED)
    if known is not None:
        return Path(known)
    folder = tempfile.mkdtemp(prefix="python-workflow-tests-")
    os.environ[_SHARED] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _compiled(name: str) -> Path:
    """Return a folder of compiled code for all machines."""
    folder = shared() / name
    folder.mkdir(exist_ok=True)
    return folder


def make_venv(path: Path) -> Path:
    """A real virtual environment at ``path``, without pip."""
    # In this process, because it starts none and is ten times faster.
    EnvBuilder(symlinks=os.name == "posix", with_pip=False).create(path)
    return path


def uv() -> Path:
    """The uv that the tree's own set-up brings, else the one beside the interpreter that runs the tests."""
    known = TREE / ".cache" / "paths.json"
    if known.is_file():
        return Path(json.loads(known.read_text())["tools"]["uv"])
    return Path(sys.executable).parent / "uv"
