"""Every input of a tool that decides where its environment is, in combination, against the tool's own answer.

A project is drawn with files and variables; the tool makes its environment there, is asked which one it uses, and the answer for
the folder has to be that one. ``npm run test:full`` draws two hundred projects a tool.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.bench import PYTHON, Bench
from support.machine import make_venv
from workflow_helper.filesystem.reader import Disk
from workflow_helper.model import Question
from workflow_helper.resolver.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECT = '[project]\nname = "My_Demo"\nversion = "1"\nrequires-python = ">=3.10"\n'
#: Whether this is the long search of ``npm run test:full``.
IS_LONG = settings().max_examples >= 1000
#: Each example starts a tool several times: a few in every run, two hundred in the long search.
EXAMPLES = settings(
    max_examples=200 if IS_LONG else 3,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
#: Seconds for the examples of one tool. Poetry and pdm take five for one where the machine is busy.
pytestmark = [pytest.mark.timeout(3600 if IS_LONG else 300), pytest.mark.needs("POSIX")]


class Drawn(NamedTuple):
    """A project of one tool: ``{home}`` and ``{top}`` in texts stand for the machine's folders."""

    #: Texts by path in the project, or below the home folder (``~/x``).
    files: Mapping[str, str]
    environ: Mapping[str, str]
    #: What lies at ``.venv`` before the tool looks.
    left: str = "nothing"
    #: Environments that are there, by path in the project.
    made: tuple[str, ...] = ()


class Told:
    """A project on disk, and the tool that is asked there."""

    def __init__(self, tool: str, drawn: Drawn, bench: Bench) -> None:
        self.tool = tool
        self.bench = bench
        self.root = bench.folder("work/My Project")
        (self.root / ".git").mkdir()
        self.environ = {name: self._filled(value) for name, value in drawn.environ.items()}
        for name, text in drawn.files.items():
            place, _, rest = name.rpartition("~/")
            path = (bench.home / rest) if place or name.startswith("~/") else self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._filled(text))
        for name in drawn.made:
            make_venv(self.root / name)
        if drawn.left == "an environment":
            make_venv(self.root / ".venv")
        elif drawn.left == "a folder":
            (self.root / ".venv").mkdir()
        elif drawn.left == "a name":
            (self.root / ".venv").write_text("named\n")
        elif drawn.left == "a path":
            (self.root / ".venv").write_text("sub/env\n")

    def __call__(self, *words: str) -> str | None:
        """Return what the tool prints; ``None`` where it fails, or says nothing for a minute: other work goes on beside."""
        try:
            return self.bench.run(self.tool, *words, at=self.root, **self.environ)
        except (AssertionError, subprocess.TimeoutExpired):
            return None

    def _filled(self, text: str) -> str:
        return text.replace("{home}", str(self.bench.home)).replace("{top}", str(self.bench.top))


def variables(choices: Mapping[str, list[str]]) -> st.SearchStrategy[dict[str, str]]:
    """Some of the variables, each with one of its values."""
    return st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in choices.items()}
    )


def lines(table: str, choices: Mapping[str, list[str]]) -> st.SearchStrategy[str]:
    """A TOML table with some of the keys."""
    return variables(choices).map(
        lambda chosen: "".join(
            [f"[{table}]\n", *(f"{key} = {value}\n" for key, value in chosen.items())]
        )
    )


LEFT = st.sampled_from(["nothing", "an environment", "a folder"])
#: And what names another place, as pipenv reads it.
REDIRECTED = st.sampled_from(["nothing", "an environment", "a folder", "a name", "a path"])
FLAGS = ["true", "false"]

UV = st.builds(
    Drawn,
    st.fixed_dictionaries(
        {"pyproject.toml": st.just(PROJECT), "uv.lock": st.just("")},
        optional={"uv.toml": st.just("offline = true\n")},
    ),
    variables(
        {
            "UV_PROJECT_ENVIRONMENT": [
                *("", "env", "./a/../env", "{top}/abs", "~/x", ".venv"),
                os.path.dirname(os.path.dirname(PYTHON)),
            ]
        }
    ),
    st.sampled_from(["nothing", "an environment"]),
)


def uv(ask: Told) -> str | None:
    """Where uv runs."""
    (ask.root / "uv.lock").unlink()
    ask("lock")
    return ask("run", "--no-sync", "python", "-c", "import sys; print(sys.prefix)")


POETRY_SETTINGS = {
    "in-project": FLAGS,
    "path": ["'~/p'", "'{cache-dir}/q'", "'{top}/abs'", "'rel'"],
}
POETRY = st.builds(
    Drawn,
    st.fixed_dictionaries(
        {"pyproject.toml": st.just(PROJECT), "poetry.lock": st.just("")},
        optional={
            "poetry.toml": lines("virtualenvs", POETRY_SETTINGS),
            "~/.config/pypoetry/config.toml": lines("virtualenvs", POETRY_SETTINGS),
            "~/own/config.toml": lines("virtualenvs", POETRY_SETTINGS),
        },
    ),
    variables(
        {
            "POETRY_VIRTUALENVS_IN_PROJECT": ["true", "false", "1", "0", "True", ""],
            "POETRY_VIRTUALENVS_PATH": ["~/v", "{top}/v", "{cache-dir}/w"],
            "POETRY_VIRTUALENVS_CREATE": ["true", "false"],
            "POETRY_CACHE_DIR": ["{top}/c"],
            "POETRY_CONFIG_DIR": ["{home}/own"],
            "XDG_CACHE_HOME": ["{top}/xdg"],
            "XDG_CONFIG_HOME": ["{home}/nowhere"],
        }
    ),
    LEFT,
)


def poetry(ask: Told) -> str | None:
    """Which one Poetry selects."""
    ask("env", "use", "-n", PYTHON)
    result = ask("env", "info", "-p")
    # Where it may make none, it goes on with a folder that is not an environment.
    return result if result and os.path.isfile(os.path.join(result, "pyvenv.cfg")) else None


PIPENV_VARIABLES = {
    "PIPENV_VENV_IN_PROJECT": ["1", "0", "true", "no", "", "maybe"],
    "PIPENV_NO_VENV_IN_PROJECT": ["1", "0"],
    "PIPENV_CUSTOM_VENV_NAME": ["mine"],
    "PIPENV_PYTHON": [PYTHON],
    "PIPENV_DONT_LOAD_ENV": ["1", "0"],
    "WORKON_HOME": ["~/w", "$HOME/w2", "{top}/w3"],
    "XDG_DATA_HOME": ["{top}/xdg"],
}
PIPENV_FILE = variables({**PIPENV_VARIABLES, "X": ["'a b'"]}).map(
    lambda chosen: "".join(f"export {key}={value} # why\n" for key, value in chosen.items())
)
PIPENV = st.builds(
    Drawn,
    st.fixed_dictionaries(
        {
            "Pipfile": st.one_of(
                st.just("[packages]\n"), lines("pipenv", {"venv_in_project": FLAGS})
            )
        },
        optional={".env": PIPENV_FILE, "conf/vars": PIPENV_FILE},
    ),
    variables({**PIPENV_VARIABLES, "PIPENV_DOTENV_LOCATION": ["{top}/work/My Project/conf/vars"]}),
    REDIRECTED,
)


def pipenv(ask: Told) -> str | None:
    """Where pipenv makes its own, or finds it."""
    ask("--python", PYTHON)
    return ask("--venv")


PDM_SETTINGS = {"in_project": FLAGS, "location": ["'~/p'", "'{top}/abs'", "'rel'"]}
PDM = st.builds(
    Drawn,
    st.fixed_dictionaries(
        {"pyproject.toml": st.just(PROJECT), "pdm.lock": st.just("")},
        optional={
            "pdm.toml": lines("venv", PDM_SETTINGS),
            "~/.config/pdm/config.toml": lines("venv", PDM_SETTINGS),
            "~/own.toml": lines("venv", PDM_SETTINGS),
            ".pdm-python": st.sampled_from(
                [
                    "{top}/work/My Project/second/bin/python",
                    "{top}/work/My Project/.venv/bin/python",
                ]
            ),
        },
    ),
    variables(
        {
            "PDM_VENV_IN_PROJECT": ["true", "false", "1", "0", ""],
            "PDM_CONFIG_FILE": ["{home}/own.toml"],
            "PDM_USE_VENV": ["1", "0"],
            "PDM_PYTHON": ["{top}/work/My Project/second/bin/python", "{home}/gone"],
            "PDM_IGNORE_SAVED_PYTHON": ["1", "0"],
            "XDG_DATA_HOME": ["{top}/xdg"],
        }
    ),
    LEFT,
    st.sampled_from([(), ("venv",), ("env",), ("second",), ("venv", "second")]),
)


def pdm(ask: Told) -> str | None:
    """Where the interpreter is that pdm uses, after it made an environment where it had none."""
    if ask.root.joinpath(".pdm-python").exists() or ask("info", "--python") is None:
        ask("venv", "create", PYTHON)
    python = ask("info", "--python")
    prefix = os.path.dirname(os.path.dirname(python or ""))
    return prefix if os.path.exists(os.path.join(prefix, "pyvenv.cfg")) else None


HATCH_DIRS = lines(
    "dirs.env", {"virtual": ["'.hatch'", "'~/.virtualenvs'", "'$HOME/e'", "'{top}/e'"]}
)
HATCH = st.builds(
    Drawn,
    st.fixed_dictionaries(
        {
            "pyproject.toml": st.just(PROJECT),
            "hatch.toml": lines(
                "envs.default", {"path": ["'.my'", "'../out'"], "skip-install": ["true"]}
            ),
        },
        optional={"~/.config/hatch/config.toml": HATCH_DIRS, "~/own.toml": HATCH_DIRS},
    ),
    variables(
        {
            "HATCH_DATA_DIR": ["{top}/d", "rel"],
            "HATCH_CONFIG": ["{home}/own.toml"],
            "HATCH_ENV_TYPE_VIRTUAL_PATH": [".x", "{top}/y"],
            "HATCH_ENV": ["default"],
            "XDG_DATA_HOME": ["{top}/xdg"],
            "XDG_CONFIG_HOME": ["{home}/nowhere"],
        }
    ),
)


def hatch(ask: Told) -> str | None:
    """Where hatch's default environment is, which is drawn there."""
    found = ask("env", "find", "default")
    if found is not None:
        ask.bench.environment(ask.bench.top / ask.root / found)
    return found


ASKED: dict[str, tuple[st.SearchStrategy[Drawn], Callable[[Told], str | None]]] = {
    "uv": (UV, uv),
    "poetry": (POETRY, poetry),
    "pipenv": (PIPENV, pipenv),
    "pdm": (PDM, pdm),
    "hatch": (HATCH, hatch),
}


@pytest.mark.parametrize("tool", ASKED)
def test_the_answer_is_the_tool_s_own(tool: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever variables and files decide, the environment shown is the one that the tool uses."""
    top = tmp_path_factory.mktemp(tool)
    numbers, answered = itertools.count(), itertools.count()
    strategy, answer_of = ASKED[tool]

    @EXAMPLES
    @given(strategy)
    def holds(drawn: Drawn) -> None:
        bench = Bench(top / str(next(numbers)), top / "known")
        ask = Told(tool, drawn, bench)
        answer = answer_of(ask)
        if answer is not None:
            next(answered)
            host = bench.host(**ask.environ)
            found = resolve(Question(str(ask.root)), host, Disk()).environment
            prefix = None if found is None else os.path.realpath(found.prefix)
            assert prefix == os.path.realpath(ask.root / answer)

    holds()
    assert next(answered) > 0, f"{tool} told nothing"


WORK = ["", "w", "{top}/abs"]
TOX_PROJECT = st.one_of(
    st.sampled_from(
        ["", "work_dir = w2\n", "toxworkdir = {toxinidir}/w3\n", "work_dir = {tox_root}{/}w4\n"]
    ).map(lambda line: {"tox.ini": f"[tox]\nenv_list = a\n{line}[testenv]\nskip_install = true\n"}),
    st.sampled_from(["", "work_dir = 'w2'\n", "work_dir = '{tox_root}/w3'\n"]).map(
        lambda line: {
            "tox.toml": f"{line}env_list = ['a']\nenv_run_base = {{skip_install = true}}\n"
        }
    ),
)
# Not in its usual place, which tox works out when it is imported: here it is imported before there is a home.
TOX_USER = st.fixed_dictionaries(
    {},
    optional={
        "~/own.ini": st.sampled_from(
            ["[tox]\nwork_dir = u\n", "[tox]\nwork_dir = {top}/v\n", "[other]\n"]
        )
    },
)
TOX = st.builds(
    Drawn,
    st.tuples(TOX_PROJECT, TOX_USER).map(lambda both: {**both[0], **both[1]}),
    variables(
        {
            "TOX_WORK_DIR": WORK,
            "TOXWORK_DIR": ["w5"],
            "TOX_OVERRIDE": [
                *("tox.work_dir=w6", "work_dir=w7"),
                "testenv.description=x;tox.work_dir={tox_root}/w8",
            ],
            "TOX_USER_CONFIG_FILE": ["{home}/own.ini", "/nowhere"],
        }
    ),
)


@EXAMPLES
@given(TOX)
def test_the_folder_of_tox_s_environments_is_its_own(
    tmp_path_factory: pytest.TempPathFactory, drawn: Drawn
) -> None:
    """An environment is listed from where tox would make it."""
    bench = Bench(tmp_path_factory.mktemp("tox"), tmp_path_factory.getbasetemp() / "known")
    ask = Told("tox", drawn, bench)
    result = ask("config", "-e", "a", "-k", "env_dir", "--format", "json")
    assume(result is not None)
    expected = json.loads(result or "")["env"]["a"]["env_dir"]
    bench.environment(bench.top / expected)
    assert [place.prefix for place in bench.places("tox", ask.root, **ask.environ)] == [expected]


#: A Python that every machine has which runs these tests.
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

NOX = st.builds(
    Drawn,
    st.tuples(
        st.sampled_from(["", "'w'", '"{top}/abs"  # why', "'a/../b'", "'~/x'", "'.nox'"]),
        st.sampled_from(["", f"python='{VERSION}'", "name='Other Name'", "venv_backend='venv'"]),
        st.sampled_from(["", ", name='x.y'"]),
    ).map(
        lambda drawn: {
            "noxfile.py": "import nox\n\n"
            + (f"nox.options.envdir = {drawn[0]}\n\n" if drawn[0] else "")
            + f"@nox.session({drawn[1] or drawn[2].lstrip(', ')})\ndef dev(session):\n    pass\n"
        }
    ),
    variables({"NOXFORCEPYTHON": [PYTHON], "NOXEXTRAPYTHON": [PYTHON]}),
)


@EXAMPLES
@given(NOX)
def test_the_folder_of_nox_s_environments_is_its_own(
    tmp_path_factory: pytest.TempPathFactory, drawn: Drawn
) -> None:
    """What nox makes, wherever that is, is what is listed."""
    bench = Bench(tmp_path_factory.mktemp("nox"), tmp_path_factory.getbasetemp() / "known")
    ask = Told("nox", drawn, bench)
    assume(ask("--install-only") is not None)
    made = {str(path.parent) for path in bench.top.rglob("pyvenv.cfg")}
    assert made
    assert {place.prefix for place in bench.places("nox", ask.root, **ask.environ)} == made
