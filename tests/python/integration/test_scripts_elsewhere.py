"""Scripts at a URL and on standard input: run once the user agreed to what they are."""

from __future__ import annotations

import contextlib
import os
import threading
import urllib.error
import urllib.request
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.command import WSP, assert_error
from support.command import wsp as started_wsp
from support.files import write
from support.forked_command import wsp
from support.launcher import py
from support.launching import put_uv_on_path
from support.machine import Machine
from support.needs import need
from support.terminal import Terminal
from support.tree import supported_pythons
from workflow_helper.system import http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Finished
    from typing_extensions import override
else:
    from workflow_server.namedtuple import override

RUN = ("script", "run")
#: Tells what it was given, and where it runs.
TELLS = "# /// script\n# dependencies = []\n# ///\nimport sys\nprint('first', sys.argv[1:], sys.prefix)\n"
OTHER = TELLS.replace("first", "other")


class Answer(NamedTuple):
    """What the server has at a path."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Web(NamedTuple):
    """A server on this machine, and what it has."""

    url: str
    has: dict[str, Answer]
    #: What it was opened with.
    opened: list[str]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the newest Python first, and uv."""
    need("POSIX")  # its Python is a link
    made = Machine.at(tmp_path)
    folder = made.home / "newest"
    folder.mkdir()
    (folder / "python3").symlink_to(supported_pythons()[0])
    made.environ["PATH"] = f"{folder}:{made.environ['PATH']}"
    put_uv_on_path(made)
    return made


@pytest.fixture
def web() -> Iterator[Web]:
    """A real server of HTTP."""
    has: dict[str, Answer] = {}
    opened: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            opened.extend(self.headers.get_all("Authorization", []))
            answer = has.get(self.path, Answer(status=404))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        @override
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Web(f"http://127.0.0.1:{server.server_port}", has, opened)
        finally:
            server.shutdown()
            thread.join()


def copies(machine: Machine) -> list[Path]:
    """The copies that are kept."""
    return [path for path in Path(machine.host.cache, "scripts").rglob("*") if path.is_file()]


def piped(machine: Machine, text: str, *words: str) -> Finished:
    """Run what is on standard input with ``wsp``, which nobody watches."""
    file = write(machine.home / "piped.py", text)
    through = ("sh", "-c", f'exec "$@" < {file}', "sh")
    return started_wsp(machine, *RUN, *words, through=through)


def assert_refused(done: Finished) -> None:
    """It was not run, for lack of a yes."""
    assert (done.exit_code, b"there is no terminal to confirm it in" in done.stderr) == (4, True), (
        done.text
    )


def test_script_at_a_url_is_run_once_it_is_agreed_to(machine: Machine, web: Web) -> None:
    """--yes agrees; the same content needs no further yes, another does, and all words behind the URL are the script's."""
    web.has["/a/tool.py?x=1"] = Answer(TELLS.encode())
    url = f"{web.url}/a/tool.py?x=1"
    refused = wsp(machine, *RUN, url)
    assert_refused(refused)
    assert "--yes" in refused.text
    assert copies(machine) == []

    first = wsp(machine, *RUN, "--yes", url, "--flag", "word")
    assert first.exit_code == 0, first.text
    assert first.stdout.startswith(b"first ['--flag', 'word'] " + os.fsencode(machine.host.cache))
    again = wsp(machine, *RUN, url, "--flag", "word")
    assert (again.exit_code, again.stdout, again.stderr) == (0, first.stdout, b"")

    web.has["/a/tool.py?x=1"] = Answer(OTHER.encode())
    assert_refused(wsp(machine, *RUN, url))
    assert wsp(machine, *RUN, "--yes", url).stdout.startswith(b"other [] ")
    assert [path.name for path in copies(machine)] == ["tool.py"]


@pytest.mark.needs("POSIX")
def test_person_is_told_what_it_is_and_asked(machine: Machine, web: Web) -> None:
    """The question names the dependencies, a copy to read and what is odd about it; a no leaves nothing, a yes runs it."""
    text = TELLS.replace("[]", '["demo-of-nothing"]', 1)
    web.has["/tool.py"] = Answer(text.encode())
    argv = [*WSP, *RUN, f"{web.url}/tool.py"]
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ, columns=400) as terminal:
        output = terminal.until(b"Run it? [y/N] ").decode()
        assert "It depends on: demo-of-nothing" in output
        assert "without encryption" in output
        unread = Path(output.partition("to be read at ")[2].splitlines()[0].strip())
        assert unread.read_text() == text
        terminal.type(b"n\n")
        said_last, status = terminal.ended()
    assert status == 4
    assert b"you did not confirm" in said_last
    assert copies(machine) == []

    web.has["/tool.py"] = Answer(TELLS.encode())
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ, columns=400) as terminal:
        terminal.until(b"Run it? [y/N] ")
        terminal.type(b"y\n")
        said_last, status = terminal.ended()
    assert status == 0
    assert b"first []" in said_last


@pytest.mark.needs("POSIX")
def test_copy_to_read_may_go_away_while_it_is_asked_about(machine: Machine, web: Web) -> None:
    """Another process that asks about the same, or prunes the cache, changes nothing about the answer."""
    web.has["/tool.py"] = Answer(TELLS.encode())
    argv = [*WSP, *RUN, f"{web.url}/tool.py"]
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ, columns=400) as terminal:
        terminal.until(b"Run it? [y/N] ")
        assert wsp(machine, "cache", "prune", "--days", "0").exit_code == 0
        assert copies(machine) == []
        terminal.type(b"y\n")
        output, status = terminal.ended()
    assert (status, b"first []" in output, b"internal" in output) == (0, True, False)


@pytest.mark.needs("POSIX")
def test_script_on_standard_input_is_asked_about_at_the_terminal(machine: Machine) -> None:
    """Its input is used up, so the question goes to the terminal itself; without one, only --yes runs it."""
    assert_refused(piped(machine, TELLS, "-"))
    file = write(machine.home / "piped.py", TELLS)
    words = " ".join(f"'{word}'" for word in (*WSP, *RUN))
    argv = ["/bin/sh", "-c", f"cat {file} | {words} - word"]
    with Terminal(argv, cwd=machine.workspace, environ=machine.environ, columns=400) as terminal:
        assert b"standard input: 5 lines" in terminal.until(b"Run it? [y/N] ")
        terminal.type(b"yes\n")
        output, status = terminal.ended()
    assert (status, b"first ['word']" in output) == (0, True)
    agreed = piped(machine, TELLS, "-", "again")
    assert agreed.stdout.startswith(b"first ['again']"), agreed.text
    assert piped(machine, OTHER, "--yes", "-").stdout.startswith(b"other []")


def test_py_runs_them_too(machine: Machine, web: Web) -> None:
    """``py run`` asks the same, and shares the copies."""
    web.has["/tool"] = Answer(TELLS.encode())
    assert_refused(py(machine, "run", f"{web.url}/tool"))
    assert py(machine, "run", "--yes", f"{web.url}/tool").stdout.startswith(b"first []")
    assert wsp(machine, *RUN, f"{web.url}/tool").stdout.startswith(b"first []")
    assert py(machine, "run", "--yes", "-", "a", stdin=OTHER.encode()).stdout.startswith(
        b"other ['a']"
    )


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (Answer(status=404), "not_found", "404"),
        (Answer(status=500), "network_unavailable", "500"),
        (
            Answer(b"<html>", headers=(("Content-Type", "text/html; charset=utf-8"),)),
            "unusable_file",
            "a web page",
        ),
        (Answer(b"# /// script\n# dependencies = 1\n# ///\n"), "unusable_file", "line 2"),
        (Answer(b"\xff\xfe"), "unusable_file", "UTF-8"),
        (Answer(b"#" * (8 * 1024**2 + 1)), "unusable_file", "larger than 8 MB"),
        (
            Answer(status=302, headers=(("Location", "ftp://127.0.0.1/tool.py"),)),
            "network_unavailable",
            "not encrypted",
        ),
    ],
    ids=["gone", "failing", "page", "mistake", "bytes", "huge", "elsewhere"],
)
def test_what_is_no_script_is_told(
    machine: Machine, web: Web, answer: Answer, code: str, message: str
) -> None:
    """The error names the URL and what is wrong there, even where the user agreed to all of it; nothing is kept."""
    web.has["/tool.py"] = answer
    done = wsp(machine, *RUN, "--json", "--yes", f"{web.url}/tool.py")
    assert_error(done, done.exit_code, code)
    assert message in done.text
    assert copies(machine) == []


def test_unreachable_server_is_told_without_the_password(machine: Machine) -> None:
    """What opens something of the user's is in no message."""
    done = wsp(machine, *RUN, "--json", "--yes", "http://me:secret@127.0.0.1:1/tool.py")
    assert_error(done, 1, "network_unavailable")
    assert "secret" not in done.text
    assert "127.0.0.1:1/tool.py" in done.text


def test_nothing_leads_from_encryption_to_none() -> None:
    """A redirect from https to http is refused, the other way round it is followed."""
    redirects = http.Redirects()
    to = [
        (urllib.request.Request("https://a/x"), "http://a/x"),
        (urllib.request.Request("http://a/x"), "https://a/x"),
        (urllib.request.Request("http://a/x"), "http://b/x"),
    ]
    followed = []
    for request, target in to:
        with contextlib.suppress(urllib.error.URLError):
            new = redirects.redirect_request(request, BytesIO(), 302, "", HTTPMessage(), target)
            followed.append(new.full_url if new else None)
    assert followed == ["https://a/x", "http://b/x"]


def test_copies_that_are_not_run_are_pruned(machine: Machine) -> None:
    """``wsp cache prune`` takes them away, and the user is asked again."""
    assert piped(machine, TELLS, "--yes", "-").exit_code == 0
    assert wsp(machine, "cache", "prune").exit_code == 0
    assert len(copies(machine)) == 1
    assert wsp(machine, "cache", "prune", "--days", "0").exit_code == 0
    assert copies(machine) == []
    assert_refused(piped(machine, TELLS, "-"))


def test_a_script_that_was_cut_short_is_not_run(machine: Machine, web: Web) -> None:
    """Less than the server announced is no script, also where it could be run as one."""
    body = TELLS.encode()
    web.has["/tool.py"] = Answer(body, headers=(("Content-Length", str(len(body) + 100)),))
    done = wsp(machine, *RUN, "--json", "--yes", f"{web.url}/tool.py")
    assert_error(done, 1, "network_unavailable")
    assert "was cut short" in done.text
    assert copies(machine) == []


def test_password_of_a_url_is_sent_and_in_no_message(machine: Machine, web: Web) -> None:
    """The server gets it; neither the error of a script nor that of a tool shows it."""
    web.has["/tool.py"] = Answer(TELLS.encode())
    machine.environ.update(PIP_RETRIES="0", UV_HTTP_RETRIES="0")
    opened = web.url.replace("http://", "http://me:s3cret@")
    done = wsp(machine, *RUN, "--yes", f"{opened}/tool.py")
    assert (done.exit_code, b"first" in done.stdout) == (0, True), done.text
    assert web.opened == ["Basic bWU6czNjcmV0"]
    for words in (
        (*RUN, f"{opened}/tool.py"),
        (*RUN, "http://me:s3cret@127.0.0.1:1/tool.py?sig=s3cret"),
        ("tool", "install", "zzz @ http://me:s3cret@127.0.0.1:9/zzz-1-py3-none-any.whl"),
    ):
        for more in ((), ("--json",)):
            assert "s3cret" not in wsp(machine, *words, *more).text
