"""Which Python environment a folder uses, and which tool makes and keeps it."""

__version__ = "0.1.0"
