"""Scripts with inline metadata (PEP 723): each has its own environment, created once for its metadata."""
