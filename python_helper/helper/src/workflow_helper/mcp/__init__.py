"""``wsp mcp``: what agents ask for and have done, as a server of the Model Context Protocol on standard input and output."""
