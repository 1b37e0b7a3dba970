"""Run pytest, unittest or Django's runner in the Python that starts this file, and report each step over a pipe.

The file is started by its path: ``__main__.py REPORT pytest|unittest|django [OPTION]... [NAME]...``, where ``REPORT``
is the number of an inherited descriptor, on Windows of an inherited handle, or else the path of a file to append to,
because a debugger does not pass on descriptors. The output of the tests is not redirected.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: By framework, the module that runs it.
_RUNNERS = {"pytest": "pytest_plugin", "unittest": "unittest_runner", "django": "django_runner"}


def main(arguments: list[str]) -> int:
    """Run the framework that ``arguments`` name; return its exit status."""
    where, framework, *more = arguments
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        # As `python -m` has it: the current folder, and nothing of ours.
        sys.path[0] = os.getcwd()
    report_module, runner = (
        _loaded(name, os.path.dirname(here)) for name in ("report", _RUNNERS[framework])
    )
    report = report_module.ReportPipe(where)
    sys.argv = [framework, *more]
    status = int(runner.run(report, more))
    report.send("finished", status=status)
    return status


def _loaded(name: str, folder: str) -> ModuleType:
    """Import a module of this product from ``folder``, without leaving ``folder`` on the path or writing into it."""
    writes_none = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    try:
        return import_module(f"workflow_test_runner.{name}")
    finally:
        sys.path.remove(folder)
        sys.dont_write_bytecode = writes_none


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
