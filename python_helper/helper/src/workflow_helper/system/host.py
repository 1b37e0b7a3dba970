"""This machine, as a :class:`workflow_helper.model.Host`."""

from __future__ import annotations

import os
import sys

from workflow_helper.filesystem.real_path import real_path
from workflow_helper.model import Host

APP = "python-workflow"
#: The home of a user who has none: no folder, so that nothing is found there and nothing can be made there.
NO_HOME = os.devnull


def this_host() -> Host:
    """Return the machine and user that this process runs on.

    The product's folders are those of ``platformdirs`` (``user_config_path("python-workflow", appauthor=False)`` and
    its state, cache and data siblings). On Linux they are computed here, because importing ``platformdirs`` costs a
    fifth of an answer; a test checks that both agree.
    """
    # A relative HOME, like a relative XDG folder, counts as not set: otherwise consent would be read from the current
    # folder.
    if os.name == "posix" and not os.path.isabs(os.environ.get("HOME", os.sep)):
        del os.environ["HOME"]
    # A number without an entry in the system's list, as containers have it: tools would make a folder called `~`.
    if os.name == "posix" and not os.path.isabs(os.path.expanduser("~")):
        os.environ["HOME"] = NO_HOME
    environ = dict(os.environ)
    home = os.path.expanduser("~")
    config, state, cache, data = _xdg(environ, home) if sys.platform == "linux" else _platformdirs()
    getuid = getattr(os, "getuid", None)
    uid = getuid() if getuid else None
    return Host(environ, home, sys.platform, config, state, cache, uid, data)


def this_python() -> str:
    """Return the interpreter that runs this process; in a virtual environment, the one that it was created from."""
    base = str(getattr(sys, "_base_executable", None) or sys.executable)
    folder = os.path.dirname(os.path.dirname(base))
    # Python 3.10 does not tell, but its link does.
    return real_path(base) if os.path.isfile(os.path.join(folder, "pyvenv.cfg")) else base


def this_program() -> tuple[str, ...]:
    """Return the arguments that start this program again, isolated from the current folder."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    bundle = os.path.dirname(package)
    # The extension carries the package beside its libraries, in a folder that Python can run.
    if os.path.isfile(os.path.join(bundle, "__main__.py")):
        return (sys.executable, "-I", "-S", bundle)
    return (sys.executable, "-I", "-m", "workflow_helper")


def _xdg(environ: dict[str, str], home: str) -> tuple[str, str, str, str]:
    # https://specifications.freedesktop.org/basedir-spec/latest/
    def folder(variable: str, *default: str) -> str:
        value = environ.get(variable, "")
        # A relative path counts as not set.
        return os.path.join(value if os.path.isabs(value) else os.path.join(home, *default), APP)

    return (
        folder("XDG_CONFIG_HOME", ".config"),
        folder("XDG_STATE_HOME", ".local", "state"),
        folder("XDG_CACHE_HOME", ".cache"),
        folder("XDG_DATA_HOME", ".local", "share"),
    )


def _platformdirs() -> tuple[str, str, str, str]:
    import platformdirs

    return (
        platformdirs.user_config_dir(APP, appauthor=False),
        platformdirs.user_state_dir(APP, appauthor=False),
        platformdirs.user_cache_dir(APP, appauthor=False),
        platformdirs.user_data_dir(APP, appauthor=False),
    )
