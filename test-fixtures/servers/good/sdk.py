"""A server made with ``workflow_server`` that offers everything, with its environments in memory."""

import asyncio
import os
import subprocess
import sys
import time
from threading import Event

from workflow_server import Cancelled, Changes, Command, CommandParams, CreateParams, EnsureParams, Environment, EnvironmentNotFound, ExecuteParams, Execution, IdParams, InSync, Interpreter, InvalidParams, Package, PackagesParams, Plan, PythonUnavailable, RunConfiguration, ScriptParams, Server, SyncParams, Task, TaskCommandParams, TestParams, TestRunEnd, TestUpdate, Updates, VersionParams

server = Server("everything", "2.0", default=True)
changed = server.watches_environments()
PYTHON = Interpreter(sys.executable, "3.13.0", "cpython", "path")
NOTHING = Changes(changed=False, installed=(), removed=())


def environment(name: str, version: str = "3.13.0") -> Environment:
    prefix = os.path.abspath(os.path.join(os.sep, "envs", name))
    return Environment(
        id=name,
        name=name,
        python_version=version,
        interpreter_path=os.path.join(prefix, "bin", "python"),
        installed_packages=(Package("pip", "26.0"), Package("PyYAML", "6.0.3")),
        prefix=prefix,
        kind="venv",
        default=name == "main",
    )


known = {name: environment(name) for name in ("other", "main", "\u00e9t\u00e9")}


@server.list_environments
def environments() -> list[Environment]:
    print("this is not for the client")
    server.log("listing")
    return list(known.values())


@server.get_environment
async def get(params: IdParams) -> Environment:
    await asyncio.sleep(0)
    return find(params.id)


def find(id: str) -> Environment:
    if id not in known:
        raise EnvironmentNotFound(f"there is no environment {id}", hint="Create it.")
    return known[id]


@server.create_environment
def create(params: CreateParams, progress, cancelled) -> Environment:
    progress(f"Making {params.name}", 10)
    if params.name == "fails":
        raise ZeroDivisionError("somewhere deep inside")
    if params.name == "ends":
        sys.exit(7)
    if params.name == "wrong":
        return Environment("wrong", "", "three", "python")
    if params.name == "child":
        subprocess.run([sys.executable, "-c", "print('a child says hello'); input()"], check=False)
    if params.name == "stubborn":
        time.sleep(600)
    if params.name == "slow":
        cancelled.wait(600)
        known["cleaned up"] = environment("cleaned up")
        from workflow_server import Cancelled

        raise Cancelled("gave up making slow")
    progress("Nearly there", 90)
    known[params.name] = environment(params.name, params.python_version or "3.13.0")
    changed(params.name)
    return known[params.name]


@server.delete_environment
def delete(params: IdParams) -> None:
    del known[find(params.id).id]


@server.execute
def execute(params: ExecuteParams) -> Execution:
    find(params.id)
    program = sys.executable if params.argv[0] == "python" else params.argv[0]
    done = subprocess.run(
        [program, *params.argv[1:]], env={**os.environ, **(params.env or {})}, capture_output=True, check=False
    )
    return Execution(done.returncode, done.stdout.decode(), done.stderr.decode())


@server.sync
async def sync(params: SyncParams) -> Changes:
    find(params.id)
    # As long as its task is not cancelled.
    try:
        await asyncio.sleep(600 if params.frozen else 0)
    except asyncio.CancelledError:
        await asyncio.sleep(0)
        known["tidied up"] = environment("tidied up")
        raise
    return NOTHING


@server.check
async def check(params: SyncParams) -> InSync:
    find(params.id)
    return InSync(in_sync=True, message="", plan=Plan() if params.plan else None)


@server.ensure_environment
def ensure(params: EnsureParams, progress) -> Environment:
    if params.python and not params.python.startswith("3"):
        raise PythonUnavailable(f"there is no Python {params.python}")
    name = params.name or "main"
    progress(f"Looking for {name}")
    found = known.setdefault(name, environment(name))
    more = [Package(one, "1") for one in params.packages or ()]
    return found._replace(installed_packages=(*found.installed_packages, *more))


@server.packages
def packages(params: IdParams) -> list[Package]:
    return [*find(params.id).installed_packages]


@server.install
def install(params: PackagesParams) -> Changes:
    find(params.id)
    return Changes(True, tuple(Package(one, "1") for one in params.packages), ())


@server.uninstall
def uninstall(params: PackagesParams) -> Changes:
    find(params.id)
    return NOTHING


@server.command
def command(params: CommandParams, progress) -> Command:
    progress("Looking")
    found = find(params.id)
    return Command(params.argv, params.cwd or server.root, (), {"VIRTUAL_ENV": found.prefix}, ())


@server.list_pythons
def pythons() -> list[Interpreter]:
    return [PYTHON]


@server.find_python
def python(params: VersionParams) -> Interpreter:
    if params.version.startswith("2"):
        raise PythonUnavailable(f"there is no Python {params.version}")
    return PYTHON


@server.install_python
def install_python(params: VersionParams) -> Interpreter:
    return PYTHON


@server.list_tasks
def tasks() -> list[Task]:
    return [Task("test", "Run the tests"), Task("docs")]


@server.task_command
def task(params: TaskCommandParams) -> Command:
    if params.name not in ("test", "docs"):
        raise InvalidParams(f"there is no task {params.name}")
    return Command((params.name, *params.argv), server.root)


@server.test_configurations
def configurations() -> list[RunConfiguration]:
    first, *more = known
    return [RunConfiguration("default", first, default=True), *(RunConfiguration(one, one, argv=("-x",)) for one in more)]


@server.discover_tests
def discover(params: TestParams, updates: Updates) -> TestRunEnd:
    known_configuration(params)
    updates(TestUpdate("test_a.py::test_one", "found", line=3), TestUpdate("test_b.py", "unusable", message="SyntaxError"))
    return TestRunEnd(2)


@server.run_tests
def run_tests(params: TestParams, updates: Updates, cancelled: Event) -> TestRunEnd:
    known_configuration(params)
    for name in params.names or ("test_a.py::test_one",):
        updates(TestUpdate(name, "running"))
        if name == "endless":
            cancelled.wait()
            raise Cancelled("the run was interrupted")
        updates(TestUpdate(name, "passed", 0.5, output=f"{params.configuration}\n"))
    return TestRunEnd(0)


def known_configuration(params: TestParams) -> None:
    if params.configuration not in {one.id for one in configurations()}:
        raise InvalidParams(f"there is no configuration {params.configuration}")


@server.script_environment
def script(params: ScriptParams) -> Environment:
    return environment(os.path.basename(params.path))


@server.method("x-everything/client")
def client(params: dict) -> dict:
    asked = server.client
    return {"name": asked.name, "root": server.root, "trusted": asked.project_trusted, "asked": params}


if __name__ == "__main__":
    server.run()
