"""Pythons put on this machine, by what the machine has for that; those that are there stand in ``discovery``."""
