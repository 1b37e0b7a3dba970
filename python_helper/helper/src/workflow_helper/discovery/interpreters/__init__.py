"""The sources of a machine's Pythons, a module each.

Each source has ``find(host, disk)``, which yields ``(source, path)`` for interpreters that may be there, the better
ones first. What they are, :mod:`workflow_helper.discovery.interpreters.describe` reads from their surroundings.
"""
