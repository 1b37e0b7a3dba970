"""Scripts with inline metadata (PEP 723): each has an environment of its own, created once for what it says."""
