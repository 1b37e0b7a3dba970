"""Communicate with a person at a terminal, or with a pipe: the common part of ``wsp`` and ``py``."""
