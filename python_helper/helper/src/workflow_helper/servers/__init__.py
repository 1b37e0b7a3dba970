"""Workflow servers: from a declaration to a running server, with its requirements in a cache."""
