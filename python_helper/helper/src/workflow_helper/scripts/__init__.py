"""Scripts that say in a comment what they need (PEP 723): each has an environment of its own, made once for what it says."""
