"""A project whose own server tells in which ways its tests are run."""

from __future__ import annotations

#: Three configurations of two environments, one of which is not there yet.
_SERVER = """
import os, venv
from workflow_server.sdk import CreateParams, Environment, EnvironmentNotFound, IdParams, RunConfiguration, Server

server = Server("ours")

def environment(name):
    prefix = os.path.join(server.root, name)
    python = os.path.join(prefix, *(["bin", "python"] if os.name == "posix" else ["Scripts", "python.exe"]))
    return Environment(name, name, "%d.%d" % __import__("sys").version_info[:2], python, prefix=prefix, default=name == "env")

@server.list_environments
def environments():
    return [environment(name) for name in ("env", "later") if os.path.isdir(os.path.join(server.root, name))]

@server.get_environment
def get(params: IdParams):
    return environment(params.id)

@server.create_environment
def create(params: CreateParams):
    venv.create(os.path.join(server.root, params.name), symlinks=os.name == "posix")
    return environment(params.name)

@server.test_configurations
def configurations():
    engine = os.path.join(server.root, "engine")
    later = os.path.isdir(os.path.join(server.root, "later"))
    return [
        RunConfiguration("all", "env", argv=("--strict-markers",)),
        RunConfiguration("unit", "env", "unit tests", "pytest", ("-k", "not slow"), ("unit",), engine, {"KIND": "unit"}, default=True),
        RunConfiguration("old", "later", framework="unittest", missing=not later, cwd=engine, env={"KIND": "old"}),
    ]

server.run()
"""
#: The project's files. Its environment ``env`` is to be made, with pytest.
CONFIGURED = {
    "pyproject.toml": '[workflow]\nwsp = {script = "serve.py"}\n',
    "serve.py": _SERVER,
    "pytest.ini": "[pytest]\n",
    "engine/unit/test_unit.py": "import os, pathlib\n\ndef test_quick():\n"
    "    assert os.environ['KIND'] == 'unit' and pathlib.Path.cwd().name == 'engine'\n\ndef test_slow(): pass\n",
    "engine/test_case.py": "import os, unittest\n\nclass Case(unittest.TestCase):\n"
    "    def test_kind(self): self.assertEqual(os.environ.get('KIND'), 'old')\n",
}
