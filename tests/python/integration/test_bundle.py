from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.debug_client import debug_adapter
from support.tree import ROOT, bundle, old_pythons, supported_pythons

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("node")

#: Parts of libraries that run on one system only.
NATIVE = (".pyd", ".so", ".dll", ".dylib", ".exe", ".pdb", ".lib", ".a")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what Pythons compile of the bundle, which takes longer than all the rest: each part once."""
    return tmp_path_factory.mktemp("pycache")


def run_bundle(
    python: str, folder: Path, compiled: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run the bundled helper as the extension does."""
    command = [
        python,
        "-I",
        "-S",
        "-X",
        f"pycache_prefix={compiled}",
        str(bundle()),
        *words,
    ]
    return subprocess.run(
        command,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("python", supported_pythons())
def test_the_bundle_answers_on_every_supported_python(
    python: str, tmp_path: Path, compiled: Path
) -> None:
    """The bundled helper says that an empty folder has no environment, on each Python of the machine."""
    words = [
        "env",
        "default",
        "--static",
        "--json",
        "--no-input",
        "--editor",
        "--folder",
        str(tmp_path),
    ]
    finished = run_bundle(python, tmp_path, compiled, *words)
    assert (finished.returncode, finished.stderr) == (3, "")
    assert json.loads(finished.stdout)["environment"] is None


@pytest.mark.slow
@pytest.mark.parametrize("python", supported_pythons())
def test_every_bundled_library_imports(python: str, compiled: Path) -> None:
    """What the language server needs is in the bundle, whatever the Python, and nothing comes from elsewhere."""
    code = f"""
import sys
sys.path += [{str(bundle())!r}, {str(bundle() / "libs")!r}]
import attrs, cattrs, lsprotocol.types, packaging.version, platformdirs, pygls.lsp.server, tomli
import workflow_helper.lsp.server
print({str(bundle())!r} in pygls.lsp.server.__file__)
"""
    command = [python, "-I", "-S", "-X", f"pycache_prefix={compiled}", "-c", code]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert finished.stdout == "True\n", finished.stderr


@pytest.mark.needs("older python")
@pytest.mark.parametrize("python", old_pythons() or [""])
def test_an_older_python_is_told_so(python: str, tmp_path: Path) -> None:
    """A Python that is too old gets one sentence on stderr and the exit code that means so, never a traceback."""
    finished = subprocess.run(
        [python, "-S", str(bundle()), "lsp"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 69
    assert finished.stderr.startswith("The helper needs Python 3.10 or newer; ")
    assert finished.stderr.count("\n") == 1


def test_the_bundle_holds_nothing_native() -> None:
    """One package serves every system, so nothing in it is built for one, but what pip makes programs from on Windows."""
    native = [path for path in bundle().rglob("*") if path.suffix in NATIVE]
    assert {path.parent for path in native} == {bundle() / "libs" / "pip" / "_vendor" / "distlib"}
    assert {path.suffix for path in native} == {".exe"}


@pytest.mark.slow
@pytest.mark.parametrize("python", supported_pythons())
def test_breakpoints_work_with_the_stripped_debugger(
    python: str, tmp_path: Path, compiled: Path
) -> None:
    """The bundled debugger, started as the extension does, stops a program at a breakpoint and shows its variables."""
    program = tmp_path / "program.py"
    program.write_text("def double(number):\n    return 2 * number\n\nprint(double(21))\n", "utf-8")
    environ = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "PYTHONPYCACHEPREFIX": str(compiled),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    isolated = ["-I", "-S", "-X", f"pycache_prefix={compiled}"]
    adapter = [python, *isolated, str(bundle() / "libs" / "debugpy" / "adapter")]
    with debug_adapter(adapter, tmp_path, environ) as client:
        client.answer(client.request("initialize", {"adapterID": "python", "pathFormat": "path"}))
        launched = client.request(
            "launch", {"program": str(program), "python": [python], "console": "internalConsole"}
        )
        client.event("initialized")
        source = {"source": {"path": str(program)}, "breakpoints": [{"line": 2}]}
        client.answer(client.request("setBreakpoints", source))
        client.answer(client.request("configurationDone"))
        client.answer(launched)

        stopped = client.event("stopped")
        assert stopped["reason"] == "breakpoint"
        stack = client.answer(client.request("stackTrace", {"threadId": stopped["threadId"]}))
        frame = stack["stackFrames"][0]
        assert (frame["name"], frame["line"]) == ("double", 2)
        value = client.answer(
            client.request("evaluate", {"expression": "number", "frameId": frame["id"]})
        )
        assert value["result"] == "21"

        client.answer(client.request("continue", {"threadId": stopped["threadId"]}))
        assert client.event("exited")["exitCode"] == 0


def test_the_extension_knows_which_pythons_the_debugger_runs_in() -> None:
    """The oldest Python that the extension debugs is the oldest that the bundled debugger asks for."""
    (metadata,) = (bundle() / "libs").glob("debugpy-*.dist-info/METADATA")
    required = re.search(
        r"^Requires-Python: >=3\.(\d+)$", metadata.read_text("utf-8"), re.MULTILINE
    )
    source = (ROOT / "extension" / "core" / "debugging.ts").read_text("utf-8")
    known = re.search(r"^const OLDEST_MINOR = (\d+);$", source, re.MULTILINE)
    assert required is not None
    assert known is not None
    assert required[1] == known[1]
