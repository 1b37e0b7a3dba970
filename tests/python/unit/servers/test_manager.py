from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Environment, Question
from workflow_helper.resolver.resolve import environments
from workflow_helper.servers.convert import environment_of
from workflow_server.values import ServerEnvironment

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_helper.model import Workflow


def test_an_interpreter_on_another_machine_is_not_looked_at() -> None:
    """What a server names there is told with a prefix that follows from its spelling."""
    disk = Disk()
    entry = ServerEnvironment("a", "a", "3.12", "//host/share/env/bin/python")
    assert environment_of(entry, disk, is_default=False).prefix == "//host/share/env"
    assert disk.seen == {}


@pytest.mark.needs("POSIX")
def test_prefixes_on_another_machine_are_told_apart_by_their_spelling(machine: Machine) -> None:
    """To see whether two of them are one place, the other machine would have to be asked."""
    script = write(machine.home / "serve.py")
    folder = machine.home / "env"
    folder.mkdir()
    alias = link(machine.home / "alias", folder)

    def ask(_workflow: Workflow, _root: str, _trusted: bool) -> tuple[Environment, ...]:  # noqa: FBT001 - an Ask
        return tuple(
            Environment(path, path, "venv", path, f"{path}/bin/python", None, "workflow")
            for path in (f"/{folder}", f"/{alias}")
        )

    question = Question(str(machine.workspace), str(script))
    _, found = environments(question, machine.host, Disk(), ask=ask)
    results = [one for one in found if one.source == "workflow"]
    assert sorted(one.prefix for one in results) == [f"/{alias}", f"/{folder}"]
    assert {one.status.state for one in results} == {"unsupported"}
