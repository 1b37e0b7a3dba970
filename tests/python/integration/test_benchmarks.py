"""The benchmark suite runs and says what it should; how quick anything is, is not for a test."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("node")

NODE = shutil.which("node") or "node"
ROUNDS = 2


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as ``npm run bench`` does."""
    return subprocess.run(
        [NODE, str(ROOT / "scripts" / "bench.mjs"), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the command line's part measures in two rounds: the document, and what was printed."""
    file: Path = tmp_path_factory.mktemp("bench") / "result.json"
    done = bench("cli", "--rounds", str(ROUNDS), "--json", str(file))
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text()), done.stdout


@pytest.mark.slow
def test_every_thing_is_measured_in_every_round(measured: tuple[dict[str, Any], str]) -> None:
    """Each figure is of as many values as there were rounds, and the peers are among them."""
    document, _ = measured
    part = document["parts"]["cli"]
    assert part["rounds"] == ROUNDS
    assert {"uv python find", "hatch env find", "poetry env info -p"} <= part["figures"].keys()
    for figures in part["figures"].values():
        assert figures["values"] == ROUNDS
        assert figures["unit"] == "ms"
        assert 0 < figures["least"] <= figures["median"] <= figures["p90"] <= figures["p99"]


def test_every_target_has_a_verdict_that_its_number_bears_out(
    measured: tuple[dict[str, Any], str],
) -> None:
    """A ratio that is to be reached is called reached or missed, rightly, and the missed are counted."""
    document, _ = measured
    stated = document["parts"]["cli"]["stated"]
    aims = [one for one in stated if one["target"] is not None]
    assert {one["target"] for one in aims} == {2.5, 3, 4}
    for one in aims:
        assert one["verdict"] == ("reached" if one["measured"] <= one["target"] else "missed")
    assert document["missed"] == sum(one["verdict"] == "missed" for one in stated)


def test_the_document_tells_the_machine_s_size_and_not_its_places(
    measured: tuple[dict[str, Any], str],
) -> None:
    """Numbers can be read with the cores and versions that they came from; no path of the machine is told."""
    document, _ = measured
    machine = document["machine"]
    assert machine["cores"] >= 1
    assert all(machine[name] for name in ("system", "python", "uv", "hatch", "poetry"))
    assert str(ROOT) not in json.dumps(document)


def test_the_table_names_what_the_document_holds(measured: tuple[dict[str, Any], str]) -> None:
    """A person reads the same rows as a program."""
    document, printed = measured
    for name in document["parts"]["cli"]["figures"]:
        assert name in printed


@pytest.mark.slow
def test_workflow_servers_are_measured_beside_a_bare_python(tmp_path: Path) -> None:
    """A server's start, its warm answers and a flood are measured in the same rounds as a bare interpreter."""
    file = tmp_path / "result.json"
    done = bench("protocol", "--rounds", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text())["parts"]["protocol"]["figures"]
    assert figures["python -I -S -c pass"]["values"] == 1
    assert figures["a warm round trip"]["values"] > 1
    assert figures["memory for 100 MB of notifications"]["unit"] == "MB"


@pytest.mark.slow
@pytest.mark.needs("another machine")
def test_another_machine_is_measured_beside_ssh_itself(tmp_path: Path) -> None:
    """A question to a workflow over ssh is measured in the same rounds as a connection that does nothing."""
    file = tmp_path / "result.json"
    done = bench("ssh", "--rounds", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text())["parts"]["ssh"]["figures"]
    assert figures.keys() == {
        "ssh HOST true",
        "ssh HOST python -c pass",
        "wsp env default over ssh",
        "a question in an open session over ssh",
    }


@pytest.mark.parametrize("words", [["nothing"], ["cli", "--rounds", "0"], ["--unknown"]])
def test_a_wrong_word_is_told_with_the_right_ones(words: list[str]) -> None:
    """What cannot be asked for ends with a sentence and the names of the parts, before anything is measured."""
    done = bench(*words)
    assert done.returncode == 1
    assert (
        "The parts are cli, launcher, scripts, create, helper, protocol, ssh, sizes, tests, activation, window, click"
        in done.stderr
    )
