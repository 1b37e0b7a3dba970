"""Find which Python environment a folder uses, and which tool creates and syncs it."""

__version__ = "0.1.0"
