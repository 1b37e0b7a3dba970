"""Where uv keeps a project's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from workflow_helper.discovery.tools import BUNDLED, recognize

if TYPE_CHECKING:
    from support.ground import Ground

MEMBER = '[project]\nname = "m"\nversion = "1"\n'


def workspace(members: str, exclude: str = "[]") -> dict[str, str]:
    """The file of a workspace's top folder."""
    table = f"[tool.uv.workspace]\nmembers = {members}\nexclude = {exclude}\n"
    return {"pyproject.toml": MEMBER + table}


def test_project_alone_has_dot_venv(ground: Ground) -> None:
    """Outside a workspace the place is ``.venv`` in the root."""
    root = ground.files("root", {"uv.lock": ""})
    assert ground.default("uv", root) == f"{root}/.venv"


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("value", "expected"), [("env", "{top}/env"), ("/abs/env", "/abs/env"), ("", "{top}/.venv")]
)
def test_variable_moves_it(ground: Ground, value: str, expected: str) -> None:
    """UV_PROJECT_ENVIRONMENT is relative to the top of the workspace, absolute, or empty and of no effect."""
    top = ground.files("ws", workspace("['m']"))
    member = ground.files("ws/m", {"pyproject.toml": MEMBER})
    found = ground.default("uv", member, top, UV_PROJECT_ENVIRONMENT=value)
    assert found == expected.format(top=top)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(("library", "kind"), [(None, "venv"), ("lib/python3.12/os.py", "system")])
def test_a_python_at_its_place_is_told_from_half_an_environment(
    ground: Ground, library: str | None, kind: str
) -> None:
    """A folder with a program and no ``pyvenv.cfg`` is a Python of the machine if it holds the library too."""
    root = ground.files("root", {"uv.lock": ""})
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to("/bin/sh")
    if library is not None:
        ground.files("root/.venv", {library: ""})
    (place,) = BUNDLED["uv"].places(ground.seen(root))
    assert place.kind == kind


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("members", "exclude", "inside"),
    [
        ("['packages/*']", "[]", True),
        ("['./packages/../packages/m']", "[]", True),
        ("['packages/?']", "[]", True),
        ("['packages/[lm]/']", "[]", True),
        ("['**']", "[]", True),
        ("['*']", "[]", False),
        ("['packages/m/**']", "[]", False),
        ("['packages/*']", "['packages/m*']", False),
        ("[]", "[]", False),
    ],
)
def test_members_share_the_top_folders(
    ground: Ground, members: str, exclude: str, *, inside: bool
) -> None:
    """A folder that the members cover and the exclusions do not uses the environment of the top folder."""
    top = ground.files("ws", workspace(members, exclude))
    member = ground.files("ws/packages/m", {"pyproject.toml": MEMBER})
    assert ground.default("uv", member, top) == f"{top if inside else member}/.venv"


def test_nearest_project_above_decides(ground: Ground) -> None:
    """A project between the member and the workspace ends the search, as in uv."""
    top = ground.files("ws", workspace("['a/*', 'a']"))
    between = ground.files("ws/a", {"pyproject.toml": "[tool.black]\n"})
    member = ground.files("ws/a/m", {"pyproject.toml": MEMBER})
    assert ground.default("uv", member, between, top) == f"{member}/.venv"


@pytest.mark.needs("POSIX")
def test_root_without_pyproject_above_is_passed_over(ground: Ground) -> None:
    """An enclosing root that is one by another marker does not hide the workspace above it."""
    top = ground.files("ws", workspace("['a/m']"))
    between = ground.files("ws/a", {".python-envs": ""})
    member = ground.files("ws/a/m", {"pyproject.toml": MEMBER})
    assert ground.default("uv", member, between, top) == f"{top}/.venv"


def test_workspace_of_its_own_stands_for_itself(ground: Ground) -> None:
    """A member that is a workspace itself belongs to none."""
    top = ground.files("ws", workspace("['m']"))
    member = ground.files("ws/m", workspace("[]"))
    assert ground.default("uv", member, top) == f"{member}/.venv"


@pytest.mark.needs("POSIX")
def test_a_submodule_is_a_member_all_the_same(ground: Ground) -> None:
    """The workspace is looked for beyond ``.git``, and so the nearest project above decides there too."""
    top = ground.files("ws", workspace("['libs/*']"))
    member = ground.files("ws/libs/one", {"pyproject.toml": MEMBER, ".git": "gitdir: x\n"})
    assert ground.default("uv", member) == f"{top}/.venv"
    found = recognize(ground.seen(member))
    assert found is not None
    assert (found[0].name, found[1]) == ("uv", f"[tool.uv.workspace] in {top}/pyproject.toml")
    other = ground.files("ws/other", {"pyproject.toml": MEMBER, ".git": "gitdir: x\n"})
    assert ground.default("uv", other) == f"{other}/.venv"
    assert recognize(ground.seen(other)) is None


def test_a_submodules_project_between_ends_the_search(ground: Ground) -> None:
    """As in uv, a workspace is that of the nearest project above, be it inside a repository or not."""
    ground.files("ws", workspace("['libs/**']"))
    ground.files("ws/libs/one", {"pyproject.toml": MEMBER, ".git": "gitdir: x\n"})
    inner = ground.files("ws/libs/one/inner", {"pyproject.toml": MEMBER})
    assert ground.default("uv", inner, ground.top / "ws/libs/one") == f"{inner}/.venv"
