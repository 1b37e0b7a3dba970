from __future__ import annotations

import os

import pytest
from workflow_server.values import Command

ENVIRON = {"PATH": "/usr/bin:/bin", "GONE": "1", "KEPT": "2"}


@pytest.mark.needs("POSIX")
def test_changes_to_variables_are_applied_in_the_protocol_s_order() -> None:
    """Removed first, then set, then put before PATH, in the order given; the rest is kept."""
    how = Command(("x",), "/", ("GONE", "AGAIN"), {"AGAIN": "set", "KEPT": "3"}, ("/a", "/b"))
    assert how.applied(ENVIRON) == {"PATH": "/a:/b:/usr/bin:/bin", "AGAIN": "set", "KEPT": "3"}


@pytest.mark.needs("POSIX")
def test_path_may_be_set_removed_or_not_there() -> None:
    """What is put before it leads what there is then; an empty PATH, which means the current folder, gains no entry."""
    put = ("/a",)
    assert Command(("x",), "/", (), {"PATH": "/own"}, put).applied(ENVIRON)["PATH"] == "/a:/own"
    default = f"/a:{os.defpath}"
    assert Command(("x",), "/", ("PATH",), {}, put).applied(ENVIRON)["PATH"] == default
    assert Command(("x",), "/", (), {}, put).applied({})["PATH"] == default
    assert Command(("x",), "/", (), {}, put).applied({"PATH": ""})["PATH"] == "/a"


def test_nothing_is_changed_that_is_not_named() -> None:
    """Not even PATH; and what was given stays as it is."""
    before = dict(ENVIRON)
    assert Command(("x",), "/").applied(ENVIRON) == ENVIRON == before
