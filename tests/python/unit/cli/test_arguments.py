from __future__ import annotations

import pytest
from workflow_helper.cli.arguments import COMMANDS, COMMON, parse, usage
from workflow_helper.errors import UsageError


def test_options_stand_anywhere_after_the_command() -> None:
    """Before the operand, after it, with their value apart or behind an equals sign."""
    for words in (
        "env show --folder /x a",
        "env show a --folder /x",
        "env show --folder=/x a",
        "env show a --folder=/x",
    ):
        action = parse(words.split())
        assert (action.command, action.operand, action.get("--folder")) == ("env show", "a", "/x")


def test_options_of_every_command_may_come_before_it() -> None:
    """As git takes them, with their values; what follows the command is read as ever."""
    action = parse(["--json", "--folder", "/x", "-v", "env", "show", "a", "--folder", "/y"])
    assert (action.command, action.operand, action.get("--folder")) == ("env show", "a", "/y")
    assert action.flag("--json")
    assert action.flag("--verbose")
    action = parse(["--json", "call", "x", "--server", "serve", "--json"])
    assert action.all("--server") == ("serve", "--json")
    assert parse(["--json", "--help"]).command == "help"


@pytest.mark.parametrize(
    "words", ["--json", "--redirect file env create", "-- env list", "--folder"]
)
def test_what_is_no_option_of_every_command_cannot_come_before_one(words: str) -> None:
    """Nor can options stand alone; the hint names the help of all commands."""
    with pytest.raises(UsageError) as caught:
        parse(words.split())
    assert caught.value.hint == "See 'wsp --help'."


def test_after_two_dashes_all_words_are_operands() -> None:
    """An environment whose name begins with a dash can be shown."""
    assert parse(["env", "show", "--", "--json"]).operand == "--json"
    assert not parse(["env", "show", "--", "--json"]).flag("--json")
    assert parse(["env", "show", "-"]).operand == "-"


def test_values_may_be_empty_or_begin_with_dashes() -> None:
    """What follows an option that takes a value is its value."""
    assert parse(["env", "list", "--folder="]).get("--folder") == ""
    assert parse(["env", "list", "--workflow", "--json"]).get("--workflow") == "--json"
    assert (
        parse(["env", "list", "--preference", '{"a": "b=c"}']).get("--preference") == '{"a": "b=c"}'
    )


def test_the_last_of_an_option_counts() -> None:
    """As everywhere, so that an alias can be overruled."""
    assert parse(["env", "list", "--folder", "/a", "--folder", "/b"]).get("--folder") == "/b"


def test_short_forms_are_the_long_ones() -> None:
    """``-v`` and ``-h``."""
    assert parse(["env", "list", "-v"]).flag("--verbose")
    assert parse(["env", "list", "-h"]).command == "help"


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]])
def test_no_words_ask_for_help(words: list[str]) -> None:
    """A bare ``wsp`` shows what there is."""
    assert parse(words).command == "help"


def test_a_usage_error_says_where_to_look() -> None:
    """The hint names the command's own help."""
    with pytest.raises(UsageError, match="has no option --nonsense") as caught:
        parse(["env", "list", "--nonsense"])
    assert caught.value.hint == "See 'wsp env list --help'."


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_each_command_s_help_tells_all_it_takes(command: object) -> None:
    """Every option stands on a line of its own."""
    found = next(one for one in COMMANDS if one is command)
    text = usage(found.name)
    for option in (*found.options, *COMMON):
        assert sum(f"{option.name} " in f"{line} " for line in text.splitlines()) >= 1
    assert max(map(len, text.splitlines())) <= 120


def test_after_two_dashes_all_words_are_the_command_s() -> None:
    """Options that we know too, and further dashes; what stands before is ours, wherever."""
    action = parse(["env", "run", "a", "--json", "--", "tool", "--json", "--", "-h"])
    assert (action.command, action.operand) == ("env run", "a")
    assert action.rest == ("tool", "--json", "--", "-h")
    action = parse(["--json", "task", "run", "docs", "--", "--help"])
    assert (action.command, action.operand, action.rest) == ("task run", "docs", ("--help",))
    assert parse(["env", "run", "--help", "--", "x"]).command == "help"


def test_groups_and_extras_may_be_repeated() -> None:
    """Each that is given counts, in order, for what makes, checks and syncs an environment."""
    for name in ("create", "sync", "check"):
        action = parse(["env", name, "--group", "a", "--extra=c", "--group", "b"])
        assert (action.all("--group"), action.all("--extra")) == (("a", "b"), ("c",))


@pytest.mark.parametrize(
    ("name", "synopsis"),
    [
        ("env run", "env run [ID] -- CMD..."),
        ("task run", "task run NAME [-- ARGS...]"),
        ("env delete", "env delete ID"),
    ],
)
def test_help_shows_what_may_be_left_out(name: str, synopsis: str) -> None:
    """In brackets, the two dashes with what follows them."""
    assert usage(name).startswith(f"usage: wsp {synopsis} [OPTION]...\n")
