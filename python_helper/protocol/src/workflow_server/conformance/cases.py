"""The conversations of a check, each with a new server process."""

from __future__ import annotations

import time

from workflow_server.conformance.capability_cases import extended
from workflow_server.conformance.client import Abort, framed, shown
from workflow_server.conformance.framing_cases import (
    any_framing,
    batches,
    not_a_request,
    not_json,
    too_large,
)
from workflow_server.conformance.runner import NOBODY
from workflow_server.jsonrpc.messages import ErrorResponse, Response
from workflow_server.methods import METHODS, PROTOCOL_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_server.conformance.client import Peer
    from workflow_server.conformance.runner import Stage

_LIFECYCLE = ("initialize", "shutdown")
_NOTIFICATIONS = ("exit", "$/cancelRequest")
_RESERVED = ("execution/", "test/", "remote/")


def greeting(stage: Stage) -> None:
    """Check ``initialize`` and its result."""
    judge = stage.findings.judge
    with stage.peer() as peer:
        params = {**stage.greeting(), "of_a_later_version": {"x": [1]}}
        try:
            answer = peer.ask("initialize", params)
        except Abort as abort:
            _never_answered(stage, peer, abort)
            raise
        judge("transport-stdio", holds=True, detail="")
        judge("transport-flush", holds=True, detail="")
        if isinstance(answer, ErrorResponse):
            judge("initialize-unknown", holds=False, detail=shown(answer))
            with stage.peer() as another:
                answer = another.ask("initialize", stage.greeting())
        else:
            judge("initialize-unknown", holds=True, detail="")
        with stage.against("initialize-result"):
            wire = stage.need(answer)
        if stage.judge_result("initialize", answer, "initialize-result") is None:
            raise Abort("without initialize's result nothing else can be tried")
        both = ("server_info" in wire) == ("capabilities" in wire)
        judge(
            "initialize-result",
            both,
            f"server_info or capabilities without the other: {shown(answer)}",
        )
        version = wire["protocol_version"]
        judge("profile-version", version == PROTOCOL_VERSION, f"protocol_version is {version!r}")
        _offers(stage, wire)


def _never_answered(stage: Stage, peer: Peer, abort: Abort) -> None:
    """Distinguish a buffered answer from none at all."""
    judge = stage.findings.judge
    judge("transport-stdio", holds=False, detail=str(abort))
    judge("initialize-result", holds=False, detail=str(abort))
    peer.transport.close_input()
    peer.gone()
    if peer.has_answer(1):
        judge(
            "transport-flush", holds=False, detail="the answer to initialize came at the end only"
        )


def _offers(stage: Stage, wire: dict[str, object]) -> None:
    judge = stage.findings.judge
    methods, capabilities = wire["methods"], wire.get("capabilities", {})
    assert isinstance(methods, list)  # noqa: S101  (its shape was judged)
    assert isinstance(capabilities, dict)  # noqa: S101
    stage.methods = frozenset(methods)
    stage.capabilities = frozenset(
        name for name, offer in capabilities.items() if offer is True or isinstance(offer, dict)
    )
    stage.profile = "extended" if "capabilities" in wire else "base"
    info = wire.get("server_info")
    stage.server_info = info if isinstance(info, dict) else None
    needed = (*_LIFECYCLE, "environment/list")
    missing = [name for name in needed if name not in stage.methods]
    judge("initialize-methods", not missing, f"methods lacks {', '.join(missing)}")
    bound = "environment/list" in stage.methods
    judge("environment-bound", bound, "methods lacks environment/list")
    missing = [
        name
        for name, method in METHODS.items()
        if method.capability in stage.capabilities and name not in stage.methods
    ]
    judge("profile-methods", not missing, f"offered, and not in methods: {', '.join(missing)}")
    reserved = [name for name in methods if name.startswith(_RESERVED) and name not in METHODS]
    judge("reserved-names", not reserved, f"methods has {', '.join(reserved)}")
    known = {*METHODS, *_LIFECYCLE, *_NOTIFICATIONS}
    own = [n for n in methods if n not in known and not n.startswith(("x-", *_RESERVED))]
    judge("own-names", not own, f"methods has {', '.join(own)}")


def base_client(stage: Stage) -> None:
    """Check that a client of the base profile sees nothing of the extended one."""
    judge = stage.findings.judge
    with stage.peer(announced=False) as peer, stage.against("profile-announced"):
        answer = peer.ask("initialize", stage.greeting(announced=False))
        result = stage.judge_result("initialize", answer) or {}
        more = sorted(set(result) - {"methods", "protocol_version"})
        judge("profile-announced", not more, f"initialize's result has {', '.join(more)}")
        entries = stage.result(peer, "environment/list") or []
        known = {"id", "name", "python_version"}
        more = sorted({name for one in entries for name in one} - known)
        judge("profile-announced", not more, f"environment/list's entries have {', '.join(more)}")
        judge("profile-unasked", holds=True, detail="")


def before_initialize(stage: Stage) -> None:
    """Check that requests before ``initialize`` are refused, and do no harm."""
    judge = stage.findings.judge
    with stage.peer() as peer:
        for method in ("environment/list", "shutdown", NOBODY):
            stage.refused("lifecycle-first", peer, -32002, method)
        peer.notify(NOBODY)
        stage.refused(
            "initialize-invalid", peer, -32602, "initialize", {"client_protocol_version": "1"}
        )
        with stage.against("lifecycle-again"):
            answer = peer.ask("initialize", stage.greeting())
            right = isinstance(answer, Response)
            judge("lifecycle-again", right, f"initialize after one that failed: {shown(answer)}")
            if right:
                stage.refused("lifecycle-again", peer, -32600, "initialize", stage.greeting())
                answer = peer.ask("environment/list")
                detail = f"environment/list after a second initialize: {shown(answer)}"
                judge("lifecycle-again", isinstance(answer, Response), detail)


def environments(stage: Stage) -> None:
    """Check the list of environments, and their details."""
    judge = stage.findings.judge
    with stage.session() as peer:
        with stage.against("environment-list-shape"):
            answer = peer.ask("environment/list")
        entries = stage.judge_result("environment/list", answer, "environment-list-shape")
        if entries is None:
            judge("environment-list-shape", isinstance(answer, Response), shown(answer))
            return
        with stage.against("environment-list-shape"):
            again = peer.ask("environment/list", {})
        detail = f"with empty params: {shown(again)}"
        judge("environment-list-shape", isinstance(again, Response), detail)
        ids = [one["id"] for one in entries]
        judge("environment-list-order", ids == sorted(set(ids)), f"the ids are {shown(ids)}")
        defaults = [one["id"] for one in entries if one.get("default")]
        if "environment.default" in stage.capabilities:
            judge("environment-default", len(defaults) <= 1, f"defaults: {', '.join(defaults)}")
        else:
            stage.findings.skip("environment.default is not offered", "environment-default")
        _details(stage, peer, entries)
        _execution(stage, peer, ids)
        _nobodys(stage, peer)


def _details(stage: Stage, peer: Peer, entries: list[dict[str, object]]) -> None:
    if "environment/get" not in stage.methods or not entries:
        why = "environment/get is not bound" if entries else "there is no environment"
        stage.findings.skip(why, "environment-get-same")
        return
    for entry in entries[:3]:
        with stage.against("environment-get-same"):
            answer = peer.ask("environment/get", {"id": entry["id"]})
        details = stage.judge_result("environment/get", answer)
        same = details is not None and all(
            details[name] == entry[name] for name in ("id", "name", "python_version")
        )
        detail = f"the list has {shown(entry)}, environment/get says {shown(answer)}"
        stage.findings.judge("environment-get-same", same, detail)


_PROGRAM = "import sys; sys.stdout.write(sys.argv[1] + sys.stdin.read()); sys.exit(3)"
_ARGUMENT = "a 'b' $HOME %PATH% * ;"


def _execution(stage: Stage, peer: Peer, ids: list[str]) -> None:
    clauses = ("environment-execute-argv", "environment-execute-status")
    if "environment/execute" not in stage.methods or not ids:
        why = "environment/execute is not bound" if ids else "there is no environment"
        stage.findings.skip(why, *clauses)
        return
    params = {"id": ids[0], "argv": ["python", "-c", _PROGRAM, _ARGUMENT]}
    with stage.against("environment-execute-argv"):
        answer = peer.ask("environment/execute", params)
    result = stage.judge_result("environment/execute", answer)
    if result is None and isinstance(answer, ErrorResponse) and answer.code == -31004:
        stage.findings.skip(f"no program could be run: {shown(answer)}", *clauses)
        return
    detail = f"a program that ends with status 3: {shown(answer)}"
    stage.findings.judge(clauses[1], result is not None and result["exit_code"] == 3, detail)
    if result is not None:
        detail = f"a program that prints its argument {_ARGUMENT!r}: {shown(answer)}"
        stage.findings.judge(clauses[0], result["stdout"] == _ARGUMENT, detail)


def _nobodys(stage: Stage, peer: Peer) -> None:
    """Check each method that takes an id with an unknown one."""
    more = {"argv": ["python"], "packages": ["nothing"]}
    bound = stage.bound(taking="id")
    for name in bound:
        required = {one.name for one in METHODS[name].params if one.required}
        params = {"id": NOBODY} | {key: value for key, value in more.items() if key in required}
        stage.refused("environment-get-unknown", peer, -31001, name, params)
    if not bound:
        stage.findings.skip("no method that takes an id is bound", "environment-get-unknown")


def messages(stage: Stage) -> None:
    """Check ids, missing methods, notifications, and wrong params."""
    judge = stage.findings.judge
    with stage.session() as peer:
        for number in ("a", "1", 1000001, 0, -7, "", "\u00fc", None, 2**53 - 1):
            with stage.against("message-id"):
                peer.ask("environment/list", id=number)
        stage.refused("message-unknown-method", peer, -32601, NOBODY)
        for name in METHODS:
            if name not in stage.methods:
                stage.refused("initialize-methods", peer, -32601, name, {})
        peer.notify(NOBODY, {"x": 1})
        with stage.against("message-notification"):
            peer.ask("environment/list")
            judge("message-notification", holds=True, detail="")
        _wrong_params(stage, peer)
        for name in sorted(stage.methods & set(METHODS)):
            _is_there(stage, peer, name)


def _is_there(stage: Stage, peer: Peer, name: str) -> None:
    """Check that a named method is bound: invalid params do not get "method not found"."""
    if name in _LIFECYCLE or not any(one.required for one in METHODS[name].params):
        return
    with stage.against("initialize-methods"):
        answer = peer.ask(name, {})
    bound = not (isinstance(answer, ErrorResponse) and answer.code == -32601)
    stage.findings.judge("initialize-methods", bound, f"{name} is named, and not bound")


def _wrong_params(stage: Stage, peer: Peer) -> None:
    bound = stage.bound(taking="id")
    bound += ["environment/create"] if "environment/create" in stage.methods else []
    for name in bound:
        stage.refused("environment-valid", peer, -32602, name, {})
        wrong = {one.name: {"no": ["such"]} for one in METHODS[name].params if one.required}
        answer = stage.refused("environment-valid", peer, -32602, name, wrong)
        if len(wrong) > 1 and isinstance(answer, ErrorResponse):
            data = answer.data if isinstance(answer.data, dict) else {}
            violations = data.get("violations")
            every = isinstance(violations, list) and len(violations) >= len(wrong)
            detail = f"{len(wrong)} members are wrong: {shown(answer)}"
            stage.findings.judge("error-violations", every, detail)
    if not bound:
        stage.findings.skip(
            "no method that takes params is bound", "environment-valid", "error-violations"
        )
    nothing: tuple[object, ...] = ([], None)
    for empty in nothing:
        message = {**peer.request("environment/list"), "params": empty}
        with stage.against("message-no-params"):
            answer = peer.ask_raw(message, framed(message))
        detail = f"with params {shown(empty)}: {shown(answer)}"
        stage.findings.judge("message-no-params", isinstance(answer, Response), detail)
    with stage.against("environment-unknown"):
        answer = peer.ask("environment/list", {NOBODY: 1})
    detail = f"with an unknown member: {shown(answer)}"
    stage.findings.judge("environment-unknown", isinstance(answer, Response), detail)


def shutting_down(stage: Stage) -> None:
    """Check ``shutdown`` and ``exit``, with the input left open."""
    judge = stage.findings.judge
    with stage.session() as peer:
        with stage.against("shutdown-result"):
            answer = peer.ask("shutdown")
        right = isinstance(answer, Response) and answer.result is None
        judge("shutdown-result", right, f"null is expected, and {shown(answer)} came")
        for method in ("environment/list", "initialize", "shutdown", NOBODY):
            stage.refused("lifecycle-after-shutdown", peer, -32600, method)
        exits = {"jsonrpc": "2.0", "method": "exit"}
        peer.send(exits, peer.request("environment/list"))
        _exits(stage, peer, 0, "exit after shutdown")


def exiting(stage: Stage) -> None:
    """Check ``exit`` without a ``shutdown``."""
    with stage.session() as peer:
        peer.notify("exit")
        _exits(stage, peer, 1, "exit without shutdown")
    with stage.peer() as peer:
        peer.notify("exit")
        _exits(stage, peer, 1, "exit before initialize")


def _exits(stage: Stage, peer: Peer, status: int, when: str) -> None:
    detail = f"{when}: the process still runs {stage.timeout:g} seconds later"
    if stage.findings.judge("exit-at-once", peer.gone(), detail):
        ended = peer.status()
        detail = f"{when}: status {status} is expected, and it ended with {ended}"
        stage.findings.judge("exit-status", ended == status, detail)


def end_of_input(stage: Stage) -> None:
    """Check the end of input, early and with work in flight."""
    judge = stage.findings.judge
    clause = "lifecycle-end-of-input"
    with stage.peer() as peer:
        first, second = (
            peer.request("initialize", stage.greeting()),
            peer.request("environment/list"),
        )
        peer.send(first, second)
        peer.transport.close_input()
        if judge(
            clause, peer.gone(), f"it runs {stage.timeout:g} seconds after the end of its input"
        ):
            judge(clause, peer.has_answer(second["id"]), "what was in flight was not answered")
            ended = peer.status()
            judge(clause, ended == 0, f"status 0 is expected, and it ended with {ended}")
    with stage.peer() as peer:
        peer.transport.close_input()
        gone = peer.gone()
        judge(
            clause,
            gone and peer.status() == 0,
            "without any message sent, it did not end with status 0",
        )


def pipelining(stage: Stage) -> None:
    """Check a whole session in one write, and a request byte by byte."""
    judge = stage.findings.judge
    with stage.peer() as peer, stage.against("message-pipelining"):
        wire = [
            peer.request("initialize", stage.greeting()),
            *(peer.request("environment/list") for _ in range(5)),
            peer.request("shutdown"),
        ]
        peer.send(*wire)
        answers = [peer.answer(one["id"]) for one in wire]
        wrong = [one for one in answers if isinstance(one, ErrorResponse)]
        judge("message-pipelining", not wrong, f"in one write: {shown(wrong[0]) if wrong else ''}")
    # A server that is initialized reads: while it starts, bytes gather.
    with stage.against("framing-server"), stage.session() as peer:
        message = peer.request("shutdown")
        peer.send(message, data=b"")
        for byte in framed(message):
            peer.transport.write(bytes((byte,)))
            time.sleep(0.0003)  # so that each is read by itself
        answer = peer.answer(message["id"])
        detail = f"a shutdown that came byte by byte: {shown(answer)}"
        judge("framing-server", isinstance(answer, Response), detail)


def wrong_greetings(stage: Stage) -> None:
    """Check ``initialize`` with members of the wrong type or length."""
    clause = "initialize-wrong"
    for member in ({"client_name": 7}, {"client_name": ""}, {"client_name": "x" * 256}):
        with stage.peer() as peer:
            stage.refused(clause, peer, -32602, "initialize", {**stage.greeting(), **member})


#: In the order in which they are tried; the first must succeed for the others to make sense.
SCENES = (
    greeting,
    before_initialize,
    environments,
    messages,
    pipelining,
    shutting_down,
    exiting,
    end_of_input,
    base_client,
    extended,
    wrong_greetings,
    any_framing,
    not_json,
    not_a_request,
    batches,
    too_large,
)
