from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from support.language_client import LanguageClient
from support.machine import Machine, shared
from support.needs import leave_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Tests of what is nowhere else, such as the registry.
collect_ignore = [] if os.name == "nt" else ["windows"]

# Machines differ in speed, and examples that failed once become tests instead of files. The same few examples in every run,
# so that a change is judged by what it changed, and soon; `npm run test:full` looks for new ones, and for many more of them.
# That holds for every property: one with a number of its own would be left out of the longer search.
tree = settings(deadline=None, database=None, max_examples=50, print_blob=True)
settings.register_profile("tree", tree, derandomize=True)
settings.register_profile("search", tree, max_examples=1000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask for what takes too long for every run."""
    parser.addoption("--whole", action="store_true", help="run whole tables, and many rounds")


def pytest_configure(config: pytest.Config) -> None:
    """Take the profile ``tree`` unless ``--hypothesis-profile`` names another; make what all processes share."""
    shared()
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("tree")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run."""
    leave_out(items)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of the test's own."""
    return Machine.at(tmp_path)


@pytest.fixture
def client(machine: Machine) -> Iterator[LanguageClient]:
    """A server that was just started."""
    with LanguageClient(machine.environ) as client:
        yield client
