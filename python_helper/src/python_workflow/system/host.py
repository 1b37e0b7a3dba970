"""This machine, as a :class:`python_workflow.model.Host`."""

from __future__ import annotations

import os
import sys

from python_workflow.model import Host

APP = "python-workflow"


def this_host() -> Host:
    """The machine and user that this process runs on.

    The product's folders are those of ``platformdirs`` (``user_config_path("python-workflow", appauthor=False)`` and
    its state and cache siblings). On Linux they are spelled out here, because importing ``platformdirs`` costs a
    fifth of an answer; a test holds the two equal.
    """
    environ = dict(os.environ)
    home = os.path.expanduser("~")
    config, state, cache = _xdg(environ, home) if sys.platform == "linux" else _platformdirs()
    getuid = getattr(os, "getuid", None)
    return Host(environ, home, sys.platform, config, state, cache, getuid() if getuid else None)


def _xdg(environ: dict[str, str], home: str) -> tuple[str, str, str]:
    # https://specifications.freedesktop.org/basedir-spec/latest/
    def folder(variable: str, *default: str) -> str:
        given = environ.get(variable, "")
        return os.path.join(given if given.strip() else os.path.join(home, *default), APP)

    return (
        folder("XDG_CONFIG_HOME", ".config"),
        folder("XDG_STATE_HOME", ".local", "state"),
        folder("XDG_CACHE_HOME", ".cache"),
    )


def _platformdirs() -> tuple[str, str, str]:
    import platformdirs

    return (
        platformdirs.user_config_dir(APP, appauthor=False),
        platformdirs.user_state_dir(APP, appauthor=False),
        platformdirs.user_cache_dir(APP, appauthor=False),
    )
