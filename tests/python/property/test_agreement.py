"""However a folder is furnished: the ways of asking agree, and the first rule that can answer does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from support.files import base_python, break_venv, drawn_venv, write
from support.folders import all_answers, fresh_machine

if TYPE_CHECKING:
    from pathlib import Path

    from support.machine import Machine

#: What a folder can hold, each piece in some states; absent ones are not there.
pieces = st.fixed_dictionaries(
    {},
    optional={
        ".venv": st.sampled_from(["good", "broken", "redirect", "no environment"]),
        "list": st.sampled_from(["good", "broken", "address", "empty"]),
        "lock": st.sampled_from(["uv.lock", "pdm.lock", "Pipfile", "environment.yml", "tox.ini"]),
        "venv": st.sampled_from(["good", "broken"]),
        "declares": st.sampled_from(
            ['"uv"', '"hatch"', '"venv"', "{ script = 'x.py' }", "5", "{}"]
        ),
    },
)
words = st.fixed_dictionaries(
    {},
    optional={
        "selected": st.sampled_from(["none", "envs/good", "envs/broken"]),
        "selected above": st.sampled_from(["none", "envs/good", "envs/broken"]),
        "activated": st.sampled_from(
            ["envs/good", "envs/broken", "../home/env", "member/.venv", "gone"]
        ),
        "prefers": st.sampled_from(
            ['wsp = "uv"', 'wsp = "hatch"\npolicy = "default"', "fallback = false"]
        ),
        "rule": st.sampled_from(['workflow = "project"', 'wsp = "pdm"', "wsp = 5"]),
        "PYTHON_WORKFLOW": st.sampled_from(["uv", "hatch", "nonsense"]),
    },
)


@given(pieces, pieces, words)
def test_all_ways_of_asking_agree(
    above: dict[str, str], member: dict[str, str], choices: dict[str, str]
) -> None:
    """The quick answer, the explained one and the list are of one mind, for a project and for one inside it."""
    with fresh_machine() as machine:
        base = base_python(machine.home)
        root = machine.workspace
        for name in ("envs/good", "envs/broken", "../home/env"):
            drawn_venv(root / name, base)
        break_venv(root / "envs" / "broken")
        furnish(root, above, base)
        furnish(root / "member", member, base)
        asker = speak(machine, choices)
        for folder in (root, root / "member"):
            answer, listed = all_answers(asker, folder)
            check_precedence(answer.trail, choices)
            if answer.environment is None:
                continue
            # Broken ones are passed over, never chosen.
            chosen = next(one for one in listed if one.default)
            assert chosen.ok
            assert "broken" not in chosen.prefix


def check_precedence(trail: tuple[tuple[str, str, str], ...], choices: dict[str, str]) -> None:
    """A trail ends with the rule that matched; E8 alone comes after a selection of none."""
    rules = [rule for rule, _, _ in trail if rule.startswith("E") and rule != "E8"]
    matched = [rule for rule, outcome, _ in trail if outcome == "matched" and rule.startswith("E")]
    assert len(matched) <= 1
    if matched:
        assert rules[-1] == matched[0]
    if rules[0] == "E0":
        assert choices["PYTHON_WORKFLOW"] in ("uv", "hatch")


def furnish(root: Path, pieces: dict[str, str], base: Path) -> None:
    """Put the pieces into the folder."""
    root.mkdir(exist_ok=True)
    state = pieces.get(".venv")
    if state in ("good", "broken"):
        drawn_venv(root / ".venv", base)
    if state == "broken":
        break_venv(root / ".venv")
    elif state == "redirect":
        drawn_venv(root / "to", base)
        write(root / ".venv", "to\n")
    elif state == "no environment":
        write(root / ".venv" / "notes.txt")
    if "list" in pieces:
        drawn_venv(root / "listed", base)
        last = {"good": "listed\n", "broken": "gone\n", "address": "a@b:c\n", "empty": ""}[
            pieces["list"]
        ]
        write(root / ".python-envs", f"listed\ngone\n{last}" if last else "")
    if "lock" in pieces:
        write(root / pieces["lock"])
    if "venv" in pieces:
        drawn_venv(root / "venv", base)
        if pieces["venv"] == "broken":
            break_venv(root / "venv")
    if "declares" in pieces:
        write(root / "pyworkflow.toml", f"[workflow]\nwsp = {pieces['declares']}\n")


def speak(machine: Machine, choices: dict[str, str]) -> Machine:
    """Let the user have said these things."""
    root, environ = machine.workspace, dict(machine.environ)
    selections = {
        str(folder): {"environment": None if choices[key] == "none" else str(root / choices[key])}
        for key, folder in (("selected", root / "member"), ("selected above", root))
        if key in choices
    }
    kept = {"version": 1, "selections": selections}
    write(
        machine.home / ".local" / "state" / "python-workflow" / "selections.json", json.dumps(kept)
    )
    user = f"[workflow]\n{choices.get('prefers', '')}\n"
    if "rule" in choices:
        user += f'[[folder]]\npath = "{root}"\n{choices["rule"]}\n'
    write(machine.home / ".config" / "python-workflow" / "pyworkflow.toml", user)
    if "activated" in choices:
        environ["VIRTUAL_ENV"] = str((root / choices["activated"]).resolve())
    if "PYTHON_WORKFLOW" in choices:
        environ["PYTHON_WORKFLOW"] = choices["PYTHON_WORKFLOW"]
    return machine._replace(environ=environ)
