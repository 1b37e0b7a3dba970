"""Drive `wsp mcp` with the official client, as JSON on standard input says; what came of each step goes out as JSON."""

import json
import sys
import warnings

import anyio
import mcp.client.session
from mcp import Client, StdioServerParameters
from mcp.types import ListRootsResult, Root

warnings.simplefilter("ignore")  # roots are deprecated, and in use


async def main():
    asked = json.load(sys.stdin)
    server = StdioServerParameters(command=asked["command"][0], args=asked["command"][1:], env=asked["env"], cwd=asked["cwd"])
    progress = []
    # It gives up its first question after 10 seconds, and shakes hands as older ones do: too few on a machine under load.
    mcp.client.session.DISCOVER_TIMEOUT_SECONDS = asked["patience"]

    async def roots(_context):
        return ListRootsResult(roots=[Root(uri=uri) for uri in asked["roots"]])

    async def heard(_done, _total, message):
        progress.append(message)

    given = {"list_roots_callback": roots} if asked["roots"] is not None else {}
    async with Client(server, mode=asked["mode"], **given) as client:
        listed = await client.list_tools()
        results = []
        for name, arguments in asked["calls"]:
            # It holds what the server answers against the tool's own schema.
            result = await client.call_tool(name, arguments, progress_callback=heard)
            results.append(result.model_dump(mode="json", by_alias=True))
        document = {
            "version": client.protocol_version,
            "instructions": client.instructions,
            "tools": [tool.model_dump(mode="json", by_alias=True) for tool in listed.tools],
            "results": results,
            "progress": progress,
        }
    json.dump(document, sys.stdout)


anyio.run(main)
