"""Run a Django project's own test runner, and report its results like those of unittest, on which it is based."""

from __future__ import annotations

import importlib
import runpy
import sys
import traceback
import unittest
from types import ModuleType

from workflow_test_runner.unittest_runner import (
    UnittestReporter,
    iterate_tests,
    parse_unittest,
    report_start,
    select,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import override

    from workflow_test_runner.report import ReportPipe
else:

    def override(method: object) -> object:
        """Return ``method`` unchanged; this is for type checkers."""
        return method


def run(report: ReportPipe, arguments: list[str]) -> int:
    """Run the tests of a Django project by its own ``manage.py test``, as :func:`workflow_test_runner.unittest_runner.run` does."""
    report_start(report)
    options = parse_unittest(arguments)
    UnittestReporter.report = report
    over: list[int] = []

    def runner(name: str) -> type[Any]:
        """Return the project's own runner with reporting; called when the settings are known."""
        if name != "Runner":
            raise AttributeError(name)
        settings = importlib.import_module("django.conf").settings
        base: Any = importlib.import_module("django.test.utils").get_runner(settings)

        class ReportingRunner(base):  # type: ignore[misc]
            @override
            def get_resultclass(self) -> type[UnittestReporter]:
                return UnittestReporter

            @override
            def build_suite(self, *words: object, **more: object) -> unittest.TestSuite:
                suite = super().build_suite(*words, **more)
                tests, status = select(report, options, list(iterate_tests(suite)))
                if status is not None or not tests:
                    over.append(5 if status is None else status)
                    raise SystemExit(over[0])
                return unittest.TestSuite(tests)

        return ReportingRunner

    module = ModuleType("_reporting_runner")
    module.__getattr__ = runner  # type: ignore[method-assign]
    sys.modules[module.__name__] = module
    sys.argv = ["manage.py", "test", "--noinput", f"--testrunner={module.__name__}.Runner"]
    sys.argv += [f"--pattern={options.pattern}", f"--verbosity={options.verbosity}"]
    sys.argv += [f"-k={one}" for one in options.patterns]
    sys.argv += ["--failfast"] * options.failfast + ["--buffer"] * options.buffer
    sys.argv += [options.start] if options.start else []
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except KeyboardInterrupt:
        return 2
    except SystemExit as end:
        return over[0] if over else int(end.code not in (None, 0))
    except Exception:  # noqa: BLE001 - of the project's settings, or of what it connects to
        traceback.print_exc()
        return 3
    return 0
