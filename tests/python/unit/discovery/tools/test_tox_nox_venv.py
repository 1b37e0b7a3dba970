"""Tools whose environments are listed by looking: tox, nox, and the fallback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.ground import Ground


def test_tox_lists_what_exists(ground: Ground) -> None:
    """Tox's environments are those in its work folder; its own, with a dot, and other folders are not."""
    root = ground.files("root", {"tox.ini": "[tox]\n"})
    for name in ("py312", ".pkg", "lint"):
        ground.environment(root / ".tox" / name)
    (root / ".tox/log").mkdir()
    assert [(p.name, p.default) for p in ground.places("tox", root)] == [
        ("lint", False),
        ("py312", False),
    ]


@pytest.mark.parametrize(
    ("files", "environ", "work"),
    [
        ({"tox.ini": "[tox]\ntoxworkdir = {toxinidir}/w\n"}, {}, "w"),
        ({"tox.ini": "[testenv]\nwork_dir=no\n[tox]\nwork_dir=w\n[x]\nwork_dir=no\n"}, {}, "w"),
        ({"setup.cfg": "[tox:tox]\ntoxworkdir = w\n"}, {}, "w"),
        ({"pyproject.toml": "[tool.tox]\nwork_dir = 'w'\n"}, {}, "w"),
        ({"tox.toml": "work_dir = '{tox_root}/w'\n"}, {}, "w"),
        ({"tox.ini": "[tox]\ntoxworkdir = {env:NOT_KNOWN}/w\n"}, {}, ".tox"),
        ({"tox.ini": "[tox]\ntoxworkdir = w\n"}, {"TOX_WORK_DIR": "told"}, "told"),
    ],
)
def test_tox_work_folder(
    ground: Ground, files: dict[str, str], environ: dict[str, str], work: str
) -> None:
    """The work folder is the environment's, the configuration's, or ``.tox``."""
    root = ground.files("root", files)
    made = ground.environment(root / work / "a")
    assert [p.prefix for p in ground.places("tox", root, **environ)] == [str(made)]


def test_nox_lists_what_exists(ground: Ground) -> None:
    """Nox's environments are those in ``.nox``, of either kind; none is the default."""
    root = ground.files("root", {"noxfile.py": ""})
    ground.environment(root / ".nox/tests-3-12")
    (root / ".nox/conda/conda-meta").mkdir(parents=True)
    (root / ".nox/.cache").mkdir()
    assert [(p.name, p.kind, p.default) for p in ground.places("nox", root)] == [
        ("conda", "conda", False),
        ("tests-3-12", "venv", False),
    ]


def test_fallback_lists_environments_right_inside(ground: Ground) -> None:
    """The fallback's place is ``.venv``; other environments right inside the root are listed, deeper ones not."""
    root = ground.folder("root")
    ground.environment(root / "env-3.9")
    ground.environment(root / "deep/er/env")
    (root / "link").symlink_to(ground.environment(ground.top / "outside"))
    assert [(p.name, p.prefix, p.default) for p in ground.places("venv", root)] == [
        (".venv", f"{root}/.venv", True),
        ("env-3.9", f"{root}/env-3.9", False),
        ("link", f"{root}/link", False),
    ]
