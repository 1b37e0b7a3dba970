"""JSON-RPC 2.0 as values and bytes: no sockets, pipes, threads or clocks, and nothing of any protocol above it."""
