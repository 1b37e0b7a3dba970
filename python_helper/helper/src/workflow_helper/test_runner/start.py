"""The path of the test runner for the project's own Python, and one of its arguments."""

from __future__ import annotations

import os

#: The folder of all that is loaded there.
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standalone", "")
#: The file to start.
SCRIPT = os.path.join(FOLDER, "workflow_test_runner", "__main__.py")
#: With the id of a test of unittest, or of a class: run only these of those that are named; all of them, where there are none.
ONLY = "--only="
