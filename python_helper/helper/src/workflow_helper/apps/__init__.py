"""Tools: programs written in Python, each in an environment of its own, installed permanently or run once.

What another side needs: :mod:`~workflow_helper.apps.install` (install, upgrade, uninstall), :mod:`~workflow_helper.apps.list`
(what is installed, by us and by others), :mod:`~workflow_helper.apps.run` (what to start for a tool that is run once),
:mod:`~workflow_helper.apps.path` (the offer to have their folder on PATH), :mod:`~workflow_helper.apps.python_prompt` (of a Python
that is not there), and :mod:`~workflow_helper.apps.messages` (all of that
in words).
"""
