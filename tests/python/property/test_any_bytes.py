"""Whatever bytes a file of a folder or of the user holds: an answer, and a good environment is never hidden."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.files import base_python, drawn_venv, write
from support.folders import all_answers, fresh_machine
from workflow_helper.discovery.declarations import of_user
from workflow_helper.filesystem.reader import Disk

FILES = (
    "pyproject.toml",
    "pyworkflow.toml",
    ".python-envs",
    "uv.toml",
    "pdm.toml",
    ".pdm-python",
    "poetry.toml",
    "Pipfile",
    "pixi.toml",
    "hatch.toml",
    "environment.yml",
    "tox.ini",
    "setup.cfg",
    ".python-version",
    "../home/.config/python-workflow/pyworkflow.toml",
    "../home/.local/state/python-workflow/selections.json",
    "../home/.config/hatch/config.toml",
    "../home/.config/pypoetry/config.toml",
    "../home/.config/pdm/config.toml",
    "../home/.conda/environments.txt",
)

#: Pieces that mean something to one reader or another, so that examples get further than the first byte.
PIECES = (
    b"[workflow]\n",
    b"[[folder]]\n",
    b"[project]\nname = ",
    b"[tool.hatch.envs.default]\n",
    b"[envs.default]\n",
    b"[tool.uv.workspace]\nmembers = ",
    b"[tool.poetry]\n",
    b"[tool.pdm]\n",
    b"[tool.pixi.environments]\n",
    b"[virtualenvs]\n",
    b"[tox]\n",
    b"[tox:tox]\n",
    b"[dirs.env]\n",
    b"wsp = ",
    b"path = ",
    b"workflow = ",
    b"policy = ",
    b"fallback = ",
    b"virtual = ",
    b"data = ",
    b"work_dir = ",
    b"name = ",
    b"prefix: ",
    b"name: ",
    b"matrix = [{python = ['3.12', 'a/b']}]\n",
    b"template = 'default'\n",
    b"script = ",
    b'"uv"\n',
    b'"project"\n',
    b'"/a\\u0000b"\n',
    b'"/nowhere/*/[x"\n',
    b'"~/x"\n',
    b'"//host/share"\n',
    b"//host/share\n",
    b'"../../../../.."\n',
    b"{ cmd = [''] }\n",
    b"{ script = 'x' }\n",
    b"['*', '**', 5]\n",
    b'{"version": 1, "selections": {',
    b'"/a": {"environment": ',
    b'"/\\ud800"',
    b"}}}",
    b"null",
    b"true\n",
    b"1e999\n",
    b"2026-11-01T00:00:00Z\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\0",
    b"\r\n",
    b"\n",
    b"user@host:x\n",
    b"$(touch x)\n",
)

contents = st.one_of(
    st.binary(max_size=64),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=8).map(b"".join),
)


# Half as many of each file: there are twenty, and most are read by the same readers.
@pytest.mark.parametrize("file", FILES)
@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.too_slow])
@given(content=contents, good=st.booleans())
def test_no_file_of_any_content_hides_a_good_environment(
    file: str, content: bytes, *, good: bool
) -> None:
    """Every way of asking gives an answer, the same one; ``.venv`` is it where there is one."""
    with fresh_machine() as machine:
        if good:
            drawn_venv(machine.workspace / ".venv", base_python(machine.home))
        write(machine.workspace / file, content)
        answer, _ = all_answers(machine)
        if good:
            assert answer.environment is not None
            assert answer.environment.prefix == str(machine.workspace / ".venv")


@given(content=contents)
def test_a_redirect_of_any_content_leaves_the_list(content: bytes) -> None:
    """A ``.venv`` file that names nothing leaves what ``.python-envs`` names."""
    with fresh_machine() as machine:
        drawn_venv(machine.workspace / "good", base_python(machine.home))
        write(machine.workspace / ".python-envs", "good\n")
        write(machine.workspace / ".venv", content)
        answer, _ = all_answers(machine)
        assert answer.environment is not None
        assert answer.environment.prefix == str(machine.workspace / "good")


@given(
    content=st.one_of(
        contents,
        st.lists(
            st.sampled_from(
                (
                    "home = ",
                    "version = ",
                    "version_info = ",
                    "3.12",
                    ".4",
                    "rc1",
                    "/nowhere",
                    "²",
                    "99999",
                    "\n",
                    "=",
                )
            ),
            max_size=9,
        ).map(lambda parts: "".join(parts).encode()),
    )
)
def test_a_pyvenv_cfg_of_any_content_is_judged(content: bytes) -> None:
    """An environment is usable or broken with a sentence that names it; the list is left."""
    with fresh_machine() as machine:
        drawn_venv(machine.workspace / "good", base_python(machine.home))
        drawn_venv(machine.workspace / ".venv", base_python(machine.home))
        write(machine.workspace / ".python-envs", "good\n")
        write(machine.workspace / ".venv" / "pyvenv.cfg", content)
        answer, listed = all_answers(machine)
        assert answer.environment is not None
        judged = next(one for one in listed if one.prefix == str(machine.workspace / ".venv"))
        assert judged.ok or str(machine.workspace / ".venv") in judged.status.message


@given(content=contents)
def test_the_user_s_file_of_any_content_is_read_or_told_of(content: bytes) -> None:
    """What is wrong with the user's file names the file."""
    with fresh_machine() as machine:
        path = write(machine.home / ".config" / "python-workflow" / "pyworkflow.toml", content)
        user = of_user(machine.host, Disk())
        assert all(str(path) in problem for problem in user.problems)
