"""The descriptions of the tools for an agent; :mod:`.actions` runs them."""

from __future__ import annotations

from workflow_helper.mcp.parameters import MOST_SECONDS, Parameter, schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple
else:
    from workflow_server.namedtuple import NamedTuple

#: Seconds that a command may take where the call does not say.
SECONDS = 300

INSTRUCTIONS = """\
Finds and creates the Python environment of a project, and installs its dependencies, with the tool that the project uses \
(uv, Poetry, PDM, Hatch, Pipenv, conda, plain venv, ...).
To make a project runnable: check_environment says what to do next. Call create_environment when it says "none", sync_environment \
when it says "out_of_sync" or "broken", then run_in_environment, for example with ["python", "-m", "pytest"]. When a module is \
missing that the project does not declare, call install_packages. ensure_environment does all of this in one call, for a \
Python and packages that you name, but never repairs a broken environment.
A script with inline metadata ("# /// script") has an environment of its own: name the file as "folder", call ensure_environment, then \
run_in_environment.
Never call pip, venv or a tool's own install command directly if one of these tools does the same. When a call is refused for lack of \
trust, tell the user: none of these tools can grant it."""


class McpTool(NamedTuple):
    """One tool."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    #: The members of what it answers with, by name: a JSON Schema each. All are always there.
    answer: Mapping[str, Any]
    read_only: bool = False
    #: Whether something that was there may be gone afterwards.
    destructive: bool = False
    #: Whether to call it again changes nothing more.
    idempotent: bool = False
    #: Whether it reaches beyond the project, to a package index for example.
    open_world: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return the entry of ``tools/list``."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": schema(self.parameters),
            "outputSchema": {
                "type": "object",
                "properties": dict(self.answer),
                "required": list(self.answer),
            },
            "annotations": {
                "title": self.title,
                "readOnlyHint": self.read_only,
                "destructiveHint": self.destructive,
                "idempotentHint": self.idempotent or self.read_only,
                "openWorldHint": self.open_world,
            },
        }


_FOLDER = Parameter(
    "folder",
    "text",
    "The project's folder, or a file in it: absolute, or relative to the folder that is open. For a script with inline metadata, "
    "its own environment is used. Default: the folder that is open.",
)
_ENVIRONMENT = Parameter(
    "environment",
    "word",
    "Which environment: an id or a name from list_environments. Default: the project's default environment.",
)
_GROUPS = Parameter(
    "groups",
    "words",
    'Dependency groups to include in addition to the default ones, for example ["test"].',
)
_EXTRAS = Parameter("extras", "words", 'Extras of the project to include, for example ["test"].')
_TIMEOUT = Parameter(
    "timeout",
    "seconds",
    f"Seconds after which the command is ended. Default: {SECONDS}, at most {MOST_SECONDS}.",
)
_TEXT = {"type": "string"}
_TEXT_OR_NONE = {"type": ["string", "null"]}
_OBJECT_OR_NONE = {"type": ["object", "null"]}
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_CAPTURED = {
    "root": _TEXT,
    "exit_code": {"type": "integer"},
    "stdout": _TEXT,
    "stderr": _TEXT,
    "truncated": {"type": "boolean"},
}

TOOLS = (
    McpTool(
        "default_environment",
        "Get the default environment",
        "Get the Python environment that a project uses by default: its interpreter's path, Python version, and why it is this one. "
        '"environment" is null when the project has none; "hint" then says what to do. Only reads.',
        (_FOLDER,),
        {"root": _TEXT, "environment": _OBJECT_OR_NONE, "summary": _TEXT, "hint": _TEXT_OR_NONE},
        read_only=True,
    ),
    McpTool(
        "list_environments",
        "List environments",
        "List all environments of a project, the default first, broken ones with the reason. "
        '"trouble" says why the project\'s workflow could not be asked, if so. Only reads.',
        (_FOLDER,),
        {"root": _TEXT, "environments": _OBJECTS, "trouble": _OBJECT_OR_NONE},
        read_only=True,
    ),
    McpTool(
        "explain_environment",
        "Explain the choice of environment",
        "Explain how the default environment was chosen: which workflow (tool) governs the project, every rule that was tried, "
        "and what each found. Use it when another environment was expected. Only reads.",
        (_FOLDER,),
        {
            "root": _TEXT,
            "workflow": _OBJECT_OR_NONE,
            "environment": _OBJECT_OR_NONE,
            "trail": _OBJECTS,
        },
        read_only=True,
    ),
    McpTool(
        "check_environment",
        "Check an environment",
        "Check whether a project's environment is ready to use, and what to do if not. Start here to make a project runnable. "
        '"state" is one of: "none" (no environment yet: call create_environment), "broken" (call sync_environment with recreate=true), '
        '"out_of_sync" (it differs from the lock file or the project: call sync_environment, as "hint" says), "in_sync" (ready), '
        '"unknown" (it works, but its packages could not be compared with the project: go on and use it). "message" and "hint" say more. Changes nothing.',
        (_FOLDER, _ENVIRONMENT, _GROUPS, _EXTRAS),
        {
            "root": _TEXT,
            "state": {
                "type": "string",
                "enum": ["none", "broken", "out_of_sync", "in_sync", "unknown"],
            },
            "environment": _OBJECT_OR_NONE,
            "message": _TEXT,
            "hint": _TEXT_OR_NONE,
        },
        read_only=True,
    ),
    McpTool(
        "create_environment",
        "Create an environment",
        "Create the project's environment with the tool that the project uses, and install its dependencies where that tool does so. "
        "Never overwrites anything: it fails when the environment exists. A Python that is missing is installed where a tool for that "
        'is there. "state" and "hint" say whether sync_environment is needed afterwards.',
        (
            _FOLDER,
            Parameter(
                "name",
                "word",
                "The environment's name. Default: the one that the project's tool gives it.",
            ),
            Parameter(
                "python",
                "word",
                'A version such as "3.12", a constraint such as ">=3.11", or an interpreter\'s absolute path. '
                "Default: what the project asks for.",
            ),
            _GROUPS,
            _EXTRAS,
        ),
        {
            "root": _TEXT,
            "environment": {"type": "object"},
            "state": _TEXT,
            "message": _TEXT,
            "hint": _TEXT_OR_NONE,
        },
        open_world=True,
    ),
    McpTool(
        "sync_environment",
        "Sync an environment",
        "Make an existing environment hold exactly what the project's lock file, or else the project, declares: installs what is missing, "
        "and removes what some tools consider superfluous. A broken environment, or one whose Python the project does not allow, "
        "is deleted and created again, only with recreate=true.",
        (
            _FOLDER,
            _ENVIRONMENT,
            _GROUPS,
            _EXTRAS,
            Parameter(
                "frozen", "flag", "Fail where the lock file is out of date instead of updating it."
            ),
            Parameter(
                "recreate",
                "flag",
                "Allow deleting and creating again an environment that is broken, or whose Python the project does not allow.",
            ),
        ),
        {
            "root": _TEXT,
            "environment": {"type": "object"},
            "changed": {"type": "boolean"},
            "installed": _OBJECTS,
            "removed": _OBJECTS,
            "recreated": {"type": "boolean"},
        },
        destructive=True,
        idempotent=True,
        open_world=True,
    ),
    McpTool(
        "ensure_environment",
        "Ensure an environment",
        "Find the project's environment or create it, check that it has the requested Python, install missing dependencies of the project, "
        "and install the named packages, in one call. It installs only what is missing, so calling it again changes nothing. "
        "It fails when the environment is broken or has another Python, and never replaces one.",
        (
            _FOLDER,
            Parameter(
                "name",
                "word",
                "The environment's id or name. Default: the project's default environment.",
            ),
            Parameter(
                "python",
                "word",
                'A version such as "3.12", a constraint such as ">=3.11", or an interpreter\'s absolute path. '
                "Default: any that the project allows.",
            ),
            Parameter(
                "packages",
                "words",
                'Packages to install in addition, as pip requirements: ["pytest>=8"]. The project\'s files are not changed.',
            ),
            Parameter(
                "package",
                "word",
                "In a workspace of uv: the package that the environment is for. Default: the project itself.",
            ),
            _GROUPS,
            _EXTRAS,
        ),
        {"root": _TEXT, "environment": {"type": "object"}},
        destructive=True,
        idempotent=True,
        open_world=True,
    ),
    McpTool(
        "run_in_environment",
        "Run a command in an environment",
        'Run a command in the project\'s environment, for example ["python", "-m", "pytest", "-q"], and get its exit status and output. '
        "No shell: each argument is passed as it is. Its input is empty, and it is ended after a time limit. "
        "A failing command is not an error of this tool: look at exit_code. Long output is cut at its beginning.",
        (
            _FOLDER,
            Parameter(
                "command", "argv", "The program and its arguments, one string each.", required=True
            ),
            _ENVIRONMENT,
            Parameter(
                "cwd",
                "text",
                'The folder to run in, relative to "folder". Default: "folder" itself.',
            ),
            _TIMEOUT,
        ),
        _CAPTURED,
        destructive=True,
        open_world=True,
    ),
    McpTool(
        "list_tasks",
        "List tasks",
        "List the project's tasks: commands that the project gives a name, for example scripts of PDM, Hatch or pixi, and environments of "
        'tox and nox. Often the project\'s own way to run its tests. "summary" says why there are none. Only reads.',
        (_FOLDER,),
        {"root": _TEXT, "workflow": _TEXT_OR_NONE, "tasks": _OBJECTS, "summary": _TEXT},
        read_only=True,
    ),
    McpTool(
        "run_task",
        "Run a task",
        "Run one of the project's tasks by its name from list_tasks, and get its exit status and output, as run_in_environment does.",
        (
            _FOLDER,
            Parameter("name", "text", "The task's name, from list_tasks.", required=True),
            Parameter("arguments", "texts", "Arguments to add to the task's command."),
            _TIMEOUT,
        ),
        _CAPTURED,
        destructive=True,
        open_world=True,
    ),
    McpTool(
        "list_packages",
        "List installed packages",
        "List the packages that are installed in a project's environment, with their versions. Only reads.",
        (_FOLDER, _ENVIRONMENT),
        {"root": _TEXT, "environment": {"type": "object"}, "packages": _OBJECTS},
        read_only=True,
    ),
    McpTool(
        "install_packages",
        "Install packages",
        "Install packages into a project's environment that the project does not declare, for example pytest in a project that names no "
        "dependencies. The project's files are not changed. For a permanent dependency, add it to the project's own and call "
        "sync_environment, which may remove undeclared packages.",
        (
            _FOLDER,
            Parameter(
                "packages",
                "words",
                'What to install, as pip requirements: ["pytest>=8"].',
                required=True,
            ),
            _ENVIRONMENT,
        ),
        {
            "root": _TEXT,
            "environment": {"type": "object"},
            "changed": {"type": "boolean"},
            "installed": _OBJECTS,
            "removed": _OBJECTS,
        },
        destructive=True,
        idempotent=True,
        open_world=True,
    ),
)
