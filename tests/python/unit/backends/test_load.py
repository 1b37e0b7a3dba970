from __future__ import annotations

import pytest
from workflow_helper.backends.load import load_backend
from workflow_helper.backends.registry import WORKFLOWS


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_found_by_its_name_alone(name: str) -> None:
    """Its module is called as it is, so that the others need not be imported."""
    assert load_backend(name) is WORKFLOWS[name]
