"""The conversation about the extended profile."""

from __future__ import annotations

from workflow_server.conformance.client import shown
from workflow_server.conformance.runner import NOBODY
from workflow_server.jsonrpc.messages import ErrorResponse, Response
from workflow_server.values import UPDATE_PARAMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from workflow_server.conformance.client import Peer
    from workflow_server.conformance.runner import Stage
    from workflow_server.jsonrpc.messages import Notification

#: No such Python, another one in its place, or no tool that would know of any.
_NO_PYTHON = (-31003, -31011, -31010)


def extended(stage: Stage) -> None:
    """Check the capabilities, by requests that change nothing."""
    with stage.session() as peer:
        _packages(stage, peer)
        _check(stage, peer)
        _ensure(stage, peer)
        _cancel(stage, peer)
        _progress(stage, peer)


def _packages(stage: Stage, peer: Peer) -> None:
    judge, skip = stage.findings.judge, stage.findings.skip
    entries = stage.result(peer, "environment/list") or []
    some = {"id": entries[0]["id"]} if entries else None
    if "environment.packages" in stage.capabilities and some:
        packages = stage.result(peer, "environment/packages", some) or []
        names = [one["name"] for one in packages]
        compared = [name.lower().replace("_", "-").replace(".", "-") for name in names]
        holds = any(order == sorted(order) for order in (names, compared))
        judge("packages-order", holds, f"the names are {shown(names)}")
    else:
        skip("environment.packages is not offered, or there is no environment", "packages-order")
    if "command" in stage.capabilities and some:
        stage.result(peer, "environment/command", {**some, "argv": ["python", "-V"]})
    if "python" in stage.capabilities:
        stage.result(peer, "python/list")
        stage.refused("python-find-none", peer, -31003, "python/find", {"version": "2.99"})
    else:
        skip("python is not offered", "python-find-none")
    if "task" in stage.capabilities:
        listed = stage.result(peer, "task/list")
        if listed is None:  # without its tool a server cannot know which names there are
            skip("task/list was answered with an error", "task-list-names", "task-command-unknown")
        else:
            names = [one["name"] for one in listed]
            judge("task-list-names", len(names) == len(set(names)), f"the names are {shown(names)}")
            stage.refused("task-command-unknown", peer, -32602, "task/command", {"name": NOBODY})
    else:
        skip("task is not offered", "task-list-names", "task-command-unknown")
    _tests(stage, peer, entries)
    _discover(stage, peer)


def _tests(stage: Stage, peer: Peer, environments: Sequence[Mapping[str, Any]]) -> None:
    judge = stage.findings.judge
    names = (
        "test-configuration-ids",
        "test-configuration-environment",
        "test-configuration-default",
    )
    if "test.configurations" not in stage.capabilities:
        stage.findings.skip("test.configurations is not offered", *names)
        return
    listed = stage.result(peer, "test/configurations")
    if listed is None:
        stage.findings.skip("test/configurations was answered with an error", *names)
        return
    ids = [one["id"] for one in listed]
    judge(names[0], len(ids) == len(set(ids)), f"the ids are {shown(ids)}")
    known = {one["id"] for one in environments}
    wrong = [
        one["environment"]
        for one in listed
        if (one["environment"] in known) == one.get("missing", False)
    ]
    judge(names[1], not wrong, f"environment/list is otherwise about {shown(wrong)}")
    defaults = [one["id"] for one in listed if one.get("default")]
    judge(names[2], len(defaults) <= 1, f"the defaults are {shown(defaults)}")


def _discover(stage: Stage, peer: Peer) -> None:
    judge = stage.findings.judge
    names = ("test-run-configurations", "test-unknown", "test-updates", "test-discover-states")
    if "test.run" not in stage.capabilities:
        stage.findings.skip("test.run is not offered", *names)
        return
    lists = "test.configurations" in stage.capabilities
    judge(names[0], lists, "test.run is offered, and test.configurations is not")
    for method in ("test/discover", "test/run"):
        params = {"configuration": NOBODY, "update_token": "none"}
        stage.refused(names[1], peer, -32602, method, params)
    listed = (stage.result(peer, "test/configurations") if lists else None) or []
    ready = [one for one in listed if not one.get("missing", False)]
    if not ready:
        stage.findings.skip("there is no configuration whose environment is there", *names[2:])
        return
    one = next((one for one in ready if one.get("default")), ready[0])
    peer.notifications.clear()
    with stage.against("message-result"):
        params = {"configuration": one["id"], "update_token": "of tests"}
        stage.judge_result("test/discover", peer.ask("test/discover", params))
    states: set[str] = set()
    wrong: list[str] = []
    for note in peer.notifications:
        if note.method != "test/update":
            continue
        found = [bad.sentence for bad in UPDATE_PARAMS(note.params, "")]
        if not found and isinstance(note.params, dict):
            states |= {one["state"] for one in note.params["updates"]}
            if note.params["token"] != params["update_token"]:
                found = [f"no request gave this token: {shown(note)}"]
        wrong += found
    judge(names[2], not wrong, "; ".join(wrong[:3]))
    ran = sorted(states - {"found", "unusable"})
    judge(names[3], not ran, f"the states {shown(ran)} are those of tests that are run")


def _check(stage: Stage, peer: Peer) -> None:
    entries = stage.result(peer, "environment/list") or []
    if "environment.sync" not in stage.capabilities or not entries:
        why = "environment.sync is not offered, or there is no environment"
        stage.findings.skip(why, "check-plan")
        return
    result = stage.result(peer, "environment/check", {"id": entries[0]["id"]})
    if result is None:
        stage.findings.skip("environment/check was answered with an error", "check-plan")
        return
    full = any(result.get("plan", {}).values())
    detail = f"a plan of an environment that is in sync: {shown(result)}"
    stage.findings.judge("check-plan", not (result["in_sync"] and full), detail)


def _ensure(stage: Stage, peer: Peer) -> None:
    """Request a Python that does not exist, so that nothing is created."""
    if "environment.ensure" not in stage.capabilities:
        stage.findings.skip("environment.ensure is not offered", "ensure-valid", "ensure-python")
        return
    wrong = {"python": "2.99", "packages": "pytest"}
    stage.refused("ensure-valid", peer, -32602, "environment/ensure", wrong)
    with stage.against("ensure-python"):
        answer = peer.ask("environment/ensure", {"python": "2.99"})
    right = isinstance(answer, ErrorResponse) and answer.code in _NO_PYTHON
    detail = f"Python 2.99: error -31003 or -31011 is expected, and {shown(answer)} came"
    stage.findings.judge("ensure-python", right, detail)


def _cancel(stage: Stage, peer: Peer) -> None:
    judge = stage.findings.judge
    if "cancel" not in stage.capabilities:
        stage.findings.skip("cancel is not offered", "cancel-answer", "cancel-unknown")
        return
    peer.notify("$/cancelRequest", {"id": NOBODY})
    with stage.against("cancel-unknown"):
        stage.need(peer.ask("environment/list"))
        judge("cancel-unknown", holds=True, detail="")
    request = peer.request("environment/list")
    peer.send(
        request, {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": request["id"]}}
    )
    with stage.against("cancel-answer"):
        answer = peer.answer(request["id"])
    right = isinstance(answer, Response) or answer.code == -32800
    judge("cancel-answer", right, f"a cancelled environment/list: {shown(answer)}")


def _progress(stage: Stage, peer: Peer) -> None:
    if "progress" not in stage.capabilities:
        stage.findings.skip("progress is not offered", "progress-asked", "progress-order")
        return
    entries = stage.result(peer, "environment/list") or []
    unrequested = [one for one in peer.notifications if one.method == "$/progress"]
    detail = f"no request gave a token: {shown(unrequested[0]) if unrequested else ''}"
    stage.findings.judge("progress-asked", not unrequested, detail)
    requests: list[tuple[str, dict[str, object]]] = [
        (name, {})
        for name in ("python/list", "task/list", "test/configurations")
        if name in stage.methods
    ]
    if "environment/command" in stage.methods and entries:
        requests.append(("environment/command", {"id": entries[0]["id"], "argv": ["python"]}))
    for name, params in requests:
        peer.notifications.clear()
        with stage.against("progress-order"):
            answer = peer.ask(name, {**params, "progress_token": f"of {name}"})
            peer.ask("environment/list")
        kinds = [_kind_of(one) for one in peer.notifications if one.method == "$/progress"]
        right = not kinds or (
            len(kinds) >= 2
            and (kinds[0], kinds[-1]) == ("begin", "end")
            and all(kind == "report" for kind in kinds[1:-1])
        )
        detail = f"{name}: {shown(kinds)} before {shown(answer)}"
        stage.findings.judge("progress-order", right, detail)
    if not requests:
        stage.findings.skip("no method that changes nothing takes a token", "progress-order")


def _kind_of(progress: Notification) -> object:
    value = progress.params.get("value") if isinstance(progress.params, dict) else None
    return value.get("kind") if isinstance(value, dict) else None
