"""Parse a command line by a table of options: one parser for ``wsp`` and ``py``."""

from __future__ import annotations

from workflow_helper.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple, TypeAlias

    #: Every value that an option was given, in order; none for a flag.
    Options: TypeAlias = dict[str, tuple[str, ...]]
else:
    from workflow_server.namedtuple import NamedTuple

#: The name in help of a value that is the rest of the line.
COMMAND = "CMD..."


class Option(NamedTuple):
    """One option; ``value`` names its value in help, and is ``None`` for a flag."""

    name: str
    help: str
    value: str | None = None
    short: str | None = None
    choices: tuple[str, ...] = ()


class Grammar(NamedTuple):
    """The options that a command takes, and how its errors name it."""

    options: tuple[Option, ...]
    #: As a person writes it: ``"wsp env create"``.
    command: str
    #: The sentence that leads to its help.
    hint: str
    #: Whether the words after the first operand are another program's.
    verbatim: bool = False

    def wrong(self, message: str) -> UsageError:
        """Return the error for a mistake in the arguments."""
        return UsageError(message, self.hint)


def take_leading(words: list[str], grammar: Grammar, options: Options) -> None:
    """Move the options that ``words`` begins with to ``options``.

    Raises:
        UsageError: an option is unknown, or its value is missing or wrong.
    """
    while words and words[0].startswith("-") and words[0] != "-":
        _take(words, grammar, options)


def take_all(words: Sequence[str], grammar: Grammar, options: Options) -> tuple[str, ...]:
    """Move all options of ``words`` to ``options``, and return the operands.

    Raises:
        UsageError: an option is unknown, or its value is missing or wrong.
    """
    rest = list(words)
    operands: list[str] = []
    while rest and not (grammar.verbatim and operands):
        if rest[0] == "--":
            rest.pop(0)
            if not grammar.verbatim:
                return (*operands, *rest)
            operands, rest = rest[:1], rest[1:]
        elif rest[0] == "-" or not rest[0].startswith("-"):
            operands.append(rest.pop(0))
        else:
            _take(rest, grammar, options)
    return (*operands, *rest)


def _take(words: list[str], grammar: Grammar, options: Options) -> None:
    name, equals, value = words.pop(0).partition("=")
    option = next((one for one in grammar.options if name in (one.name, one.short)), None)
    if option is None:
        raise grammar.wrong(f"'{grammar.command}' has no option {name}")
    if option.value is None:
        if equals:
            raise grammar.wrong(f"{name} takes no value")
        options[option.name] = ()
        return
    if option.value == COMMAND and not equals:
        if not words:
            raise grammar.wrong(f"{name} needs a command")
        options[option.name] = tuple(words)
        words.clear()
        return
    if not equals:
        if not words:
            raise grammar.wrong(f"{name} needs a value, {option.value}")
        value = words.pop(0)
    if option.choices and value not in option.choices:
        raise grammar.wrong(f"{name} is {value!r}, expected one of {', '.join(option.choices)}")
    options[option.name] = (*options.get(option.name, ()), value)
