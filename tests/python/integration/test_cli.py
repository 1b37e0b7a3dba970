"""The command line, question by question: exit status, JSON, and what goes to which stream."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.command import GUARD, WSP, assert_error, in_terminal
from support.command import wsp as started_wsp
from support.files import break_venv, python_in, write
from support.forked_command import wsp
from support.machine import make_venv

if TYPE_CHECKING:
    from support.machine import Machine

ENVIRONMENT: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "kind": str,
    "prefix": str,
    "interpreter_path": (str, type(None)),
    "python_version": (str, type(None)),
    "default": bool,
    "source": str,
    "status": dict,
}


def assert_environment(value: Any) -> None:
    """``value`` has the keys of an environment in their order, each of its type."""
    assert list(value) == list(ENVIRONMENT)
    for key, kind in ENVIRONMENT.items():
        assert isinstance(value[key], kind), key
    assert list(value["status"]) == ["state", "message"]
    assert value["status"]["state"] in ("ok", "broken", "unsupported")
    assert (value["status"]["message"] == "") == (value["status"]["state"] == "ok")


@pytest.fixture
def project(machine: Machine) -> Machine:
    """A machine whose workspace has ``.venv``, ``envs/a`` and the broken ``envs/b``."""
    for name in (".venv", "envs/a", "envs/b"):
        make_venv(machine.workspace / name)
    break_venv(machine.workspace / "envs" / "b")
    write(machine.workspace / ".python-envs", "envs/a\nenvs/b\n")
    return machine


# -- env default ----------------------------------------------------------------------------------------------------


def test_an_editor_is_told_why_with_its_first_answer(project: Machine) -> None:
    """With --editor the one-shot answer holds its reason, and whether it is the project's own; without, its shape stays as it is."""
    explained = wsp(project, "env", "default", "--json", "--static", "--editor").document
    assert list(explained) == ["root", "environment", "provisional", "summary", "own"]
    assert explained["own"] is True
    assert ".venv" in explained["summary"]
    assert "summary" not in wsp(project, "env", "default", "--json").document


def test_env_default_tells_the_environment(project: Machine) -> None:
    """Found: exit 0, and a document of three keys."""
    found = wsp(project, "env", "default", "--json")
    assert (found.exit_code, found.stderr) == (0, b"")
    assert list(found.document) == ["root", "environment", "provisional"]
    assert found.document["root"] == str(project.workspace)
    assert found.document["provisional"] is False
    assert_environment(found.document["environment"])
    assert found.document["environment"]["default"] is True


def test_env_default_for_a_script_prints_the_answer_alone(project: Machine) -> None:
    """Plain output to a pipe is one line, with nothing on standard error."""
    found = wsp(project, "env", "default")
    assert (found.exit_code, found.stderr) == (0, b"")
    assert found.stdout.count(b"\n") == 1
    assert os.fsencode(python_in(Path(".venv"))) in found.stdout


@pytest.mark.needs("POSIX")
def test_env_default_for_a_person_tells_the_reason_too(project: Machine) -> None:
    """A terminal on standard error gets one sentence why."""
    import pty

    mine, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*WSP, "env", "default"],
            cwd=project.workspace,
            env=project.environ,
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=GUARD,
            check=False,
        )
        os.close(theirs)
        assert done.returncode == 0
        assert b"is the .venv of" in os.read(mine, 65536)
    finally:
        os.close(mine)


def test_env_default_of_an_empty_folder_finds_nothing(machine: Machine) -> None:
    """Nothing found: exit 3, null and a summary, no error."""
    found = wsp(machine, "env", "default", "--json")
    assert found.exit_code == 3
    assert found.document == {
        "root": str(machine.workspace),
        "environment": None,
        "provisional": False,
        "summary": f"no environment was found for {machine.workspace}",
    }
    plain = wsp(machine, "env", "default")
    assert (plain.exit_code, plain.stdout) == (3, b"")
    assert plain.stderr.count(b"\n") == 1


def test_env_default_or_system_answers_with_the_machine_s_best_python(machine: Machine) -> None:
    """``--or-system`` names a Python that is marked as not the project's own."""
    found = wsp(machine, "env", "default", "--or-system", "--json")
    assert found.exit_code == 0
    assert_environment(found.document["environment"])
    assert found.document["environment"]["source"] == "system"
    assert found.document["environment"]["kind"] == "system"
    best = wsp(machine, "python", "find", "--json").document["python"]["path"]
    assert found.document["environment"]["interpreter_path"] == best


def test_env_default_does_not_guess_around_an_unusable_last_line(machine: Machine) -> None:
    """Exit 1 with a code of its own, also with ``--or-system``."""
    write(machine.workspace / ".python-envs", "gone\n")
    for more in ((), ("--or-system",)):
        assert_error(wsp(machine, "env", "default", "--json", *more), 1, "last_line_unusable")
    plain = wsp(machine, "env", "default")
    assert (plain.exit_code, plain.stdout) == (1, b"")
    # One line why, one line what to do.
    assert plain.stderr.count(b"\n") == 2


def test_a_declared_server_that_is_not_started_makes_the_answer_provisional(
    machine: Machine,
) -> None:
    """``--static`` says that the workflow might say otherwise; an untrusted one is not waited for."""
    make_venv(machine.workspace / ".venv")
    write(machine.workspace / "pyworkflow.toml", '[workflow]\nwsp = { cmd = ["x"] }\n')
    trusted = wsp(machine, "env", "default", "--static", "--editor", "--trusted", "--json")
    assert trusted.document["provisional"] is True
    assert wsp(machine, "env", "default", "--static", "--json").document["provisional"] is False


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    "words", [("explain",), ("env", "list"), ("env", "default", "-v")], ids=" ".join
)
def test_what_a_folder_holds_cannot_drive_a_terminal(
    machine: Machine, words: tuple[str, ...]
) -> None:
    """Escape sequences in names are spelled out, on a terminal and in a pipe."""
    evil = "\x1b]0;evil\x07\x9b2J\u202egood"
    write(machine.workspace / ".python-envs", f"{evil}\n")
    for shown in (in_terminal(machine, *words), wsp(machine, *words).text):
        assert "\\x1b]0;evil\\x07\\x9b2J\\u202egood" in shown
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)


# -- env list, show, check ------------------------------------------------------------------------------------------


def test_env_list_lists_every_environment(project: Machine) -> None:
    """The default first, broken ones with their reason."""
    found = wsp(project, "env", "list", "--json")
    assert (found.exit_code, found.stderr) == (0, b"")
    assert list(found.document) == ["root", "environments"]
    for environment in found.document["environments"]:
        assert_environment(environment)
    outcomes = [
        (one["id"], one["default"], one["status"]["state"])
        for one in found.document["environments"]
    ]
    assert outcomes == [(".venv", True, "ok"), ("envs/a", False, "ok"), ("envs/b", False, "broken")]
    plain = wsp(project, "env", "list").stdout.decode().splitlines()
    assert [line[:2] for line in plain] == ["* ", "  ", "  "]


def test_env_list_of_an_empty_folder_is_an_empty_list(machine: Machine) -> None:
    """An empty list is an answer; a person reads a sentence."""
    found = wsp(machine, "env", "list", "--json")
    assert found.document == {"root": str(machine.workspace), "environments": []}
    assert found.exit_code == 0
    assert wsp(machine, "env", "list").stdout == b""


@pytest.mark.parametrize(
    "word",
    [
        *("envs/a", "a", "./envs/a", "envs/a/", "{root}/envs/a"),
        python_in(Path("envs/a")).as_posix(),
    ],
)
def test_env_show_takes_an_id_a_name_or_a_path(project: Machine, word: str) -> None:
    """All words for one environment show the same one."""
    shown = wsp(project, "env", "show", "--json", word.replace("{root}", str(project.workspace)))
    assert shown.exit_code == 0, shown.text
    assert list(shown.document) == ["root", "environment"]
    assert_environment(shown.document["environment"])
    assert shown.document["environment"]["prefix"] == str(project.workspace / "envs" / "a")


def test_env_show_without_a_word_shows_the_default(project: Machine) -> None:
    """The default, or nothing with exit 3."""
    assert wsp(project, "env", "show", "--json").document["environment"]["id"] == ".venv"
    assert wsp(project, "env", "show", "--json", "--folder", str(project.home)).exit_code == 3


def test_env_show_of_what_is_not_there_says_what_there_is(project: Machine) -> None:
    """Exit 1, and the ids in the hint."""
    refused = wsp(project, "env", "show", "nothing", "--json")
    assert_error(refused, 1, "not_found")
    assert "envs/a" in refused.document["error"]["hint"]


def test_a_name_that_fits_several_is_a_usage_error(machine: Machine) -> None:
    """Two environments of one name are told apart by their ids."""
    for name in ("a/env", "b/env"):
        make_venv(machine.workspace / name)
    write(machine.workspace / ".python-envs", "a/env\nb/env\n")
    refused = wsp(machine, "env", "show", "env", "--json")
    assert_error(refused, 2, "usage")
    assert "b/env, a/env" in refused.document["error"]["hint"]


def test_env_check_tells_whether_an_environment_works(project: Machine) -> None:
    """Exit 0 for one that works, exit 1 with what mends it for one that does not."""
    good = wsp(project, "env", "check", "envs/a", "--json")
    assert good.exit_code == 0
    assert_environment(good.document["environment"])
    bad = wsp(project, "env", "check", "envs/b", "--json")
    assert_error(bad, 1, "broken")
    assert "venv --clear" in bad.document["error"]["message"]


def test_env_check_without_a_word_checks_what_the_folder_has(machine: Machine) -> None:
    """Nothing: exit 3. A broken ``.venv`` only: exit 1."""
    assert wsp(machine, "env", "check", "--json").exit_code == 3
    make_venv(machine.workspace / ".venv")
    assert wsp(machine, "env", "check").exit_code == 0
    break_venv(machine.workspace / ".venv")
    assert_error(wsp(machine, "env", "check", "--json"), 1, "broken")


# -- env select, forget ---------------------------------------------------------------------------------------------


def test_env_select_is_remembered_until_it_is_forgotten(project: Machine) -> None:
    """A pick beats ``.venv`` in every later answer; forgetting it brings ``.venv`` back."""
    picked = wsp(project, "env", "select", "envs/a", "--json")
    assert picked.exit_code == 0
    assert list(picked.document) == ["root", "environment", "provisional"]
    assert picked.document["environment"]["source"] == "selected"
    again = wsp(project, "env", "default", "--json").document
    assert again == picked.document
    assert wsp(project, "env", "forget", "--json").document["environment"]["source"] == ".venv"
    assert wsp(project, "env", "forget").exit_code == 0


def test_env_select_none_is_an_answer(project: Machine) -> None:
    """After ``none`` there is no environment, and none is offered from elsewhere."""
    picked = wsp(project, "env", "select", "none", "--json")
    assert (picked.exit_code, picked.document["environment"]) == (0, None)
    found = wsp(project, "env", "default", "--json")
    assert (found.exit_code, found.document["environment"]) == (3, None)
    assert "no interpreter" in found.document["summary"]
    # The machine's own Python is asked for in so many words.
    assert wsp(project, "env", "default", "--or-system", "--json").exit_code == 0


def test_env_select_refuses_what_is_broken_or_not_there(project: Machine) -> None:
    """Exit 1, and the answer stays as it was."""
    assert_error(wsp(project, "env", "select", "envs/b", "--json"), 1, "failed")
    assert_error(wsp(project, "env", "select", "envs/z", "--json"), 1, "not_found")
    assert_error(wsp(project, "env", "select", "--json", "//host/share/env"), 1, "not_found")
    assert wsp(project, "env", "default", "--json").document["environment"]["id"] == ".venv"


def test_env_select_takes_a_python_of_the_machine(project: Machine) -> None:
    """A path of an interpreter outside any environment can be selected as well."""
    python = wsp(project, "python", "find", "--json").document["python"]
    picked = wsp(project, "env", "select", python["path"], "--json")
    assert picked.exit_code == 0
    assert picked.document["environment"]["interpreter_path"] == python["path"]
    assert picked.document["environment"]["source"] == "selected"


def test_env_forget_is_done_also_where_the_answer_is_then_unusable(project: Machine) -> None:
    """Exit 0: forgetting was asked for, and is done."""
    (project.workspace / ".venv" / "pyvenv.cfg").unlink()
    assert wsp(project, "env", "select", "envs/a").exit_code == 0
    forgotten = wsp(project, "env", "forget", "--json")
    assert (forgotten.exit_code, forgotten.document["environment"]) == (0, None)
    assert wsp(project, "env", "default").exit_code == 1


def test_env_forget_in_an_empty_folder_is_done(machine: Machine) -> None:
    """Forgetting nothing is no failure."""
    assert wsp(machine, "env", "forget", "--json").exit_code == 0


# -- trust ----------------------------------------------------------------------------------------------------------


def test_untrust_takes_back_what_the_nearest_root_was_allowed(machine: Machine) -> None:
    """A project around it was allowed by itself, and stays so until it is asked about."""
    inner = machine.workspace / "inner"
    for folder in (machine.workspace, inner):
        write(folder / "pyworkflow.toml", '[workflow]\nwsp = { cmd = ["x"] }\n')
        assert wsp(machine, "workflow", "trust", cwd=folder).exit_code == 0
    below = write(inner / "src" / "pyproject.toml").parent
    taken = wsp(machine, "workflow", "untrust", "--json", cwd=below)
    assert taken.document["revoked"] == [str(inner)]
    left = wsp(machine, "workflow", "list", "--json").document["trusted"]
    assert [consent["root"] for consent in left] == [str(machine.workspace)]
    plain = wsp(machine, "workflow", "untrust", cwd=below)
    assert plain.stdout == f"no longer trusted: {machine.workspace}\n".encode()


def test_trusted_without_an_editor_is_refused(machine: Machine) -> None:
    """On the command line consent decides, and is given in one way only."""
    assert_error(wsp(machine, "env", "default", "--trusted", "--json"), 2, "usage")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("redirection", ["<&-", "</dev/null"])
def test_params_from_an_input_that_is_closed_or_empty_are_none(
    machine: Machine, redirection: str
) -> None:
    """One sentence says that there was nothing to read."""
    through = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    finished = started_wsp(machine, "call", "x", "--params", "-", "--json", through=through)
    assert_error(finished, 2, "usage")
    assert "nothing on standard input" in finished.document["error"]["message"]


# -- workflow show, explain -----------------------------------------------------------------------------------------


def test_workflow_show_tells_where_the_workflow_comes_from(machine: Machine) -> None:
    """The five keys of a workflow."""
    path = write(
        machine.workspace / "pyworkflow.toml", '[workflow]\nwsp = { cmd = ["hatch", "wsp"] }\n'
    )
    found = wsp(machine, "workflow", "show", "--json")
    assert (found.exit_code, found.stderr) == (0, b"")
    workflow = {
        "name": "hatch",
        "rule": "W4",
        "declared_in": str(path),
        "launch": {"cmd": ["hatch", "wsp"]},
        "trusted": False,
    }
    assert found.document == {"root": str(machine.workspace), "workflow": workflow}
    assert wsp(machine, "workflow", "show").stdout == b"hatch\n"
    trusted = wsp(machine, "workflow", "show", "--editor", "--trusted", "--json").document[
        "workflow"
    ]
    assert trusted["trusted"] is True


def test_workflow_show_without_any_finds_nothing(machine: Machine) -> None:
    """Exit 3 and null."""
    found = wsp(machine, "workflow", "show", "--no-fallback", "--json")
    assert found.exit_code == 3
    assert found.document["workflow"] is None


def test_explain_tells_every_rule(project: Machine) -> None:
    """Four keys; each step a rule, one of three outcomes, and a sentence; the winner among them."""
    found = wsp(project, "explain", "--json")
    assert (found.exit_code, found.stderr) == (0, b"")
    assert list(found.document) == ["root", "workflow", "environment", "trail"]
    assert_environment(found.document["environment"])
    for step in found.document["trail"]:
        assert list(step) == ["rule", "outcome", "detail"]
        assert step["outcome"] in ("passed", "matched", "failed")
        assert step["detail"]
    outcomes = [(step["rule"], step["outcome"]) for step in found.document["trail"]]
    ruled = [rule for rule, _ in outcomes if rule != "root"]
    assert ruled == ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "E1", "E2", "E3", "E4"]
    assert outcomes[-1] == ("E4", "matched")


def test_explain_of_nothing_is_an_explanation(machine: Machine) -> None:
    """Exit 0: an explanation was asked for and given."""
    found = wsp(machine, "explain", "--json")
    assert found.exit_code == 0
    assert found.document["environment"] is None
    assert found.document["trail"][-1]["rule"] == "E8"


def test_verbose_tells_the_trail_beside_the_answer(project: Machine) -> None:
    """``-v`` leaves standard output as it is and tells the rules on standard error."""
    for flag in ("-v", "--verbose"):
        found = wsp(project, "env", "default", "--json", flag)
        assert found.document == wsp(project, "env", "default", "--json").document
        assert b"E4" in found.stderr


# -- python ---------------------------------------------------------------------------------------------------------


def test_python_list_lists_each_python_once(machine: Machine) -> None:
    """Five keys a Python, and no two by one path."""
    found = wsp(machine, "python", "list", "--json")
    assert found.exit_code == 0
    assert list(found.document) == ["pythons"]
    for python in found.document["pythons"]:
        assert list(python) == ["path", "version", "implementation", "source", "architecture"]
        assert os.path.isabs(python["path"])
    real = [os.path.realpath(python["path"]) for python in found.document["pythons"]]
    assert len(set(real)) == len(real)


def test_python_find_finds_by_version_and_by_path(machine: Machine) -> None:
    """A version, a constraint and a path name the same Python that the list shows."""
    best = wsp(machine, "python", "list", "--json").document["pythons"][0]
    minor = ".".join(best["version"].split(".")[:2])
    for spec in (minor, f"=={minor}.*", best["path"]):
        found = wsp(machine, "python", "find", spec, "--json")
        assert (found.exit_code, found.document["python"]["path"]) == (0, best["path"])
    assert wsp(machine, "python", "find", minor).stdout.decode() == best["path"] + "\n"


def test_python_find_finds_nothing_where_nothing_fits(machine: Machine) -> None:
    """Exit 3 and null for a version that there is not; exit 2 for a word that is none."""
    found = wsp(machine, "python", "find", "2.1", "--json")
    assert (found.exit_code, found.document["python"]) == (3, None)
    assert_error(wsp(machine, "python", "find", "not a version", "--json"), 2, "usage")


def test_python_find_heeds_the_project(machine: Machine) -> None:
    """Without a word, only what ``requires-python`` allows is found."""
    write(machine.workspace / "pyproject.toml", '[project]\nrequires-python = "<3"\n')
    assert wsp(machine, "python", "find", "--json").exit_code == 3


@pytest.mark.parametrize("group", ["env", "workflow", "python", "script", "tool", "task", "cache"])
def test_every_group_has_help(machine: Machine, group: str) -> None:
    """``wsp GROUP --help`` and ``wsp help GROUP`` list the group's commands and no others."""
    finished = wsp(machine, group, "--help")
    assert finished.exit_code == 0
    lines = [line for line in finished.stdout.decode().splitlines() if line.startswith("  wsp ")]
    assert lines
    assert all(line.startswith(f"  wsp {group} ") for line in lines)
    assert wsp(machine, "help", group).stdout == finished.stdout
