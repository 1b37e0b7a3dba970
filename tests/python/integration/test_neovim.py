"""The language server in a real Neovim, by the plugin that comes with the project."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.files import write
from support.language_client import GUARD
from support.machine import TREE, make_venv

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

PLUGIN = TREE / "editors" / "neovim"
MODULE = PLUGIN / "lua" / "python_workflow.lua"

#: A language server of the few lines that show what it is told: it writes down its settings.
OTHER = """
import json, sys
def send(message):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
    sys.stdout.buffer.flush()
while header := sys.stdin.buffer.readline():
    sys.stdin.buffer.readline()
    message = json.loads(sys.stdin.buffer.read(int(header.split(b":")[1])))
    if message.get("method") == "workspace/didChangeConfiguration":
        with open(sys.argv[1], "a") as told:
            told.write(json.dumps(message["params"]["settings"]) + "\\n")
    elif message.get("method") == "exit":
        break
    elif "id" in message:
        send({"jsonrpc": "2.0", "id": message["id"], "result": {"capabilities": {}}})
"""

#: What a person does, step by step, and what there is to see after each.
STEPS = """
local given = vim.fn.json_decode(vim.env.GIVEN)
local workflow = require("python_workflow")
local seen = {}

local function wait(what, holds)
  if not vim.wait(60000, holds, 20) then
    seen.failed = what
    vim.fn.writefile({vim.fn.json_encode(seen)}, given.seen)
    vim.cmd("cquit")
  end
end
local function environment() return workflow.answer and workflow.answer.environment ~= vim.NIL and workflow.answer.environment.name end

vim.lsp.start_client({name = "basedpyright", cmd = {given.python, given.other, given.told}})
workflow.setup({cmd = {given.python, "-I", "-m", "workflow_helper", "lsp"}, trusted = true})
vim.cmd("edit " .. given.file)
wait("a first answer", function() return environment() == ".venv" and vim.env.VIRTUAL_ENV end)
seen.first = {vim.env.VIRTUAL_ENV, vim.split(vim.env.PATH, ":")[1]}
vim.ui.select = function(items, options, done)
  seen.offered = vim.tbl_map(options.format_item, items)
  for _, item in ipairs(items) do
    if item.name == "other" then return done(item) end
  end
end
vim.cmd("PythonWorkflowSelect")
wait("a selection", function() return environment() == "other" and vim.env.VIRTUAL_ENV == given.prefix end)
seen.path = vim.split(vim.env.PATH, ":")
vim.fn.termopen({"sh", "-c", "echo $VIRTUAL_ENV > " .. given.terminal})
wait("a terminal", function() return vim.fn.filereadable(given.terminal) == 1 and #vim.fn.readfile(given.terminal) > 0 end)
vim.cmd("edit! " .. given.file)
vim.cmd("PythonWorkflowWhy")
wait("the reasons", function() return vim.bo.buftype == "nofile" and #vim.api.nvim_buf_get_lines(0, 0, -1, false) > 3 end)
seen.why = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.cmd("edit " .. given.toml)
wait("a problem", function() return #vim.diagnostic.get(0) > 0 end)
seen.problem = vim.diagnostic.get(0)[1].message
wait("the other server's settings", function() return vim.fn.filereadable(given.told) == 1 and #vim.fn.readfile(given.told) > 1 end)
vim.fn.writefile({vim.fn.json_encode(seen)}, given.seen)
vim.cmd("qall!")
"""


@pytest.mark.needs("neovim")
def test_the_plugin_selects_explains_and_hands_on_in_neovim(
    machine: Machine, tmp_path: Path
) -> None:
    """The interpreter is found and selected, terminals and another language server follow, and TOML is checked."""
    make_venv(machine.workspace / ".venv")
    other = make_venv(machine.workspace / "other")
    file = write(machine.workspace / "app.py", "")
    toml = write(machine.workspace / "pyproject.toml", '[workflow]\nwsp = "uw"\n')
    given = {
        "python": sys.executable,
        "other": str(write(tmp_path / "other.py", OTHER)),
        "told": str(tmp_path / "told"),
        "seen": str(tmp_path / "seen.json"),
        "terminal": str(tmp_path / "terminal"),
        "prefix": str(other),
        "file": str(file),
        "toml": str(toml),
    }
    steps = write(tmp_path / "steps.lua", STEPS)
    argv = [
        "nvim",
        "--headless",
        "--clean",
        "--cmd",
        f"set rtp+={PLUGIN}",
        "-c",
        f"luafile {steps}",
    ]
    done = subprocess.run(
        argv,
        cwd=machine.workspace,
        env={**machine.environ, "GIVEN": json.dumps(given)},
        capture_output=True,
        text=True,
        timeout=4 * GUARD,
        check=False,
    )
    seen: dict[str, Any] = json.loads((tmp_path / "seen.json").read_text())
    assert (done.returncode, seen.get("failed")) == (0, None), done.stderr
    first = machine.workspace / ".venv"
    assert seen["first"] == [str(first), str(first / "bin")]
    assert any(line.startswith("other ") for line in seen["offered"])
    assert seen["path"][0] == str(other / "bin")
    assert str(first / "bin") not in seen["path"]
    assert (tmp_path / "terminal").read_text() == f"{other}\n"
    assert any(line.startswith("E1 matched") for line in seen["why"])
    assert "names no bundled workflow" in seen["problem"]
    messages = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert messages[-1]["python"]["pythonPath"] == str(other / "bin" / "python")


def test_the_page_shows_the_plugin_as_it_stands() -> None:
    """The documentation's listing is the file."""
    page = (TREE / "docs" / "editors.md").read_text()
    listed = page.partition("```lua\n")[2].partition("```\n")[0]
    assert listed == MODULE.read_text()
