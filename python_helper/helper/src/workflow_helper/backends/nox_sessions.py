"""The commands that the sessions of a ``noxfile.py`` run, as far as its text shows them: the file is parsed, not run.

nox lists sessions, but not their commands.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple

#: Calls of a session that start a program.
_RUNS = ("run", "run_always", "run_install")
#: Backends that make no environment.
_NO_ENVIRONMENT = ("none",)


class NoxSession(NamedTuple):
    """The commands in the body of a session."""

    #: The commands that it runs, with their variables: the words that stand there as they are, up to where others are worked out.
    commands: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...]
    #: The folder that it changes to first, as written.
    folder: str | None = None
    #: It has an environment of its own.
    has_environment: bool = True


def read_sessions(text: str) -> dict[str, NoxSession]:
    """Return the sessions of a noxfile by name; none if the file cannot be parsed."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            options = _options(function)
            if options is not None:
                name = options.get("name", function.name)
                has_environment = options.get("venv_backend") not in _NO_ENVIRONMENT
                found[name] = _read(function)._replace(has_environment=has_environment)
    return found


def _options(function: ast.FunctionDef) -> dict[str, str] | None:
    """Return the options of the decorator that makes ``function`` a session; ``None`` without such a decorator."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called).rpartition(".")[2] == "session":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {
                one.arg: one.value.value
                for one in keywords
                if one.arg
                and isinstance(one.value, ast.Constant)
                and isinstance(one.value.value, str)
            }
    return None


def _read(function: ast.FunctionDef) -> NoxSession:
    arguments = (*function.args.posonlyargs, *function.args.args)
    session = arguments[0].arg if arguments else ""
    commands: list[tuple[tuple[str, ...], Mapping[str, str]]] = []
    folder = None
    for call in _calls(function, session):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        words = _words(call)
        if method in ("chdir", "cd") and not commands and words:
            folder = words[0]
        elif method in _RUNS and words:
            commands.append((words, _variables(call)))
    return NoxSession(tuple(commands), folder)


def _calls(function: ast.FunctionDef, session: str) -> Iterator[ast.Call]:
    """Yield the calls of methods of ``session``, in the order of the text."""
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == session
    ]
    yield from sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _words(call: ast.Call) -> tuple[str, ...]:
    """Return the arguments that are literal strings; computed ones, and those from the command line, are left out."""
    words = []
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            words.append(argument.value)
        elif not isinstance(argument, ast.Starred):
            break  # it may be the value of the word before
    return tuple(words)


def _variables(call: ast.Call) -> dict[str, str]:
    env = next((one.value for one in call.keywords if one.arg == "env"), None)
    if not isinstance(env, ast.Dict):
        return {}
    return {
        name.value: value.value
        for name, value in zip(env.keys, env.values, strict=True)
        if isinstance(name, ast.Constant)
        and isinstance(name.value, str)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
    }
