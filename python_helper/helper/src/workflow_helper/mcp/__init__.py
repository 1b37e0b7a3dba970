"""``wsp mcp``: the operations for agents, as a server of the Model Context Protocol on standard input and output."""
