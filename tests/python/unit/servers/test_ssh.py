"""What ``ssh`` is told, and what its own words mean."""

from __future__ import annotations

import pytest
from support.declaring import declaration
from workflow_helper.errors import HostRefused, HostUnreachable, ServerExited
from workflow_helper.servers.ssh import RemoteFolder, server_argv, with_terminal
from workflow_helper.servers.ssh_failures import explain, explained_failure
from workflow_server.values import Command

PLACE = RemoteFolder("dev@host", "/srv/app", "/usr/bin/ssh")


def test_a_host_is_never_an_option_and_nobody_is_asked_anything() -> None:
    """It stands behind ``--``, and a password is never asked for."""
    argv = PLACE.serving(("wsp", "serve", "uv"))
    assert argv[0] == "/usr/bin/ssh"
    assert argv[-3:-1] == ("--", "dev@host")
    assert "BatchMode=yes" in argv
    assert [word for word in argv if word.startswith("ConnectTimeout=")]


def test_a_terminal_is_asked_for_where_there_is_one() -> None:
    """And then a shared connection may be used, which a terminal's end reaches over too; what is of this machine stays as it is."""
    there = PLACE.command(Command(("python",), "/srv/app"), "/here")
    assert (there.cwd, there.host, there.argv[1]) == ("/here", "dev@host", "-T")
    assert "ControlPath=none" in there.argv
    with_one = with_terminal(there)
    assert with_one.argv[1] == "-t"
    assert "ControlPath=none" not in with_one.argv
    assert with_one.argv[-3:] == there.argv[-3:]
    own = Command(("python",), "/here")
    assert with_terminal(own) is own


@pytest.mark.parametrize(
    ("declared", "argv"),
    [
        ("uv", ("wsp", "serve", "uv")),
        ({"cmd": ["/opt/serve", "--x"]}, ("/opt/serve", "--x")),
        (
            {"cmd": ["hatch", "wsp"], "requires": "hatch"},
            ("wsp", "serve", "--declaration", '{"cmd": ["hatch", "wsp"], "requires": "hatch"}'),
        ),
        ({"script": "s.py"}, ("wsp", "serve", "--declaration", '{"script": "s.py"}')),
    ],
)
def test_a_command_is_started_as_it_is_and_all_else_by_the_wsp_there(
    declared: str | dict[str, object], argv: tuple[str, ...]
) -> None:
    """What has to be installed, or is of Python, the other side's own ``wsp`` knows how to start."""
    assert server_argv(declaration(declared).launch) == argv


@pytest.mark.parametrize(
    ("output", "kind", "reason"),
    [
        (
            "ssh: connect to host h port 22: Connection refused",
            HostUnreachable,
            "cannot be reached: ssh: connect",
        ),
        (
            "ssh: Could not resolve hostname h: Name or service not known",
            HostUnreachable,
            "cannot be reached: ",
        ),
        ("Connection timed out during banner exchange", HostUnreachable, "cannot be reached: "),
        ("Timeout, server h not responding.", HostUnreachable, "can no longer be reached: "),
        (
            "client_loop: send disconnect: Broken pipe",
            HostUnreachable,
            "can no longer be reached: ",
        ),
        (
            "dev@h: Permission denied (publickey).",
            HostRefused,
            "refuses the login: dev@h: Permission",
        ),
        ("Host key verification failed.", HostRefused, "has a host key that is not known yet"),
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            HostRefused,
            "has another host key",
        ),
    ],
)
def test_the_words_of_ssh_are_told_in_ours(output: str, kind: type[Exception], reason: str) -> None:
    """Each thing that goes wrong on the way names the machine and what to do."""
    error = explain("dev@h", output)
    assert isinstance(error, kind)
    assert error.message.startswith("dev@h ")
    assert error.reason.startswith(reason)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "Connection to 127.0.0.1 closed.",
        "Warning: Permanently added 'h'",
        "debug1: Connection refused",
    ],
)
def test_what_ends_well_is_no_failure(output: str) -> None:
    """Nor is what ssh notes for those who look for its mistakes."""
    assert explain("dev@h", output) is None


def test_a_server_s_own_last_words_are_not_taken_for_those_of_ssh() -> None:
    """Only with the status that ssh itself gives do they tell of the connection."""
    text = "ssh: connect to host h port 22: Connection refused"
    own = ServerExited("there", "ended with status 1", text)
    assert explained_failure(PLACE, own) is own
    assert isinstance(
        explained_failure(PLACE, ServerExited("there", "ended with status 255", text)),
        HostUnreachable,
    )
