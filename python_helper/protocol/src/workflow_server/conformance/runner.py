"""Run the conversations, each with its own server process."""

from __future__ import annotations

from contextlib import contextmanager

from workflow_server.conformance.client import Abort, Peer, shown
from workflow_server.jsonrpc.messages import ErrorResponse, Response
from workflow_server.methods import CLIENT_CAPABILITIES, METHODS, PROTOCOL_VERSION
from workflow_server.results import RESULTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from workflow_server.conformance.client import Answer, CheckTransport
    from workflow_server.conformance.report import Findings

#: Nobody's environment, task or method.
NOBODY = "no-such-thing-5a1c"


class Stage:
    """The server program under check, and its known properties."""

    def __init__(
        self, start: Callable[[], CheckTransport], findings: Findings, *, root: str, timeout: float
    ) -> None:
        self._start = start
        self.findings = findings
        self.root = root
        self.timeout = timeout
        #: The findings of the first conversation.
        self.methods: frozenset[str] = frozenset()
        self.capabilities: frozenset[str] = frozenset()
        self.server_info: dict[str, str] | None = None
        self.profile: str | None = None

    @contextmanager
    def peer(self, *, announced: bool = True) -> Iterator[Peer]:
        """Start a new server process, which is always ended afterwards."""
        transport = self._start()
        try:
            yield Peer(transport, self.findings, self.timeout, announced=announced)
        finally:
            transport.end(0)

    @contextmanager
    def session(self, *, announced: bool = True) -> Iterator[Peer]:
        """Start and initialize a new server process."""
        with self.peer(announced=announced) as peer:
            self.need(peer.ask("initialize", self.greeting(announced=announced)))
            yield peer

    def greeting(self, *, announced: bool = True) -> dict[str, Any]:
        """Return ``initialize``'s params, of an extended client or of a base one."""
        base = {"client_name": "wsp check", "client_protocol_version": PROTOCOL_VERSION}
        if not announced:
            return base
        return base | {
            "project_root": self.root,
            "project_trusted": True,
            "client_capabilities": dict.fromkeys(CLIENT_CAPABILITIES, True),
        }

    # What many conversations do.

    def need(self, answer: Answer) -> Any:  # noqa: ANN401
        """Return the result; raises :class:`Abort` for an error."""
        if isinstance(answer, ErrorResponse):
            raise Abort(f"an error where a result is needed: {shown(answer)}")
        return answer.result

    def refused(
        self, clause: str, peer: Peer, code: int, method: str, params: object = None
    ) -> Answer:
        """Check that a request is answered with error ``code``."""
        with self.against(clause):
            answer = peer.ask(method, params)
        return self.judge_refused(clause, answer, code, f"{method} {shown(params or {})}")

    def judge_refused(self, clause: str, answer: Answer, code: int, request: str) -> Answer:
        """Check that ``answer`` is error ``code``."""
        right = isinstance(answer, ErrorResponse) and answer.code == code
        detail = f"{request}: error {code} is expected, and {shown(answer)} came"
        self.findings.judge(clause, right, detail)
        return answer

    def result(self, peer: Peer, method: str, params: object = None) -> Any:  # noqa: ANN401
        """Return the result of a request after checking its shape; ``None`` without a valid one."""
        answer = peer.ask(method, params)
        return self.judge_result(method, answer)

    def judge_result(self, method: str, answer: Answer, clause: str = "message-result") -> Any:  # noqa: ANN401
        """Return the result in ``answer`` after checking its shape; ``None`` for an error or another shape."""
        if not isinstance(answer, Response):
            return None
        found = [one.sentence for one in RESULTS[method](answer.result, "")]
        detail = f"{method}: {'; '.join(found[:3])}: {shown(answer)}"
        return answer.result if self.findings.judge(clause, not found, detail) else None

    @contextmanager
    def against(self, clause: str) -> Iterator[None]:
        """Count an abort of the conversation as a breach of ``clause``."""
        try:
            yield
        except Abort as abort:
            if not abort.judged:
                abort.judged = True
                self.findings.judge(clause, holds=False, detail=str(abort))
            raise

    def bound(self, *, taking: str) -> list[str]:
        """Return the methods of the specification that are bound and take the member ``taking``."""
        return [
            name
            for name, method in METHODS.items()
            if name in self.methods
            and any(one.name == taking and one.required for one in method.params)
        ]
