"""A declaration of any value TOML has: a workflow, or an error that names the file and the key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from workflow_helper.discovery.tools import BUNDLED
from workflow_helper.discovery.workflow_table import FORMS, read_wsp
from workflow_helper.errors import UnusableFile
from workflow_helper.terminal.json_encoder import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflow_helper.model import Declaration

keys = st.one_of(
    st.sampled_from([*FORMS, "requires", "folder", "wsp", "a.b", "x[0]", ""]), st.text(max_size=4)
)
values = st.recursive(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from([*BUNDLED, "./serve.py", "pkg.wsp", "C:\\tools\\wsp.exe", "/", "..", " "]),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.times(),
        st.datetimes(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
tables = st.dictionaries(st.sampled_from([*FORMS, "requires", "folder", "wsp"]), values, max_size=3)


@given(st.one_of(values, tables))
def test_any_value_is_a_workflow_or_an_error_of_one_sentence(value: object) -> None:
    """Nothing else comes out, and what is a workflow has a name, one form, and a form on the wire."""
    read: Declaration | UnusableFile
    try:
        read = read_wsp(value, "/p/pyworkflow.toml", None, "workflow.wsp", declared_in=None)
    except UnusableFile as error:
        read = error
    if isinstance(read, UnusableFile):
        assert read.path == "/p/pyworkflow.toml"
        assert "'workflow.wsp" in read.reason
        return
    assert read.name
    assert (read.bundled is not None) == isinstance(value, str)
    assert json.loads(to_json(read.launch.to_wire())) == as_launch(value)


def as_launch(value: object) -> Mapping[str, Any]:
    """What is launched for a value: a bundled name's own table, or the table as it is."""
    return {"bundled": value} if isinstance(value, str) else dict(value)  # type: ignore[call-overload]
