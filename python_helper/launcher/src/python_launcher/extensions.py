"""Extensions: programs called ``py-NAME``, which ``py NAME`` calls.

They get the variables ``PY_PATH``, the path of the calling ``py``, and ``PY_APP_VERSION``, its version.
"""

from __future__ import annotations

import os
import sys

from workflow_helper.apps import layout
from workflow_helper.errors import NotFound
from workflow_helper.filesystem.paths import current_folder
from workflow_helper.filesystem.reader import Disk
from workflow_helper.system.which import find_program
from workflow_helper.terminal.output import lines_of
from workflow_helper.terminal.process import err, out

from python_launcher import __version__
from python_launcher.actions import BUILT_IN, Start, is_name
from python_launcher.errors import BuiltInName, NoSuchWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    from workflow_helper.model import Host

    from python_launcher.actions import BuiltIn, ExtensionOrFile
else:
    from workflow_server.namedtuple import NamedTuple

PREFIX = "py-"
#: The exit status of a list that is empty.
_NOTHING = 3
#: The endings of programs on Windows.
_ENDINGS = (".exe", ".com", ".bat", ".cmd")


class Extension(NamedTuple):
    """A program called ``py-NAME``."""

    name: str
    path: str

    @property
    def is_shadowed(self) -> bool:
        """Return whether it is never called, because ``py`` has a command of that name."""
        return self.name in BUILT_IN


def call(action: ExtensionOrFile, host: Host) -> int:
    """Become the extension, or the Python that runs the file of that name.

    An extension takes precedence, so that a file in a folder cannot replace a command.

    Raises:
        NoSuchWord: there is no such extension or file.
    """
    from python_launcher.exec import become, start

    path = find(action.name, host)
    if path is not None:
        additions = {"PY_PATH": this_launcher(), "PY_APP_VERSION": __version__}
        environ = {**host.environ, **additions}
        return become((path, *action.arguments), current_folder(), environ)
    if os.path.lexists(action.name):
        return start(Start((action.name, *action.arguments)), host)
    raise NoSuchWord(
        f"there is no command, extension or file {action.name!r}",
        "'py help' lists the commands, 'py extension list' the extensions.",
    )


def find(name: str, host: Host) -> str | None:
    """Return the program of the extension ``name``: on PATH, or in the user's folder of programs."""
    program = f"{PREFIX}{name}"
    return find_program(program, host) or find_program(
        os.path.join(layout.programs(host), program), host
    )


def found(host: Host) -> tuple[Extension, ...]:
    """Return every installed extension by name; of several with one name, the one that is called."""
    names: dict[str, Extension] = {}
    for name in sorted(set(_names(host))):
        path = find(name, host)
        if path is not None:
            names[name] = Extension(name, path)
    return tuple(names.values())


def this_launcher() -> str:
    """Return the path of this program: the ``py`` that was called, or the one of the same installation."""
    called = os.path.abspath(sys.argv[0])
    if os.path.splitext(os.path.basename(called))[0] == "py":
        return called
    suffix = ".exe" if sys.platform == "win32" else ""
    return os.path.join(os.path.dirname(sys.executable), f"py{suffix}")


def _names(host: Host) -> Iterator[str]:
    disk = Disk()
    separator = ";" if host.windows else ":"
    entries = [entry.strip('"') for entry in host.environ.get("PATH", "").split(separator)]
    for folder in (*entries, layout.programs(host)):
        for file in disk.names(folder) if os.path.isabs(folder) else ():
            stem, ending = os.path.splitext(file)
            name = stem if host.windows and ending.lower() in _ENDINGS else file
            if name.startswith(PREFIX) and name != PREFIX and is_name(name[len(PREFIX) :]):
                yield name[len(PREFIX) :]


def _install(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps import request

    from python_launcher.tools import install_as, python_of

    name, at, version = action.operand.partition("@")
    _check_extension_name(name)
    cwd = current_folder()
    source = action.get("--from") or f"{PREFIX}{name}{at}{version}"
    arguments = request.ToolArguments(
        f"{PREFIX}{name}", cwd, source=source, python=python_of(action, host, cwd)
    )
    tool = request.of(arguments, host, Disk())
    install_as(tool, action, host, cwd)
    called = find(name, host)
    if called is not None and os.path.dirname(called) != layout.programs(host):
        err(f"'py {name}' calls {called}, which comes first on PATH")
    return 0


def _uninstall(action: BuiltIn, host: Host) -> int:
    from workflow_helper.apps.list import OURS, installed

    from python_launcher.tools import uninstall_named

    program = f"{PREFIX}{action.operand}"
    for tool in installed(host, Disk()):
        names = [os.path.splitext(os.path.basename(path))[0] for path in tool.programs]
        if tool.by == OURS and program in names:
            return uninstall_named(tool.name, action, host)
    path = find(action.operand, host) if is_name(action.operand or "-") else None
    if path is not None:
        raise NotFound(
            f"the extension {action.operand} was not installed by 'py extension install'",
            f"It is {path}: remove it with what installed it.",
        )
    raise NotFound(
        f"there is no extension {action.operand!r}", "'py extension list' lists the extensions."
    )


def _list(action: BuiltIn, host: Host) -> int:
    extensions = found(host)
    if "--json" in action.options:
        from workflow_helper.terminal.json_encoder import to_json

        documents = [
            {"name": one.name, "path": one.path, "shadowed": one.is_shadowed} for one in extensions
        ]
        out(to_json({"extensions": documents}))
    elif extensions:
        out(lines_of((*(_line(one) for one in extensions),)))
    else:
        err("no extension is installed ('py extension install NAME' installs the tool py-NAME)")
    return 0 if extensions else _NOTHING


def _line(extension: Extension) -> str:
    never = "  never called: py has a command of that name" if extension.is_shadowed else ""
    return f"py {extension.name:16}  {extension.path}{never}"


def _check_extension_name(name: str) -> None:
    if not name or not is_name(name):
        raise NoSuchWord(
            f"{name!r} is not the name of an extension",
            "Name it without 'py-', with letters, digits, '-' and '_' only.",
        )
    if name in BUILT_IN:
        raise BuiltInName(
            f"'py {name}' is a command of py's own, and an extension of that name would never be called",
            f"'py tool install {PREFIX}{name}' installs the program without that.",
        )


COMMANDS = {
    "extension install": _install,
    "extension list": _list,
    "extension uninstall": _uninstall,
}
