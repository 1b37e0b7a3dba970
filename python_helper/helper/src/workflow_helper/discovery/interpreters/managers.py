"""The Pythons that other version managers and project tools installed."""

from __future__ import annotations

from workflow_helper.discovery.interpreters.describe import folders_like, interpreters_in
from workflow_helper.filesystem import user_dirs
from workflow_helper.filesystem.user_dirs import is_absolute, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host


def find(host: Host, disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the interpreters of each manager, with the manager's name as the source."""
    for source, top, patterns in _locations(host):
        for pattern in patterns:
            below = [] if host.windows else ["bin"]
            for folder in folders_like(join(host, top, *pattern, *below), host, disk):
                for path in interpreters_in(folder, host, disk):
                    yield source, path


def _locations(host: Host) -> Iterator[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """Yield each manager, its folder, and the pattern of a Python's folder below it."""

    def setting(variable: str, otherwise: str) -> str:
        value = host.environ.get(variable, "")
        return value if is_absolute(host, value) else otherwise

    shared = setting("XDG_DATA_HOME", join(host, host.home, ".local", "share"))
    mise = join(host, user_dirs.local_app_data(host) if host.windows else shared, "mise")
    yield (
        "hatch",
        setting("HATCH_DATA_DIR", user_dirs.data(host, "hatch")),
        (("pythons", "*", "*"),),
    )
    yield "mise", setting("MISE_DATA_DIR", mise), (("installs", "python", "*"),)
    yield (
        "asdf",
        setting("ASDF_DATA_DIR", join(host, host.home, ".asdf")),
        (("installs", "python", "*"),),
    )
    yield (
        "rye",
        setting("RYE_HOME", join(host, host.home, ".rye")),
        (("py", "*"), ("py", "*", "install")),
    )
    yield "pdm", user_dirs.data(host, "pdm", "pdm"), (("python", "*"),)
    yield "poetry", user_dirs.data(host, "pypoetry"), (("python", "*"),)
