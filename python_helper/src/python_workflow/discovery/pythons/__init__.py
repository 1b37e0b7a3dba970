"""Where a machine's Pythons are: a module a source.

Each source has ``find(host, disk)``, which yields ``(source, path)`` for interpreters that may be there, the better
ones first. What they are, :mod:`python_workflow.discovery.pythons.describing` reads from their surroundings.
"""
