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


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("files", "environ", "work"),
    [
        ({"tox.ini": "[tox]\ntoxworkdir = {toxinidir}/w\n"}, {}, "w"),
        ({"tox.ini": "[testenv]\nwork_dir=no\n[tox]\nwork_dir=w\n[x]\nwork_dir=no\n"}, {}, "w"),
        ({"setup.cfg": "[tox:tox]\ntoxworkdir = w\n"}, {}, "w"),
        ({"pyproject.toml": "[tool.tox]\nwork_dir = 'w'\n"}, {}, "w"),
        ({"tox.toml": "work_dir = '{tox_root}/w'\n"}, {}, "w"),
        ({"tox.ini": "[tox]\ntoxworkdir = {whatever}/w\n"}, {}, ".tox"),
        ({"tox.ini": "[tox]\ntoxworkdir = {env:DIR:.tox}\n"}, {}, ".tox"),
        ({"tox.ini": "[tox]\ntoxworkdir = {env:DIR:.tox}\n"}, {"DIR": "w"}, "w"),
        ({"tox.ini": "[tox]\ntoxworkdir = {env:A:{env:B:{toxinidir}/w}}\n"}, {}, "w"),
        ({"tox.ini": "[tox]\ntoxworkdir = {env:A:{env:B:x}}\n"}, {"B": "w"}, "w"),
        ({"tox.toml": "work_dir = {replace = 'env', name = 'A', default = 'w'}\n"}, {}, "w"),
        ({"tox.toml": "work_dir = {replace = 'env', name = 'A'}\n"}, {"A": "w"}, "w"),
        ({"tox.ini": "[tox]\ntoxworkdir = w\n"}, {"TOX_WORK_DIR": "told"}, "told"),
        ({"tox.ini": "[tox]\n"}, {"TOX_WORK_DIR": "sub/../told"}, "told"),
    ],
)
def test_tox_work_folder(
    ground: Ground, files: dict[str, str], environ: dict[str, str], work: str
) -> None:
    """The work folder is the environment's, the configuration's, or ``.tox``."""
    root = ground.files("root", files)
    made = ground.environment(root / work / "a")
    assert [p.prefix for p in ground.places("tox", root, **environ)] == [str(made)]


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("files", "default"),
    [
        ({"tox.ini": "[tox]\n"}, "dev"),
        ({"tox.ini": "[tox]\nvenv_redirect_env = lint\n"}, "lint"),
        ({"setup.cfg": "[tox:tox]\nvenv_redirect_env = lint\n"}, "lint"),
        ({"pyproject.toml": "[tool.tox]\nvenv_redirect_env = 'lint'\n"}, "lint"),
        ({"tox.toml": "venv_redirect_env = 'gone'\n"}, None),
    ],
)
def test_tox_default(ground: Ground, files: dict[str, str], default: str | None) -> None:
    """The default is the one to which tox points ``.venv``: what is configured, else ``dev``."""
    root = ground.files("root", files)
    for name in ("dev", "lint"):
        ground.environment(root / ".tox" / name)
    found = ground.default("tox", root)
    assert found == (default and str(root / ".tox" / default))


def test_nox_lists_what_exists(ground: Ground) -> None:
    """Nox's environments are those in ``.nox``, of either kind, save the one that it makes for itself."""
    root = ground.files("root", {"noxfile.py": ""})
    for name in ("tests-3-12", "_nox_script_mode"):
        ground.environment(root / ".nox" / name)
    (root / ".nox/conda/conda-meta").mkdir(parents=True)
    (root / ".nox/.cache").mkdir()
    assert [(p.name, p.kind, p.default) for p in ground.places("nox", root)] == [
        ("conda", "conda", False),
        ("tests-3-12", "venv", False),
    ]


@pytest.mark.needs("POSIX")
def test_nox_default(ground: Ground) -> None:
    """The session called ``dev`` has the default environment."""
    root = ground.files("root", {"noxfile.py": ""})
    for name in ("dev", "tests"):
        ground.environment(root / ".nox" / name)
    assert ground.default("nox", root) == str(root / ".nox/dev")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("nox.options.envdir = '.cache/nox'  # elsewhere\n", ".cache/nox"),
        ('x = 1\nnox.options.envdir="w"\n', "w"),
        ("if windows:\n    nox.options.envdir = 'w'\n", None),
        ("nox.options.envdir = pathlib.Path('w')\n", None),
        ("nox.options.envdir = 'w' + suffix\n", None),
        ("nox.options.envdir = 'a\\tb'\n", None),
        ("nox.options.envdir =\n", None),
        ("nox.options.envdirs = 'w'\n", ".nox"),
    ],
)
def test_nox_folder(ground: Ground, text: str, folder: str | None) -> None:
    """The folder of environments is what the noxfile says in so many words; what it works out is not known."""
    root = ground.files("root", {"noxfile.py": text})
    for name in (".nox", folder or "w"):
        ground.environment(root / name / "a")
    found = [p.prefix for p in ground.places("nox", root)]
    assert found == ([] if folder is None else [str(root / folder / "a")])


@pytest.mark.needs("POSIX")
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
