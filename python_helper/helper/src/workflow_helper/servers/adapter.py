"""A declarative adapter: a file that maps the protocol's methods to commands, or to Python functions, as a server.

::

    [handlers."environment/list"]
    command = ["mytool", "env", "list", "--json"]

    [handlers."environment/create"]
    command = ["mytool", "env", "create", "{name}", "--python", "{python_version}"]
    template = { id = "{name}", name = "{name}", python_version = "{python_version}", interpreter_path = "" }

    [handlers."environment/get"]
    import = "mytool_wsp.get"

The file is TOML or JSON, in the format of the existing public implementation.

All of it is checked when it is loaded. Functions are imported from the folder of the file, or from installed packages,
and run in this process, which does nothing else. A command's program without a folder is found on PATH, else beside the
file. It is unknown what the commands of a tool run, so in an untrusted project they only answer queries.
``PYTHON_WORKFLOW_PROJECT_TRUSTED`` (``true`` or ``false``) tells them whether the project is trusted.
"""

from __future__ import annotations

import os
import sys

from workflow_server.answers import answer_of, to_wire
from workflow_server.handlers import Handler, Progress, Updates
from workflow_server.methods import MAX_OUTPUT, METHODS
from workflow_server.results import DETAILED
from workflow_server.server import Server
from workflow_server.shapes import ShapeError
from workflow_server.values import ServerEnvironment

from workflow_helper.errors import (
    EnvironmentNotFound,
    ExecutionFailed,
    NotFound,
    ProgramFailed,
    ProgramTimedOut,
    UnusableFile,
    WorkflowError,
)
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.servers import template
from workflow_helper.system.output import decode_output
from workflow_helper.trust.policy import untrusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, NamedTuple, TypeAlias

    from typing_extensions import override

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Host
    from workflow_helper.system.process import Finished

    Mode: TypeAlias = Literal["json", "template", "exec", "none"]
else:
    from workflow_server.namedtuple import NamedTuple

    def override(method: object) -> object:
        """Replace :func:`typing.override`, whose import takes longer than that of this module."""
        return method


#: Seconds that a command may take.
TIMEOUT = 30.0
TRUSTED = "PYTHON_WORKFLOW_PROJECT_TRUSTED"
#: How a method's result is made where its entry does not say; ``json`` for all others.
_MODES: dict[str, Mode] = {
    "environment/create": "template",
    "environment/delete": "template",
    "environment/execute": "exec",
}
_LIFECYCLE = ("initialize", "shutdown")


class AdapterMethod(NamedTuple):
    """The answer to one method: a command, or a function."""

    method: str
    #: ``argv``; the program is absolute. Empty for a function.
    command: tuple[str, ...] = ()
    mode: Mode = "json"
    #: The source of the result.
    template: Mapping[str, Any] | None = None
    function: Callable[[dict[str, Any]], Any] | None = None


def load(path: str, host: Host, disk: Disk) -> Adapter:
    """Return the server that the file at ``path`` describes.

    Raises:
        UnusableFile: the file is invalid; the error names the key.
    """
    return Adapter(path, _Loader(path, host, disk).entries(), host)


class Adapter(Server):
    """A server whose handlers are the entries of a file."""

    def __init__(self, path: str, entries: list[AdapterMethod], host: Host) -> None:
        super().__init__(os.path.basename(path))
        self._host = host
        for entry in entries:
            self.handlers[entry.method] = self._handler(entry)

    @override
    def check_complete(self) -> None:
        """Accept any set of handlers; incomplete capabilities were already rejected during loading."""

    @override
    def params_of(self, method: str, params: dict[str, Any]) -> object:
        """Return the params unchanged: commands and functions use the protocol's names."""
        del method
        return {name: value for name, value in params.items() if name != "progress_token"}

    @override
    def result_of(self, method: str, params: object, value: object) -> object:
        """Return the result of a command or a function, checked against the method's shape in the base profile."""
        wire = to_wire(value)
        if method == "environment/delete":
            return {"id": params["id"]} if isinstance(params, dict) else wire
        if method in ("environment/create", "environment/get") and isinstance(wire, dict):
            # The format's own examples leave the interpreter empty, which clients understand.
            whole = {"interpreter_path": "", "installed_packages": [], "extra": {}, **wire}
            try:
                ServerEnvironment.from_wire(whole)
            except ShapeError as error:
                raise _failure(
                    "unusable-result", f"{method}: the result is wrong: {error}"
                ) from None
            return {name: whole[name] for name in DETAILED}
        return answer_of(method, params, wire, extended=False)

    def _handler(self, entry: AdapterMethod) -> Handler:
        if entry.function is None:
            return Handler(
                lambda params, cancelled: self._run(entry, params, cancelled),
                takes_params=True,
                wants_progress=False,
                wants_cancelled=True,
                is_async=False,
            )
        import inspect

        function = entry.function
        is_async = inspect.iscoroutinefunction(function)

        def call(params: dict[str, Any]) -> Any:  # noqa: ANN401 - what a server's own code returns
            self._check_trusted(entry.method)
            return function(params)

        return Handler(
            call,
            takes_params=True,
            wants_progress=False,
            wants_cancelled=False,
            is_async=is_async,
        )

    def _check_trusted(self, method: str) -> None:
        known = METHODS.get(method)
        if known is not None and known.changes and not self.client.project_trusted:
            raise untrusted(self.root, f"{method} is not available there")

    def _run(
        self, entry: AdapterMethod, params: dict[str, Any], cancelled: threading.Event
    ) -> object:
        self._check_trusted(entry.method)
        argv = template.words(entry.command, params)
        done = self._run_command(entry, argv, params, cancelled)
        if done.exit_code != 0:
            self._check_listed(params, cancelled)
        if entry.mode == "exec":
            return {
                "exit_code": done.exit_code,
                "stdout": decode_output(done.stdout),
                "stderr": decode_output(done.stderr),
            }
        name = os.path.basename(argv[0])
        if done.exit_code != 0:
            lines = done.text.splitlines()[-5:]
            words = "; ".join(line.strip() for line in lines if line.strip()) or "it wrote nothing"
            raise _failure(
                "non-zero-exit",
                f"{entry.method}: {name} failed ({done.exit_code}): {words}",
                exit_code=done.exit_code,
            )
        if entry.mode == "template":
            return template.value(entry.template, params)
        return None if entry.mode == "none" else _json_of(done.stdout, f"{entry.method}: {name}")

    def _check_listed(self, params: dict[str, Any], cancelled: threading.Event) -> None:
        """Raise :class:`EnvironmentNotFound` if a command failed for an id that the tool does not list.

        Clients distinguish this error, which no exit status shows.
        """
        lists = self.handlers.get("environment/list")
        if lists is None or "id" not in params:
            return
        try:
            listed = lists.call({}, Progress(None), cancelled, Updates(None))
        except WorkflowError:  # the tool cannot tell
            return
        known = listed if isinstance(listed, list) else []
        if params["id"] not in [one.get("id") for one in known if isinstance(one, dict)]:
            raise EnvironmentNotFound(f"{self.root} has no environment {params['id']!r}")

    def _run_command(
        self,
        entry: AdapterMethod,
        argv: list[str],
        params: dict[str, Any],
        cancelled: threading.Event,
    ) -> Finished:
        from workflow_helper.system.environ import scrubbed
        from workflow_helper.system.process import OUTPUT_LIMIT, run

        cwd = self.root
        more: dict[str, str] = {}
        if entry.method == "environment/execute":
            # The format has no place for these two, and a tool that starts a program hands them on.
            cwd = os.path.join(cwd, params.get("cwd") or "")
            more = params.get("env") or {}
        trusted = {TRUSTED: "true" if self.client.project_trusted else "false"}
        try:
            return run(
                argv,
                cwd=cwd,
                environ={**scrubbed(self._host.environ, **trusted), **more},
                timeout=TIMEOUT,
                cancelled=cancelled,
                limit=MAX_OUTPUT if entry.mode == "exec" else OUTPUT_LIMIT,
            )
        except ProgramTimedOut as error:
            raise _failure("timeout", f"{entry.method}: {error.message}") from None
        except ProgramFailed as error:
            raise _failure("not-run", f"{entry.method}: {error.message}") from None


class _Loader:
    """Reads the file, and checks all of it before the server starts."""

    def __init__(self, path: str, host: Host, disk: Disk) -> None:
        self._path = path
        self._host = host
        self._disk = disk
        self._folder = os.path.dirname(real_path(path))

    def entries(self) -> list[AdapterMethod]:
        document = self._document()
        if not isinstance(document, dict):
            raise self._wrong("the document", "should be an object")
        for key in document:
            if key not in ("handlers", "$schema"):
                raise self._wrong(f"{key!r}", "is not a key of an adapter, expected 'handlers'")
        handlers = document.get("handlers")
        if not isinstance(handlers, dict) or not handlers:
            raise self._wrong("'handlers'", "should be a table that maps methods to commands")
        self._check_methods(handlers)
        return [self._entry(method, entry) for method, entry in handlers.items()]

    def _document(self) -> object:
        ending = os.path.splitext(self._path)[1].lower()
        if ending not in (".toml", ".json"):
            raise UnusableFile(
                self._path, "is not an adapter: its name should end in .toml or .json"
            )
        if ending == ".toml":
            document: object = self._disk.toml(self._path)
        else:
            text = self._disk.text(self._path)
            document = None if text is None else self._json(text)
        if document is None and not self._disk.exists(self._path):
            raise NotFound(f"{self._path} does not exist")
        return document

    def _json(self, text: str) -> object:
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnusableFile(self._path, f"is not valid JSON: {error}") from None

    def _check_methods(self, handlers: Mapping[str, object]) -> None:
        for method in handlers:
            key = f"handlers.{method!r}"
            if method in _LIFECYCLE:
                raise self._wrong(key, "cannot be mapped: the adapter answers it itself")
            if method not in METHODS:
                raise self._wrong(key, "is not a method of the protocol")
            capability = METHODS[method].capability
            missing = [
                one.name
                for one in METHODS.values()
                if capability is not None
                and one.capability == capability
                and one.name not in handlers
            ]
            if missing:
                raise self._wrong(key, f"needs {', '.join(missing)}, which is not mapped")

    def _entry(self, method: str, entry: object) -> AdapterMethod:
        key = f"handlers.{method!r}"
        if not isinstance(entry, dict):
            raise self._wrong(key, "should be a table")
        if ("import" in entry) == ("command" in entry):
            raise self._wrong(key, "should have exactly one of 'import' and 'command'")
        known = ("import",) if "import" in entry else ("command", "result", "template")
        for name in entry:
            if name not in known:
                raise self._wrong(f"{key}.{name}", f"is not known, expected {', '.join(known)}")
        if "import" in entry:
            return AdapterMethod(method, function=self._function(entry["import"], f"{key}.import"))
        return self._command(method, entry, key)

    def _command(self, method: str, entry: Mapping[str, Any], key: str) -> AdapterMethod:
        command = entry["command"]
        if (
            not isinstance(command, list)
            or not command
            or not all(isinstance(word, str) for word in command)
        ):
            raise self._wrong(f"{key}.command", "should be a non-empty list of strings")
        for index, word in enumerate(command):
            self._check_text(word, f"{key}.command[{index}]")
        mode = entry.get("result", _MODES.get(method, "json"))
        if mode not in ("json", "template", "exec", "none"):
            raise self._wrong(f"{key}.result", "should be 'json', 'template', 'exec' or 'none'")
        raw_template = entry.get("template")
        if mode == "template" and not isinstance(raw_template, dict):
            raise self._wrong(f"{key}.template", "should be a table: the result is made from it")
        if mode != "template" and "template" in entry:
            raise self._wrong(f"{key}.template", f"is only for the result 'template', not '{mode}'")
        self._check_template(raw_template, f"{key}.template")
        program = self._program(command[0], f"{key}.command[0]")
        return AdapterMethod(method, (program, *command[1:]), mode, raw_template)

    def _check_template(self, value: object, key: str) -> None:
        if isinstance(value, str):
            self._check_text(value, key)
        elif isinstance(value, dict):
            for name, one in value.items():
                self._check_template(one, f"{key}.{name}")
        elif isinstance(value, list):
            for index, one in enumerate(value):
                self._check_template(one, f"{key}[{index}]")
        elif value is not None and not isinstance(value, (bool, int, float)):
            raise self._wrong(key, "should be a JSON value")

    def _check_text(self, text: str, key: str) -> None:
        reason = template.check(text)
        if reason is not None:
            raise self._wrong(key, reason)

    def _program(self, word: str, key: str) -> str:
        from workflow_helper.system.which import find_program

        if os.path.dirname(word):
            path = os.path.join(self._folder, word)
            found = os.path.normpath(path) if self._disk.is_program(path) else None
        else:
            found = find_program(word, self._host, outside=(os.getcwd(),))
        if found is None:
            raise self._wrong(key, f"names the program {word!r}, which was not found")
        # Braces in the path are the path's own.
        return found.replace("{", "{{").replace("}", "}}")

    def _function(self, word: object, key: str) -> Callable[[dict[str, Any]], Any]:
        import importlib

        if not isinstance(word, str) or not all(part.isidentifier() for part in word.split(".")):
            raise self._wrong(key, "should be a dotted path such as 'package.module.function'")
        module, dot, name = word.rpartition(".")
        if not dot:
            raise self._wrong(key, f"should name a function in a module, not {word!r}")
        if self._folder not in sys.path:
            # Last: nothing beside the file takes the place of what Python or this product imports.
            sys.path.append(self._folder)
        try:
            function = getattr(importlib.import_module(module), name, None)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever somebody's module does
            description = f"{type(error).__name__}: {error}"
            raise self._wrong(
                key, f"names {module}, which cannot be imported: {description}"
            ) from None
        if not callable(function):
            raise self._wrong(key, f"names {word}, which is not callable")
        found: Callable[[dict[str, Any]], Any] = function
        return found

    def _wrong(self, key: str, expected: str) -> UnusableFile:
        return UnusableFile(self._path, f"{key} {expected}")


def _json_of(data: bytes, who: str) -> object:
    import json

    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _failure("invalid-json-output", f"{who} did not write JSON: {error}") from None


def _failure(reason: str, message: str, **data: object) -> ExecutionFailed:
    return ExecutionFailed(message, data={"reason": reason, **data})
