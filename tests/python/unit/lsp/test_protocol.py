from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.declaring import declaration
from workflow_helper.errors import UsageError
from workflow_helper.lsp import protocol
from workflow_helper.lsp.actions import (
    EditorCommandParams,
    EditorCreateParams,
    EditorPackagesParams,
)
from workflow_helper.lsp.protocol import (
    Answer,
    ChooseWorkflowParams,
    Context,
    Interpreters,
    ResolveParams,
    SelectParams,
    UriParams,
)
from workflow_helper.model import Environment, Resolution, Step, Trouble, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = Environment(
    ".venv", ".venv", "venv", "/p/.venv", "/p/.venv/bin/python", "3.12.4", ".venv"
)


def test_parameters() -> None:
    """Each request's parameters are read field by field; what may be left out may be null."""
    assert ResolveParams.from_wire({"uris": ["a", "b"]}) == (("a", "b"),)
    assert UriParams.from_wire({"uri": "a"}, "m") == ("a",)
    assert SelectParams.from_wire({"uri": "a", "selection": "none"}) == ("a", "none")
    assert ChooseWorkflowParams.from_wire({"uri": "a", "workflow": "uv"}) == ("a", "uv")
    assert ChooseWorkflowParams.from_wire({"uri": "a", "workflow": None}) == ("a", None)
    assert EditorCreateParams.from_wire({"uri": "a"}) == ("a", None, None, None, (), (), None)
    full = {
        "uri": "a",
        "workflow": "uv",
        "name": "n",
        "python": "3.12",
        "groups": ["dev"],
        "workDoneToken": 0,
    }
    assert EditorCreateParams.from_wire(full) == ("a", "uv", "n", "3.12", ("dev",), (), 0)
    assert EditorCreateParams.from_wire({"uri": "a", "name": None, "python": None}).name is None


def test_context() -> None:
    """A client that says nothing of trust is not trusted."""
    assert Context.from_wire(None, "m") == Context()
    assert Context.from_wire({}, "m") == Context()
    assert not Context().trusted
    preference = {"workflow": "uv", "policy": "default"}
    folders = {"file:///a": "envs/dev", "file:///b": 5}
    wire = {"trusted": True, "preference": preference, "interpreters": {"folders": folders}}
    interpreters = Interpreters(None, {"file:///a": "envs/dev"})
    assert Context.from_wire(wire, "m") == Context(
        trusted=True, preference=preference, interpreters=interpreters
    )


@pytest.mark.parametrize(
    ("read", "wire", "field"),
    [
        (ResolveParams.from_wire, None, "parameters"),
        (ResolveParams.from_wire, [], "parameters"),
        (ResolveParams.from_wire, {}, "uris"),
        (ResolveParams.from_wire, {"uris": "a"}, "uris"),
        (ResolveParams.from_wire, {"uris": ["a", None]}, "uris"),
        (SelectParams.from_wire, {"uri": "a"}, "selection"),
        (ChooseWorkflowParams.from_wire, {"uri": "a", "workflow": ""}, "workflow"),
        (ChooseWorkflowParams.from_wire, {"uri": "a", "workflow": 7}, "workflow"),
        (SelectParams.from_wire, {"uri": "", "selection": "none"}, "uri"),
        (EditorCreateParams.from_wire, {"uri": "a", "name": ""}, "name"),
        (EditorCreateParams.from_wire, {"uri": "a", "python": 3.12}, "python"),
        (EditorCreateParams.from_wire, {"uri": "a", "groups": "dev"}, "groups"),
        (EditorCommandParams.from_wire, {"uri": "a", "argv": []}, "argv"),
        (lambda wire: EditorPackagesParams.from_wire(wire, "m"), {"uri": "a"}, "packages"),
        (EditorCreateParams.from_wire, {"uri": "a", "workDoneToken": True}, "workDoneToken"),
        (lambda wire: Context.from_wire(wire, "m"), {"trusted": "yes"}, "trusted"),
        (lambda wire: Context.from_wire(wire, "m"), {"preference": "uv"}, "preference"),
    ],
)
def test_wrong_parameters(read: Callable[[object], object], wire: object, field: str) -> None:
    """A wrong parameter is named."""
    with pytest.raises(UsageError, match=field):
        read(wire)


def resolution(*steps: Step) -> Resolution:
    """What was found for ``/p``, where nothing was."""
    return Resolution("/p", None, steps)


def test_answer_with_an_environment() -> None:
    """An answer has the shape that the extension mirrors."""
    matched = Step("E4", "matched", "/p/.venv is the .venv of /p")
    workflow = Workflow(declaration("venv"), "W7")
    found = Resolution("/p", ENVIRONMENT, (matched,), workflow, own=True)
    assert Answer("file:///p", found).to_wire() == {
        "uri": "file:///p",
        "root": "/p",
        "workflow": workflow.to_wire(),
        "environment": ENVIRONMENT.to_wire(),
        "provisional": False,
        "own": True,
        "summary": "/p/.venv is the .venv of /p",
        "problem": None,
        "trouble": None,
        "must_ask": False,
        "offer_create": False,
        "system": None,
    }


def test_problems_are_what_can_be_mended() -> None:
    """A broken candidate and a bad declaration are problems; what is merely not asked or activated is not."""
    found = resolution(
        Step("W4", "failed", "bad declaration"),
        Step("E2", "failed", "activated elsewhere"),
        Step("E3", "failed", "not started"),
        Step("E4", "failed", "broken"),
        Step("E4", "failed", "broken"),
    )
    assert Answer("u", found).to_wire()["problem"] == "bad declaration; broken"
    quiet = resolution(Step("E2", "failed", "activated elsewhere"), Step("E4", "passed", "none"))
    assert Answer("u", quiet).to_wire()["problem"] is None


def test_trouble_with_a_workflow_is_the_problem() -> None:
    """What a workflow server did wrong is the problem, and comes with the last that it wrote."""
    trouble = Trouble("serve.py", "the workflow server serve.py ended", "boom")
    found = resolution(Step("E4", "failed", "broken"))._replace(trouble=trouble)
    wire = Answer("u", found).to_wire()
    assert wire["problem"] == trouble.message
    assert wire["trouble"] == {
        "workflow": "serve.py",
        "message": "the workflow server serve.py ended",
        "output": "boom",
    }


@pytest.mark.parametrize(
    ("found", "offered"),
    [
        (resolution(), True),
        (resolution(Step("E2", "failed", "x"), Step("W4", "failed", "x")), True),
        (resolution(Step("E4", "failed", "x")), False),
        (resolution()._replace(declined=True), False),
        (resolution()._replace(unusable="x"), False),
        (resolution()._replace(environment=ENVIRONMENT), False),
    ],
)
def test_when_creating_is_offered(found: Resolution, *, offered: bool) -> None:
    """Creating is offered where there is nothing at all and nobody said that there should be nothing."""
    assert Answer("u", found).to_wire()["offer_create"] is offered


def test_unusable_last_line_must_be_asked_about() -> None:
    """What must not be guessed around is the problem, and the user is to be asked."""
    found = resolution(Step("E5", "failed", "y"))._replace(unusable="x")
    wire = Answer("u", found).to_wire()
    assert (wire["must_ask"], wire["problem"], wire["summary"]) == (True, "x", "x")


def test_explanation_and_list() -> None:
    """The trail and the list have the shapes of the command line."""
    step = Step("E4", "passed", "x")
    assert protocol.explanation_to_wire(resolution(step)) == {
        "root": "/p",
        "workflow": None,
        "environment": None,
        "provisional": False,
        "trail": [step.to_wire()],
    }
    assert protocol.environments_to_wire("/p", [ENVIRONMENT], []) == {
        "root": "/p",
        "environments": [ENVIRONMENT.to_wire()],
        "pythons": [],
    }
