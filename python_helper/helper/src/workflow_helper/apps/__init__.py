"""Tools: programs written in Python, each in an environment of its own, installed permanently or run once.

The modules for callers: :mod:`~workflow_helper.apps.install` (install, upgrade, uninstall),
:mod:`~workflow_helper.apps.list` (what is installed, by us and by others), :mod:`~workflow_helper.apps.run` (what to
start for a tool that is run once), :mod:`~workflow_helper.apps.path` (offer to put their folder on PATH),
:mod:`~workflow_helper.apps.python_prompt` (offer to install a missing Python), and
:mod:`~workflow_helper.apps.messages` (messages about all of these).
"""
