"""``py`` and ``pyx``: start the right Python for a folder, and run scripts and tools.

A program in addition to ``wsp``, on the same core, but with its own command line.
"""

__version__ = "0.1.0"
