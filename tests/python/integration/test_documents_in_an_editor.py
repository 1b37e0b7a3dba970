"""What the language server says of the files that declare workflows and list environments, as they are in the editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.files import break_venv, write
from support.language_client import ResponseError, uri
from support.machine import make_venv
from workflow_helper.discovery.tools import BUNDLED

if TYPE_CHECKING:
    from support.language_client import LanguageClient
    from support.machine import Machine

ERROR, WARNING = 1, 2
HERE = "|"


class Editor:
    """A client with one document open, whose text says where the cursor is."""

    def __init__(self, client: LanguageClient, file: Path, text: str) -> None:
        self.client = client
        self.uri = uri(file)
        self.text, self.at = text, {"line": 0, "character": 0}
        if HERE in text:
            before, _, after = text.partition(HERE)
            self.text = before + after
            line = before.rpartition("\n")[2]
            character = len(line.encode("utf-16-le")) // 2
            self.at = {"line": before.count("\n"), "character": character}
        document = {"uri": self.uri, "languageId": "toml", "version": 1, "text": self.text}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def problems(self) -> list[dict[str, Any]]:
        """The problems that are told next."""
        found: list[dict[str, Any]] = self.client.wait_for(
            "textDocument/publishDiagnostics", lambda params: params["uri"] == self.uri
        )["diagnostics"]
        return found

    def offered(self) -> dict[str, str]:
        """What can be written at the cursor: by its label, the whole text after it was taken."""
        params = {"textDocument": {"uri": self.uri}, "position": self.at}
        items = self.client.request("textDocument/completion", params)["items"]
        return {item["label"]: self.taken(item["textEdit"]) for item in items}

    def taken(self, edit: dict[str, Any]) -> str:
        """The text with an edit of it."""
        begin, end = (self.offset(edit["range"][side]) for side in ("start", "end"))
        return self.text[:begin] + str(edit["newText"]) + self.text[end:]

    def offset(self, position: dict[str, int]) -> int:
        """Where a position is, in a text of plain characters."""
        lines = self.text.split("\n")
        return sum(len(line) + 1 for line in lines[: position["line"]]) + position["character"]

    def marked(self, problem: dict[str, Any]) -> str:
        """What a problem underlines."""
        begin, end = (self.offset(problem["range"][side]) for side in ("start", "end"))
        return self.text[begin:end]

    def hovered(self) -> str | None:
        """What is told of the place of the cursor."""
        params = {"textDocument": {"uri": self.uri}, "position": self.at}
        found = self.client.request("textDocument/hover", params)
        return None if found is None else str(found["contents"]["value"])


@pytest.fixture
def opened(client: LanguageClient, machine: Machine) -> LanguageClient:
    """A server for the machine's workspace, which is not trusted."""
    client.initialize([machine.workspace])
    return client


def own_file(machine: Machine) -> Path:
    """The user's own file, which need not be there."""
    return Path(machine.host.config) / "pyworkflow.toml"


@pytest.mark.parametrize(
    ("name", "text", "marked", "says"),
    [
        ("pyproject.toml", '[workflow]\nwsp = "uw"\n', '"uw"', "names no bundled workflow"),
        ("pyproject.toml", "[workflow]\n", "workflow", "has no key 'wsp'"),
        ("pyproject.toml", "a = 1\nworkflow = 5\n", "5", "should be a table"),
        (
            "pyworkflow.toml",
            '[workflow]\nwsp = {script = "s.py", scrpt = 1}\n',
            "1",
            "is not a key of a workflow",
        ),
        (
            "pyworkflow.toml",
            '[workflow]\nwsp = {cmd = ["a", ""]}\n',
            '""',
            "should be a non-empty string",
        ),
        (
            "pyworkflow.toml",
            '[workflow]\nwsp = {cmd = ["a"],\n',
            ",",
            "is not valid TOML",
        ),
        (
            "pyworkflow.toml",
            '[[workflow.folder]]\npath = "a"\nenvironment = "b"\n[[workflow.folder]]\npath = "../x"\nenvironment = "c"\n',
            '"../x"',
            "should be relative and lie in",
        ),
    ],
)
def test_a_mistake_is_underlined_where_it_stands(
    opened: LanguageClient, machine: Machine, name: str, text: str, marked: str, says: str
) -> None:
    """The reader's own sentence, without the file's name, at the value or key that it is about, before anything is saved."""
    editor = Editor(opened, machine.workspace / name, text)
    [problem] = editor.problems()
    assert says in problem["message"]
    assert str(machine.workspace / name) not in problem["message"]
    assert editor.marked(problem) == marked
    assert (problem["severity"], problem["source"]) == (ERROR, "Python Workflow")


def test_each_mistake_of_the_user_s_own_file_is_told(
    opened: LanguageClient, machine: Machine
) -> None:
    """Its keys are others than a project's, and one mistake hides no other."""
    text = '[workflow]\npolicy = "no"\nwsp = "uv"\nfolders = 1\n[[folder]]\npath = "x"\nworkflow = "project"\n'
    editor = Editor(opened, own_file(machine), text)
    problems = editor.problems()
    assert sorted(editor.marked(problem) for problem in problems) == ['"no"', '"x"', "1"]


def test_what_becomes_of_a_document_is_what_counts(
    opened: LanguageClient, machine: Machine
) -> None:
    """Changes of a part and of the whole are followed, whatever is on the disk, and a closed document has no problems."""
    file = write(machine.workspace / "pyproject.toml", "[broken\n")
    editor = Editor(opened, file, '# 😀\n[workflow]\nwsp = "😀"\n')
    assert len(editor.problems()) == 1
    span = {"start": {"line": 2, "character": 7}, "end": {"line": 2, "character": 9}}
    change = {
        "textDocument": {"uri": editor.uri, "version": 2},
        "contentChanges": [{"range": span, "text": "uv"}],
    }
    opened.notify("textDocument/didChange", change)
    assert editor.problems() == []
    change["contentChanges"] = [{"text": "[workflow"}]
    opened.notify("textDocument/didChange", change)
    [problem] = editor.problems()
    assert "not valid TOML" in problem["message"]
    assert problem["range"]["start"]["line"] == 0
    opened.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri}})
    assert editor.problems() == []


def test_a_script_that_is_not_there_is_a_warning_until_it_is(
    opened: LanguageClient, machine: Machine
) -> None:
    """What would keep the server from being started is told, and looked at again when files change."""
    text = '[workflow]\nwsp = {script = "serve.py"}\n'
    editor = Editor(opened, machine.workspace / "pyworkflow.toml", text)
    [problem] = editor.problems()
    assert (problem["severity"], editor.marked(problem)) == (WARNING, '"serve.py"')
    assert "does not exist" in problem["message"]
    write(machine.workspace / "serve.py", "")
    event = {"uri": uri(machine.workspace / "serve.py"), "type": 1}
    opened.notify("workspace/didChangeWatchedFiles", {"changes": [event]})
    assert editor.problems() == []


def test_lines_of_python_envs_that_name_nothing_usable(
    opened: LanguageClient, machine: Machine
) -> None:
    """The last line is the default, so it is an error there; of others it is a warning, and what works is not underlined."""
    make_venv(machine.workspace / "good")
    make_venv(machine.workspace / "broken")
    break_venv(machine.workspace / "broken")
    editor = Editor(opened, machine.workspace / ".python-envs", "gone\ngood\nbroken\n")
    problems = editor.problems()
    assert [(editor.marked(one), one["severity"]) for one in problems] == [
        ("gone", WARNING),
        ("broken", ERROR),
    ]
    assert "does not exist" in problems[0]["message"]
    assert "This line is the default" in problems[1]["message"]
    assert "This line" not in problems[0]["message"]


@pytest.mark.parametrize(
    ("name", "text", "label", "taken"),
    [
        ("pyproject.toml", "[wor|", "workflow", "[workflow]"),
        ("pyproject.toml", "[workflow]\n|", "wsp", "[workflow]\nwsp = "),
        ("pyproject.toml", '[workflow]\nwsp = "|"\n', "uv", '[workflow]\nwsp = "uv"\n'),
        ("pyproject.toml", '[workflow]\nwsp = "h|', "hatch", '[workflow]\nwsp = "hatch"'),
        ("pyproject.toml", "[workflow]\nwsp = |", '"uv"', '[workflow]\nwsp = "uv"'),
        (
            "pyproject.toml",
            "[workflow]\nwsp = |",
            "{script = ...}",
            '[workflow]\nwsp = {script = ""}',
        ),
        (
            "pyproject.toml",
            '[a]\nb = [\n"x"\n[workflow]\nwsp = {|}',
            "cmd",
            '[a]\nb = [\n"x"\n[workflow]\nwsp = {cmd = }',
        ),
        (
            "pyproject.toml",
            '[workflow]\nwsp = {script = "./|"}',
            "./serve.py",
            '[workflow]\nwsp = {script = "./serve.py"}',
        ),
        (
            "pyproject.toml",
            '[workflow]\nwsp.script = "tools/|"',
            "tools/more.py",
            '[workflow]\nwsp.script = "tools/more.py"',
        ),
        (
            "pyworkflow.toml",
            '[[workflow.folder]]\npath = "t|"',
            "tools/",
            '[[workflow.folder]]\npath = "tools/"',
        ),
        ("pyworkflow.toml", "|", "[workflow]", '[workflow]\nwsp = "'),
        (
            "pyworkflow.toml",
            "[[workflow.|",
            "folder",
            "[[workflow.folder]]",
        ),
    ],
)
def test_what_can_be_written_is_offered(
    opened: LanguageClient, machine: Machine, name: str, text: str, label: str, taken: str
) -> None:
    """Tables, keys, bundled names and the project's files, also where the text is no TOML yet."""
    write(machine.workspace / "serve.py", "")
    write(machine.workspace / "tools" / "more.py", "")
    write(machine.workspace / "tools" / "readme.txt", "")
    assert Editor(opened, machine.workspace / name, text).offered().get(label) == taken


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ('[workflow]\nwsp = {script = "a", |}', ["files"]),
        ('[workflow]\nwsp = {module = "a", |}', ["requires"]),
        ('[workflow]\nwsp = "uv"\n|', []),
        ('[tool.x]\nwsp = "|"', []),
        ('[workflow]\nwsp = {script = "../|"}', []),
        ('[workflow]\nwsp = {script = "//host/|"}', []),
        ('[workflow]\nwsp = "uv" |', []),
        ('[workflow]\nwsp = "uv" # "|', []),
    ],
)
def test_nothing_is_offered_that_would_be_wrong(
    opened: LanguageClient, machine: Machine, text: str, offered: list[str]
) -> None:
    """What stands there already, what does not go together, other tables, and folders beyond the project."""
    editor = Editor(opened, machine.workspace / "pyproject.toml", text)
    assert list(editor.offered()) == offered


def test_a_bundled_workflow_is_offered_with_a_line_of_its_own(
    opened: LanguageClient, machine: Machine
) -> None:
    """All of them, by name."""
    editor = Editor(opened, machine.workspace / "pyproject.toml", '[workflow]\nwsp = "|"')
    params = {"textDocument": {"uri": editor.uri}, "position": editor.at}
    items = opened.request("textDocument/completion", params)["items"]
    assert [item["label"] for item in items] == sorted(BUNDLED)
    assert all(item["detail"].endswith(".") for item in items)


def test_the_user_s_own_file_has_keys_of_its_own(opened: LanguageClient, machine: Machine) -> None:
    """Its policy and its rules are completed by what they may be."""
    file = own_file(machine)
    assert list(Editor(opened, file, '[workflow]\npolicy = "|"').offered()) == [
        "default",
        "override",
    ]
    assert "fallback" in Editor(opened, file, '[workflow]\nwsp = "uv"\n|').offered()
    assert list(Editor(opened, file, "[[folder]]\nworkflow = |").offered()) == ['"project"']


def test_environments_that_are_there_are_offered_for_python_envs(
    opened: LanguageClient, machine: Machine
) -> None:
    """Those right in the folder and one below; what a line names already is not offered again."""
    make_venv(machine.workspace / "one")
    make_venv(machine.workspace / "envs" / "two")
    make_venv(machine.workspace / "three")
    editor = Editor(opened, machine.workspace / ".python-envs", "one\n|\n")
    offered = editor.offered()
    assert "one" not in offered
    assert offered["three"] == "one\nthree\n"
    assert offered["envs/two"] == "one\nenvs/two\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[workflow]\nw|sp = "uv"', "name of a bundled one"),
        ('[workflow]\nwsp = "u|v"', "uv.lock"),
        ('[workf|low]\nwsp = "uv"', "The workflow of this project"),
        ('[workflow]\nwsp = {cmd = ["x|"]}', "without a shell"),
        ('[tool.x]\nw|sp = "uv"', None),
    ],
)
def test_a_key_is_explained(
    opened: LanguageClient, machine: Machine, text: str, says: str | None
) -> None:
    """A paragraph for a key, a line for a bundled name, nothing for other tables."""
    hover = Editor(opened, machine.workspace / "pyproject.toml", text).hovered()
    assert (says is None) == (hover is None)
    assert (says or "") in (hover or "")


def test_a_line_of_python_envs_says_whether_it_is_the_default(
    opened: LanguageClient, machine: Machine
) -> None:
    """The last line is, and each tells its environment."""
    make_venv(machine.workspace / "one")
    file = machine.workspace / ".python-envs"
    assert "The default environment" in (Editor(opened, file, "gone\no|ne\n").hovered() or "")
    other = Editor(opened, file, "o|ne\ngone\n").hovered() or ""
    assert other.startswith("An environment of this folder")
    assert str(machine.workspace / "one") in other


def test_other_documents_are_none_of_our_business(opened: LanguageClient, machine: Machine) -> None:
    """A client may send all it has; nothing is said of others, and a request that is off is refused."""
    editor = Editor(opened, machine.workspace / "a.py", "x = 1\n|")
    params = {"textDocument": {"uri": editor.uri}, "position": editor.at}
    assert opened.request("textDocument/completion", params) is None
    assert editor.hovered() is None
    untitled = {"uri": "untitled:pyproject.toml", "version": 1, "text": "[", "languageId": "toml"}
    opened.notify("textDocument/didOpen", {"textDocument": untitled})
    with pytest.raises(ResponseError, match="textDocument must be an object"):
        opened.request("textDocument/hover", {"textDocument": 5})
    assert opened.notifications.empty()
