"""The Pythons in the folders that operating systems, installers and container images use."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import folders_like, interpreters_in
from workflow_helper.discovery.interpreters.path import is_placeholder
from workflow_helper.filesystem.user_dirs import expand, join, local_app_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host

EVERYWHERE = (
    "/usr/local/bin",
    "/usr/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "~/.local/bin",
    "/opt/python*/bin",
    "/opt/python/*/bin",
    "/opt/pypy*/bin",
    "/usr/local/python*/bin",
    "/usr/local/python/*/bin",
)
LINUX = (
    "/home/linuxbrew/.linuxbrew/bin",
    "/opt/hostedtoolcache/Python/*/*/bin",
    "~/.nix-profile/bin",
)
MACOS = (
    "/Library/Frameworks/Python.framework/Versions/*/bin",
    "/Library/Frameworks/PythonT.framework/Versions/*/bin",
    "~/Library/Frameworks/Python.framework/Versions/*/bin",
    "/Library/Developer/CommandLineTools/usr/bin",
    "/Applications/Xcode.app/Contents/Developer/usr/bin",
)


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the interpreters in the usual folders of the platform."""
    for pattern in _patterns(host):
        for folder in folders_like(expand(host, pattern), host, disk):
            for path in interpreters_in(folder, host, disk):
                if not is_placeholder(path, host):
                    yield "install folder", path


def _patterns(host: Host) -> tuple[str, ...]:
    if not host.windows:
        return (*EVERYWHERE, *(MACOS if host.platform == "darwin" else LINUX))
    local = local_app_data(host)
    programs = [host.environ.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)")]
    return (
        join(host, local, "Programs", "Python", "Python3*"),
        # Those of the Python install manager.
        join(host, local, "Python", "pythoncore-3*"),
        # Of the Microsoft Store: in these folders a name stands for a Python that is there, unlike in the one above them.
        join(host, local, "Microsoft", "WindowsApps", "PythonSoftwareFoundation.Python.3*"),
        "C:\\Python3*",
        *(join(host, folder, "Python3*") for folder in programs if folder),
    )
