"""A server made with ``workflow_server`` that keeps environments in memory, as a client of the base profile has them."""

from workflow_server import CreateParams, Environment, EnvironmentNotFound, ExecuteParams, Execution, IdParams, NameConflict, PythonUnavailable, Server

server = Server("memory")
known: dict[str, Environment] = {}


@server.list_environments
def environments() -> list[Environment]:
    return list(known.values())


@server.get_environment
def get(params: IdParams) -> Environment:
    if params.id not in known:
        raise EnvironmentNotFound(f"environment {params.id} not found")
    return known[params.id]


@server.create_environment
def create(params: CreateParams) -> Environment:
    if params.name in known:
        raise NameConflict(f"{params.name} exists")
    if (params.python_version or "").startswith("2."):
        raise PythonUnavailable(f"there is no Python {params.python_version}")
    python = f"/envs/{params.name}/bin/python"
    made = Environment(params.name, params.name, params.python_version or "3.13", python)
    known[made.id] = made
    return made


@server.delete_environment
def delete(params: IdParams) -> None:
    del known[get(params).id]


@server.execute
def execute(params: ExecuteParams) -> Execution:
    get(IdParams(params.id))
    return Execution(0, " ".join(params.argv), "")


server.run()
