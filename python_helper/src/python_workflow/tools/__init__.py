"""Tools: programs written in Python, each in an environment of its own, installed for good or run once.

What another side needs: :mod:`~python_workflow.tools.changing` (install, upgrade, uninstall), :mod:`~python_workflow.tools.listing`
(what is installed, by us and by others), :mod:`~python_workflow.tools.running` (what to start for a tool that is run once),
:mod:`~python_workflow.tools.path` (the offer to have their folder on PATH), :mod:`~python_workflow.tools.offering` (of a Python
that is not there), and :mod:`~python_workflow.tools.telling` (all of that
in words).
"""
