from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_workflow.errors import AlreadyExists
from python_workflow.tools import keeping, linking, places
from python_workflow.tools.keeping import Kept
from python_workflow.tools.making import path_of
from support.files import link, write

if TYPE_CHECKING:
    from python_workflow.model import Host
    from support.machine import Machine


@pytest.fixture(params=["linux", "win32"])
def host(request: pytest.FixtureRequest, machine: Machine) -> Host:
    """A machine whose programs are links, and one whose programs are copies."""
    return machine.host._replace(platform=request.param)


def tool(host: Host, name: str, *programs: str, folder: str = "one") -> Kept:
    """An installed tool with these programs, that is not linked yet."""
    prefix = os.path.join(places.home(name, host), folder)
    kept = Kept(name, prefix, name, (), None, programs, places.programs(host))
    for program in programs:
        write(Path(path_of(program, prefix, host)), f"{name} {folder}", executable=True)
    keeping.write(kept, host)
    return kept


def linked(host: Host) -> dict[str, str]:
    """What is in the folder of programs."""
    folder = Path(places.programs(host))
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def ending(host: Host) -> str:
    """How programs end."""
    return ".exe" if host.windows else ""


def test_programs_come_change_and_go(host: Host) -> None:
    """Linked once, led to another environment, and taken away, with nothing beside them."""
    end = ending(host)
    first = tool(host, "demo", "a", "b")
    assert linking.link(first, host)
    assert not linking.link(first, host)
    second = tool(host, "demo", "a", "c", folder="two")
    assert list(linking.missing(second, host)) != []
    assert linking.link(second, host)
    keeping.write(first._replace(programs=("a", "b", "c")), host)
    linking.unlink("demo", [second.folder], host, keep=second.programs)
    assert linked(host) == {f"a{end}": "demo two", f"c{end}": "demo two"}
    keeping.write(second, host)
    gone = linking.unlink("demo", [second.folder], host)
    assert gone == tuple(os.path.join(second.folder, name + end) for name in ("a", "c"))
    assert linked(host) == {}


def test_what_is_another_s_stays(host: Host) -> None:
    """A program of somebody else, and one of another tool, are neither replaced nor removed."""
    end = ending(host)
    other = tool(host, "other", "shared")
    linking.link(other, host)
    write(Path(places.programs(host), f"theirs{end}"), "theirs")
    before = linked(host)
    for program, whose in (("shared", "of the tool other"), ("theirs", "is there already")):
        kept = tool(host, "demo", "own", program)
        with pytest.raises(AlreadyExists, match=whose):
            linking.see_that_none_is_foreign(kept, host)
        with pytest.raises(AlreadyExists, match=whose):
            linking.link(kept._replace(programs=(program,)), host)
        keeping.write(kept._replace(programs=("own",)), host)
        linking.unlink("demo", [kept.folder], host)
    assert linked(host) == before


def test_link_of_a_tool_that_is_no_more_may_be_replaced(machine: Machine) -> None:
    """What leads into the folder of tools, and is of none that is there, is in nobody's way."""
    host = machine.host
    kept = tool(host, "demo", "demo")
    link(Path(kept.folder, "demo"), Path(places.folder(host), "gone", "one", "bin", "demo"))
    linking.see_that_none_is_foreign(kept, host)
    assert linking.link(kept, host)
    assert os.readlink(os.path.join(kept.folder, "demo")) == path_of("demo", kept.prefix, host)


@pytest.mark.parametrize("target", ["demo2", "../share", "/", "{tools}", "{tools}/../x/bin/demo"])
def test_link_that_leads_elsewhere_is_foreign(machine: Machine, target: str) -> None:
    """A relative link, and one to beside the folder of tools, are not ours."""
    host = machine.host
    kept = tool(host, "demo", "demo")
    link(Path(kept.folder, "demo"), target.format(tools=places.folder(host)))
    with pytest.raises(AlreadyExists):
        linking.see_that_none_is_foreign(kept, host)
    assert linking.unlink("demo", [kept.folder], host) == ()
