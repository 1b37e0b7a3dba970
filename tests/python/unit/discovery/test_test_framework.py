from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.files import write
from workflow_helper.discovery.test_framework import written_for
from workflow_helper.filesystem.reader import Disk

if TYPE_CHECKING:
    from pathlib import Path

CASE = "import unittest\n"
DJANGO = "from django.test import TestCase\n"
MANAGE = "from django.core.management import execute_from_command_line\n"


@pytest.mark.parametrize(
    ("files", "framework"),
    [
        ({"test_it.py": CASE}, "unittest"),
        ({"test_it.py": CASE, "pytest.toml": ""}, "pytest"),
        ({"test_it.py": CASE, ".pytest.toml": ""}, "pytest"),
        ({"test_it.py": DJANGO}, "pytest"),
        ({"test_it.py": DJANGO, "manage.py": MANAGE}, "unittest"),
        ({"test_it.py": DJANGO, "manage.py": "import shop\n"}, "pytest"),
        ({"test_it.py": DJANGO, "manage.py": MANAGE, "pytest.ini": ""}, "pytest"),
        ({"test_it.py": "import pytest\n", "manage.py": MANAGE}, "pytest"),
    ],
)
def test_files_tell_the_framework(tmp_path: Path, files: dict[str, str], framework: str) -> None:
    """What configures pytest decides, then what manages a Django project, then what the tests import."""
    for name, text in files.items():
        write(tmp_path / name, text)
    assert written_for(str(tmp_path), Disk()) == framework
