"""The sources of a machine's Pythons, one module for each.

Each source has ``find(host, disk)``, which yields ``(source, path)`` for possible interpreters, the better ones first.
:mod:`workflow_helper.discovery.interpreters.describe` reads their versions from the files around them.
"""
