"""JSON-RPC 2.0 as values and bytes, without I/O, threads or clocks."""
