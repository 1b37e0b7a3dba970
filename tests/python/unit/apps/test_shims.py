from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import link, write
from workflow_helper.apps import layout, records, shims
from workflow_helper.apps.environment import path_of
from workflow_helper.apps.records import ToolRecord
from workflow_helper.errors import AlreadyExists

if TYPE_CHECKING:
    from support.machine import Machine
    from workflow_helper.model import Host

pytestmark = pytest.mark.needs("POSIX")


@pytest.fixture(params=[pytest.param("linux", marks=pytest.mark.needs("POSIX")), "win32"])
def host(request: pytest.FixtureRequest, machine: Machine) -> Host:
    """A machine whose programs are links, and one whose programs are copies."""
    return machine.host._replace(platform=request.param)


def tool(host: Host, name: str, *programs: str, folder: str = "one") -> ToolRecord:
    """An installed tool with these programs, that is not linked yet."""
    prefix = os.path.join(layout.home(name, host), folder)
    kept = ToolRecord(name, prefix, name, (), None, programs, layout.programs(host))
    for program in programs:
        write(Path(path_of(program, prefix, host)), f"{name} {folder}", executable=True)
    records.write(kept, host)
    return kept


def linked(host: Host) -> dict[str, str]:
    """What is in the folder of programs."""
    folder = Path(layout.programs(host))
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def ending(host: Host) -> str:
    """How programs end."""
    return ".exe" if host.windows else ""


def test_programs_come_change_and_go(host: Host) -> None:
    """Linked once, led to another environment, and taken away, with nothing beside them."""
    end = ending(host)
    first = tool(host, "demo", "a", "b")
    assert shims.link(first, host)
    assert first.links(host) == tuple(os.path.join(first.folder, name + end) for name in ("a", "b"))
    assert not shims.link(first, host)
    second = tool(host, "demo", "a", "c", folder="two")
    assert list(shims.missing(second, host)) != []
    assert shims.link(second, host)
    records.write(first._replace(programs=("a", "b", "c")), host)
    shims.unlink("demo", [second.folder], host, keep=second.programs)
    assert linked(host) == {f"a{end}": "demo two", f"c{end}": "demo two"}
    records.write(second, host)
    gone = shims.unlink("demo", [second.folder], host)
    assert gone == tuple(os.path.join(second.folder, name + end) for name in ("a", "c"))
    assert linked(host) == {}


def test_what_is_another_s_stays(host: Host) -> None:
    """A program of somebody else, and one of another tool, are neither replaced nor removed."""
    end = ending(host)
    other = tool(host, "other", "shared")
    shims.link(other, host)
    write(Path(layout.programs(host), f"theirs{end}"), "theirs")
    before = linked(host)
    for program, whose in (("shared", "belongs to the tool other"), ("theirs", "exists already")):
        kept = tool(host, "demo", "own", program)
        with pytest.raises(AlreadyExists, match=whose):
            shims.check_none_is_foreign(kept, host)
        with pytest.raises(AlreadyExists, match=whose):
            shims.link(kept._replace(programs=(program,)), host)
        records.write(kept._replace(programs=("own",)), host)
        shims.unlink("demo", [kept.folder], host)
    assert linked(host) == before


def test_link_of_a_tool_that_is_no_more_may_be_replaced(machine: Machine) -> None:
    """What leads into the folder of tools, and is of none that is there, is in nobody's way."""
    host = machine.host
    kept = tool(host, "demo", "demo")
    link(Path(kept.folder, "demo"), Path(layout.folder(host), "gone", "one", "bin", "demo"))
    shims.check_none_is_foreign(kept, host)
    assert shims.link(kept, host)
    assert os.readlink(os.path.join(kept.folder, "demo")) == path_of("demo", kept.prefix, host)


@pytest.mark.parametrize("target", ["demo2", "../share", "/", "{tools}", "{tools}/../x/bin/demo"])
def test_link_that_leads_elsewhere_is_foreign(machine: Machine, target: str) -> None:
    """A relative link, and one to beside the folder of tools, are not ours."""
    host = machine.host
    kept = tool(host, "demo", "demo")
    link(Path(kept.folder, "demo"), target.format(tools=layout.folder(host)))
    with pytest.raises(AlreadyExists):
        shims.check_none_is_foreign(kept, host)
    assert shims.unlink("demo", [kept.folder], host) == ()
