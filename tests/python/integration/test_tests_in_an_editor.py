"""Tests of a project, found and run behind the language server, with real frameworks in real environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.configured_tests import CONFIGURED
from support.editor_schema import assert_partial_result
from support.files import write
from support.frameworks import PYTEST, project, put_environment, with_packages
from support.language_client import LanguageClient, ResponseError, uri
from support.machine import make_venv
from support.processes import see_it_end
from support.servers import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.machine import Machine

STATES = {
    "pytest.ini": "[pytest]\n",
    "tests/test_one.py": "import pytest\n\n"
    "@pytest.mark.parametrize('value', [1, 2])\n"
    "def test_value(value):\n    print('words')\n    assert value == 1\n\n"
    "class TestShop:\n    def test_skipped(self): pytest.skip('later')\n",
    "tests/test_broken.py": "import math\nimport no_such_module\n",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pytest and coverage."""
    return with_packages(tmp_path_factory.mktemp("environment") / "env", *PYTEST, "coverage")


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """An editor in which the machine's workspace is open and trusted."""
    with LanguageClient(machine.environ) as client:
        client.initialize([machine.workspace], context={"trusted": True})
        yield client


def found(client: LanguageClient, folder: Path, **more: object) -> dict[str, Any]:
    """What is discovered of the project of a folder."""
    params = {"uri": uri(folder), **more}
    answer: dict[str, Any] = client.request("pythonWorkflow/discoverTests", params)
    return answer


def begin(client: LanguageClient, folder: Path, **more: object) -> int:
    """Begin a run in the default configuration; what becomes of it comes under the token 7."""
    (first, *_) = found(client, folder)["configurations"]
    params = {"uri": uri(folder), "configuration": first["id"], "partialResultToken": 7, **more}
    return client.begin("pythonWorkflow/runTests", params)


def events(client: LanguageClient) -> list[dict[str, Any]]:
    """What came of a run that is over, in order."""
    received: list[dict[str, Any]] = []
    while not client.notifications.empty():
        method, params = client.notifications.get()
        if method == "$/progress" and params["token"] == 7:
            assert_partial_result("pythonWorkflow/runTests", params["value"])
            received += params["value"]["events"]
    return received


def states(client: LanguageClient) -> dict[str, str]:
    """The state of each test of a run that is over, by its id."""
    return {one["id"]: one["state"] for one in events(client) if one["event"] == "result"}


def test_tests_of_a_project_are_found_with_the_ways_to_run_them(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """Each has its file and line, a file that cannot be collected the line of its mistake, and the environment is named."""
    root = project(machine, environment, STATES)
    answer = found(client, root)
    assert (answer["framework"], answer["static"], answer["problem"]) == ("pytest", False, None)
    assert answer["base"] == answer["root"] == str(root)
    names = [(one["id"], one["line"]) for one in answer["tests"]]
    assert names == [
        ("tests/test_one.py::test_value[1]", 3),
        ("tests/test_one.py::test_value[2]", 3),
        ("tests/test_one.py::TestShop::test_skipped", 9),
    ]
    (broken,) = answer["unusable"]
    assert (broken["id"], broken["line"]) == ("tests/test_broken.py", 2)
    (one,) = answer["configurations"]
    assert (one["name"], one["default"]) == (".venv", True)


def test_what_is_read_has_the_ids_that_a_run_tells(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """What reading can tell comes first, and is what the framework says, without parameters."""
    root = project(machine, environment, STATES)
    read, results = (
        {
            one["id"].partition("[")[0]: one["file"]
            for one in found(client, root, static=is_static)["tests"]
        }
        for is_static in (True, False)
    )
    assert read == results != {}


def test_results_come_one_by_one_and_each_once(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """Output, message and line come with a failure, and the answer has the framework's own status."""
    root = project(machine, environment, STATES)
    names = [str(root / "tests/test_one.py")]
    answer = client.result(begin(client, root, names=names))
    assert (answer["status"], answer["trouble"]) == (1, None)
    received = events(client)
    results = {one["id"]: one for one in received if one["event"] == "result"}
    assert len(results) == sum(one["event"] == "result" for one in received) == 3
    failed = results["tests/test_one.py::test_value[2]"]
    assert (failed["state"], failed["line"], failed["output"]) == ("failed", 6, "words\n")
    assert "assert 2 == 1" in failed["message"]
    running = [one["id"] for one in received if one["event"] == "running"]
    assert running == list(results)


def test_only_what_is_named_is_run(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """One case of several, by its absolute path and its parameters."""
    root = project(machine, environment, STATES)
    names = [f"{root}/tests/test_one.py::test_value[1]"]
    client.result(begin(client, root, names=names))
    assert states(client) == {"tests/test_one.py::test_value[1]": "passed"}


def test_test_below_a_configuration_of_its_own_is_known_again(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """Its id begins at the root, and not at the configuration that pytest finds where the test is named."""
    files = {
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n",
        "shop/tests/pytest.ini": "[pytest]\n",
        "shop/tests/test_in.py": "def test_in(): pass\n",
    }
    root = project(machine, environment, files)
    name = "shop/tests/test_in.py::test_in"
    assert [one["id"] for one in found(client, root)["tests"]] == [name]
    client.result(begin(client, root, names=[f"{root}/{name}"]))
    received = events(client)
    assert {one["id"] for one in received if "id" in one} == {name}
    assert [test["id"] for one in received for test in one.get("tests", ())] == [name]


def test_project_below_the_configuration_has_ids_of_its_own(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """Ids begin at the project's root, also where what configures pytest lies above it."""
    write(machine.workspace / "pytest.ini", "[pytest]\n")
    root = machine.workspace / "api"
    write(root / "pyproject.toml", "[project]\nname = 'api'\nversion = '1'\n")
    write(root / "test_api.py", "def test_api(): pass\n")
    put_environment(root / ".venv", environment)
    answer = found(client, root)
    assert (answer["root"], answer["base"]) == (str(root), str(root))
    assert [one["id"] for one in answer["tests"]] == ["test_api.py::test_api"]
    client.result(begin(client, root, names=[f"{root}/test_api.py::test_api"]))
    assert states(client) == {"test_api.py::test_api": "passed"}


def test_cancelled_run_tells_what_it_got_to_and_leaves_no_process(
    machine: Machine, client: LanguageClient, environment: Path, tmp_path: Path
) -> None:
    """Other questions are answered meanwhile; the test that was running is an error, the one before it passed."""
    mark = tmp_path / "pid"
    slow = f"import os, time\ndef test_a(): pass\ndef test_b():\n    open({str(mark)!r}, 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
    root = project(machine, environment, {"pytest.ini": "[pytest]\n", "test_slow.py": slow})
    run = begin(client, root)
    until(lambda: mark.exists() and bool(mark.read_text()))
    assert client.request("pythonWorkflow/resolve", {"uris": [uri(root)]})["answers"]
    client.notify("$/cancelRequest", {"id": run})
    answer = client.result(run)
    assert (answer["status"], answer["trouble"]) == (2, "interrupted")
    assert states(client) == {"test_slow.py::test_a": "passed", "test_slow.py::test_b": "error"}
    see_it_end(int(mark.read_text()))


def test_tests_run_in_the_configurations_that_the_workflow_tells_of(
    machine: Machine, client: LanguageClient
) -> None:
    """The default one finds and runs them with its options, folder and variables; one that cannot run yet is left out."""
    root = project(machine, None, CONFIGURED)
    with_packages(root / "env", *PYTEST)
    answer = found(client, root)
    results = [(one["id"], one["name"], one["default"]) for one in answer["configurations"]]
    assert results == [("unit", "unit tests", True), ("all", "all", False)]
    assert [one["id"] for one in answer["tests"]] == ["engine/unit/test_unit.py::test_quick"]
    assert client.result(begin(client, root))["status"] == 0
    assert states(client) == {"engine/unit/test_unit.py::test_quick": "passed"}
    assert client.result(begin(client, root, configuration="all"))["status"] == 1


def test_untrusted_project_is_read_and_not_run(
    machine: Machine, environment: Path, tmp_path: Path
) -> None:
    """Its tests are shown, nothing of it is started, and a run is refused."""
    trace = tmp_path / "was-run"
    root = project(
        machine,
        environment,
        {"conftest.py": f"open({str(trace)!r}, 'w')\n", "test_it.py": "def test_it(): pass\n"},
    )
    with LanguageClient(machine.environ) as client:
        client.initialize([root], context={"trusted": False})
        answer = found(client, root)
        assert [one["id"] for one in answer["tests"]] == ["test_it.py::test_it"]
        assert (answer["static"], answer["problem"]["code"]) == (True, "not_trusted")
        (configuration,) = answer["configurations"]
        params = {"uri": uri(root), "configuration": configuration["id"]}
        with pytest.raises(ResponseError) as caught:
            client.request("pythonWorkflow/runTests", params)
        assert caught.value.data["code"] == "not_trusted"
    assert not trace.exists()


def test_missing_environment_or_pytest_is_a_problem_with_what_is_missing(
    machine: Machine, client: LanguageClient
) -> None:
    """The tests are read all the same; a folder without tests has neither."""
    root = machine.workspace
    assert found(client, root)["problem"] is None
    write(root / "test_it.py", "def test_it(): pass\n")
    answer = found(client, root)
    assert (answer["problem"]["code"], len(answer["tests"])) == ("not_found", 1)
    make_venv(root / ".venv")
    problem = found(client, root)["problem"]
    assert (problem["code"], problem["package"]) == ("tool_not_installed", "pytest")
    assert problem["environment"]["prefix"] == str(root / ".venv")
    write(
        root / "test_it.py",
        "import unittest\nclass Case(unittest.TestCase):\n    def test_it(self): pass\n",
    )
    answer = found(client, root)
    assert (answer["framework"], answer["problem"]) == ("unittest", None)
    assert [one["id"] for one in answer["tests"]] == ["test_it.Case.test_it"]


def test_nested_project_is_left_to_itself(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """A project that is named as such is neither collected nor run with the one around it."""
    files = {
        "pytest.ini": "[pytest]\n",
        "test_out.py": "def test_out(): pass\n",
        "in/test_in.py": "1/0\n",
    }
    root = project(machine, environment, files)
    answer = found(client, root, ignored=[str(root / "in")])
    assert [one["id"] for one in answer["tests"]] == ["test_out.py::test_out"]
    assert answer["unusable"] == []
    client.result(begin(client, root, ignored=[str(root / "in")]))
    assert states(client) == {"test_out.py::test_out": "passed"}


def test_run_measures_what_it_covers(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """Lines and branches of the project's files, and nothing of ours."""
    root = project(
        machine,
        environment,
        {
            "pytest.ini": "[pytest]\n",
            ".coveragerc": "[run]\nbranch = true\nparallel = true\n[report]\nfail_under = 100\n",
            "shop.py": "def price(n):\n    if n:\n        return 1\n    return 2\n",
            "test_shop.py": "import shop\ndef test_price(): assert shop.price(1) == 1\n",
        },
    )
    answer = client.result(begin(client, root, kind="coverage"))
    files = {one["file"]: one for one in answer["coverage"]}
    assert set(files) == {str(root / "shop.py"), str(root / "test_shop.py")}
    shop = files[str(root / "shop.py")]
    assert (shop["executed"], shop["missing"]) == ([1, 2, 3], [4])
    assert shop["branches"] == [
        {"from": 2, "to": 3, "taken": True},
        {"from": 2, "to": 4, "taken": False},
    ]
    assert states(client) == {"test_shop.py::test_price": "passed"}
    assert [one.name for one in root.iterdir() if one.name.startswith(".coverage")] == [
        ".coveragerc"
    ]


def test_coverage_that_is_not_installed_is_named(machine: Machine, client: LanguageClient) -> None:
    """The error has the code by which an editor offers to install it."""
    case = "import unittest\nclass Case(unittest.TestCase):\n    def test_it(self): pass\n"
    write(machine.workspace / "test_it.py", case)
    make_venv(machine.workspace / ".venv")
    with pytest.raises(ResponseError) as caught:
        client.result(begin(client, machine.workspace, kind="coverage"))
    assert caught.value.data["code"] == "tool_not_installed"
    assert "coverage is not installed" in caught.value.message


def test_debugger_is_told_what_to_start_and_its_report_is_read(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """The command that is told runs the tests when started as it is, and their results come as those of any run."""
    import subprocess

    root = project(machine, environment, STATES)
    names = [f"{root}/tests/test_one.py::test_value[2]"]
    run = begin(client, root, names=names, kind="debug")
    first = client.wait_for("$/progress", lambda told: told["token"] == 7)["value"]["events"][0]
    assert first["event"] == "command"
    at = first["argv"].index(first["script"])
    assert at == 1
    environ = {**machine.environ, **first["env"]["set"]}
    subprocess.run(first["argv"], cwd=first["cwd"], env=environ, capture_output=True, check=False)
    answer = client.result(run)
    assert (answer["status"], answer["trouble"]) == (1, None)
    assert states(client) == {"tests/test_one.py::test_value[2]": "failed"}


def test_debugged_run_that_is_ended_is_answered(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """An editor whose debugger was stopped cancels, and hears that the tests did not come to their end."""
    root = project(machine, environment, STATES)
    run = begin(client, root, kind="debug")
    client.wait_for("$/progress", lambda told: told["token"] == 7)
    client.notify("$/cancelRequest", {"id": run})
    assert client.result(run)["trouble"] == "pytest did not finish"


def test_each_of_many_tests_is_told_of_once_and_in_order(
    machine: Machine, client: LanguageClient, environment: Path
) -> None:
    """However many come in one message, none is left out."""
    many = "import pytest\n@pytest.mark.parametrize('n', range(1200))\ndef test_many(n): pass\n"
    root = project(machine, environment, {"pytest.ini": "[pytest]\n", "test_many.py": many})
    assert client.result(begin(client, root))["status"] == 0
    assert list(states(client)) == [f"test_many.py::test_many[{n}]" for n in range(1200)]


@pytest.mark.parametrize(
    ("method", "params", "field"),
    [
        ("discoverTests", {"static": 1}, "static"),
        ("runTests", {"configuration": ""}, "configuration"),
        ("runTests", {"configuration": "x", "kind": "fast"}, "kind"),
        ("runTests", {"configuration": "x", "names": ["--pdb"]}, "names"),
        ("runTests", {"configuration": "x", "partialResultToken": []}, "partialResultToken"),
    ],
)
def test_wrong_parameters_are_named(
    machine: Machine, client: LanguageClient, method: str, params: dict[str, Any], field: str
) -> None:
    """A client's mistake names the method and the field, and starts nothing."""
    query = {"uri": uri(machine.workspace), **params}
    with pytest.raises(ResponseError, match=f"{method}: {field}"):
        client.request(f"pythonWorkflow/{method}", query)
