"""Rules by which tools derive names, against the words in which those tools' own sources state them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from workflow_helper.discovery.tools.naming import md5_mark, normalized, sha256_mark
from workflow_helper.discovery.tools.pipenv import environment_name
from workflow_helper.discovery.tools.poetry import base_name
from workflow_helper.discovery.tools.workspaces import matches

NAMES = st.text(alphabet=st.sampled_from(list('aB1-_. $`!*@"\\\r\n\t&()[]é')), max_size=60)
PATHS = st.lists(st.text(alphabet="ab é$[", min_size=1, max_size=9), min_size=1, max_size=5).map(
    lambda parts: "/" + "/".join(parts)
)
PARTS = st.lists(st.text(alphabet="abx.", min_size=1, max_size=3), min_size=1, max_size=4).filter(
    lambda parts: not {".", ".."} & set(parts)
)


@given(NAMES)
def test_normalization_is_packagings(name: str) -> None:
    """A name is normalized as the packaging library does it, runs at its ends included."""
    assert normalized(name) == canonicalize_name(name)


@given(st.text())
def test_marks_are_url_safe_base64_of_the_digest(text: str) -> None:
    """A mark is the beginning of the digest in URL-safe base64, for any text."""
    data = text.encode()
    sha, md5 = hashlib.sha256(data).digest(), hashlib.md5(data, usedforsecurity=False).digest()
    assert sha256_mark(text) == base64.urlsafe_b64encode(sha).decode()[:8]
    assert sha256_mark(text, of_bytes=6) == base64.urlsafe_b64encode(sha[:6]).decode()[:8]
    assert md5_mark(text) == base64.urlsafe_b64encode(md5).decode()[:8]


@given(NAMES, PATHS)
def test_poetrys_rule(name: str, root: str) -> None:
    """An environment of Poetry's is named as ``EnvManager.generate_env_name`` says."""
    short = re.sub(r'[ $`!*@"\\\r\n\t]', "_", canonicalize_name(name).lower())[:42]
    normalized = os.path.normcase(root).encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(normalized).digest()).decode()[:8]
    assert base_name(name, root) == f"{short}-{digest}"


@given(NAMES, PATHS)
def test_pipenvs_rule(name: str, pipfile: str) -> None:
    """An environment of pipenv's is named as ``VenvLocator`` says."""
    short = re.sub(r'[ &$`!*@"()\[\]\\\r\n\t]', "_", name)[0:42]
    digest = hashlib.sha256(pipfile.encode()).digest()[:6]
    assert (
        environment_name(name, pipfile)
        == f"{short}-{base64.urlsafe_b64encode(digest).decode()[:8]}"
    )


@given(PARTS, st.data())
def test_globs_without_double_stars_are_pathlibs(parts: list[str], data: st.DataObject) -> None:
    """A pattern of as many parts as the path matches as ``PurePath.match`` has it."""
    size = len(parts)
    pattern = data.draw(
        st.lists(
            st.text(alphabet="abx.*?", min_size=1, max_size=3), min_size=size, max_size=size
        ).filter(lambda words: not {".", ".."} & set(words) and "**" not in "/".join(words))
    )
    path = PurePosixPath("/".join(parts))
    assert matches("/".join(pattern), parts) == path.match("/".join(pattern))


@given(PARTS, PARTS)
def test_double_star_spans_any_number_of_parts(before: list[str], after: list[str]) -> None:
    """``**`` inside a pattern stands for no part, one, or several; at its end for at least one."""
    head, tail = "/".join(before), "/".join(after)
    for between in ([], ["x"], ["x", "y"]):
        assert matches(f"{head}/**/{tail}", [*before, *between, *after])
        assert matches(f"{head}/**", [*before, *between]) == bool(between)
    assert matches(f"./{head}//{tail}/", [*before, *after])
    assert matches(f"gone/../{head}", before)
