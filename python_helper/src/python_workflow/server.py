"""Write a workflow server: what ``docs/spec/writing-a-server.md`` uses, in one place.

::

    from python_workflow.server import Environment, Server

    server = Server("mytool", "1.0")

    @server.list_environments
    def environments() -> list[Environment]:
        return [Environment(id="3.13", name="default", python_version="3.13")]

    server.run()
"""

from python_workflow.errors import (
    Cancelled,
    EnvironmentNotFound,
    ExecutionFailed,
    InvalidParams,
    Locked,
    LockOutdated,
    NameConflict,
    NetworkUnavailable,
    Protected,
    PythonUnavailable,
    RequestFailed,
    ToolNotInstalled,
)
from python_workflow.model import Interpreter, Status
from python_workflow.wsp.handlers import Progress
from python_workflow.wsp.params import (
    CommandParams,
    CreateParams,
    EnsureParams,
    ExecuteParams,
    IdParams,
    PackagesParams,
    ScriptParams,
    SyncParams,
    TaskCommandParams,
    VersionParams,
    folder_name,
)
from python_workflow.wsp.server import Client, Server
from python_workflow.wsp.values import (
    Changes,
    Command,
    Execution,
    InSync,
    Package,
    Plan,
    Task,
)
from python_workflow.wsp.values import ServerEnvironment as Environment

__all__ = [
    "Cancelled",
    "Changes",
    "Client",
    "Command",
    "CommandParams",
    "CreateParams",
    "EnsureParams",
    "Environment",
    "EnvironmentNotFound",
    "ExecuteParams",
    "Execution",
    "ExecutionFailed",
    "IdParams",
    "InSync",
    "Interpreter",
    "InvalidParams",
    "LockOutdated",
    "Locked",
    "NameConflict",
    "NetworkUnavailable",
    "Package",
    "PackagesParams",
    "Plan",
    "Progress",
    "Protected",
    "PythonUnavailable",
    "RequestFailed",
    "ScriptParams",
    "Server",
    "Status",
    "SyncParams",
    "Task",
    "TaskCommandParams",
    "ToolNotInstalled",
    "VersionParams",
    "folder_name",
]
