"""``py`` and ``pyx``: the right Python for a folder, and scripts and tools that are just run.

A program beside ``wsp`` that stands on the same core, and shares nothing with its command line.
"""

__version__ = "0.1.0"
