"""Find files that a command runs without naming them: at the start of an environment's Python, or packages in a folder.

Sources: the documentation of ``site`` (lines of ``.pth`` files that begin with ``import`` are executed, ``sitecustomize`` and
``usercustomize`` imported), and ``--find-links`` of pip and uv, which prefer no place to another: the newest package wins.
"""

from __future__ import annotations

import os
from itertools import pairwise

from workflow_helper.discovery.environments import distributions
from workflow_helper.filesystem.paths import path_of_file_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow_helper.filesystem.walk import Trees
    from workflow_helper.model import Host

_CONFIGURATION = "pyvenv.cfg"
_CUSTOMIZE = ("sitecustomize", "usercustomize")
_FIND_LINKS = ("--find-links", "-f")


def automatic_files(program: str, host: Host, trees: Trees) -> Iterator[str]:
    """Yield the files that Python runs at its start in the environment that contains ``program``, if any."""
    prefix = os.path.dirname(os.path.dirname(program))
    configuration = os.path.join(prefix, _CONFIGURATION)
    if not trees.disk.is_file(configuration):
        return
    yield configuration
    for folder in distributions.folders(prefix, host, trees.disk):
        for name in trees.disk.names(folder):
            if name.endswith(".pth") or name.partition(".")[0] in _CUSTOMIZE:
                yield os.path.join(folder, name)


def package_folders(words: Sequence[str]) -> Iterator[str]:
    """Yield the local folders in which ``words`` make an installer look for packages."""
    # A command line for a shell is one word of several.
    parts = [part.strip("\"'") for word in words for part in dict.fromkeys((word, *word.split()))]
    for part, following in pairwise((*parts, "")):
        option, is_one, value = part.partition("=")
        if part in _FIND_LINKS:
            value = following
        elif not is_one or option not in _FIND_LINKS:
            continue
        if value and "\0" not in value:
            yield path_of_file_url(value) or value
