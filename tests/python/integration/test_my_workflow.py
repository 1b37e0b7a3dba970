"""The guide ``docs/guides/my-workflow-everywhere.md``, step by step, on a machine of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.files import write
from support.forked_command import wsp
from support.machine import TREE

if TYPE_CHECKING:
    from support.command import Finished
    from support.machine import Machine

pytestmark = pytest.mark.needs("POSIX")

GUIDE = TREE / "docs" / "guides" / "my-workflow-everywhere.md"
HATCH = '[project]\nname = "theirs"\nversion = "1"\n[workflow]\nwsp = {cmd = ["hatch", "wsp"]}\n'


class Story:
    """The user of the guide, with the guide's script in their home."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
        assert found is not None
        self.script = machine.home / "workflows" / "venvs.py"
        write(self.script, found[1])
        # `pythonX.Y`, as the script starts it, is wherever PATH says; each of this machine's is put there.
        known = json.loads((TREE / ".cache" / "paths.json").read_text())["pythons"]
        self.versions: list[str] = []
        bin_folder = machine.home / "bin"
        bin_folder.mkdir()
        for python in map(Path, known):
            version = python.name.removeprefix("python")
            if not (bin_folder / python.name).exists():
                (bin_folder / python.name).symlink_to(python)
                self.versions.append(version)
        machine.environ["PATH"] = f"{bin_folder}:{machine.environ['PATH']}"

    def folder(self, name: str, **files: str) -> Path:
        """A folder of the user's with these files."""
        path = self.machine.home / "src" / name
        path.mkdir(parents=True)
        (path / ".git").mkdir()
        for file, text in files.items():
            write(path / file.replace("__", "."), text)
        return path

    def wsp(self, *words: str, folder: Path | None = None) -> Finished:
        """A command, given in ``folder``."""
        return wsp(self.machine, *words, cwd=folder or self.machine.home)

    def default(self, folder: Path, *words: str) -> str | None:
        """The default environment's folder, relative to ``folder``."""
        answer = self.wsp("env", "default", "--json", *words, folder=folder).document
        environment = answer["environment"]
        return environment and str(Path(environment["prefix"]).relative_to(folder))


@pytest.fixture
def story(machine: Machine) -> Story:
    """The user, who has said what the guide says to say once."""
    made = Story(machine)
    assert made.wsp("workflow", "set", "~/workflows/venvs.py").exit_code == 0
    return made


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject__toml": '[project]\nname = "mine"\nversion = "1"\n'},
        {"pyproject__toml": HATCH},
        {"Cargo__toml": '[package]\nname = "rust"\n', "clean__py": "", "load__py": ""},
        {},
    ],
    ids=["my project", "theirs, declaring hatch", "a Rust project", "a scratch folder"],
)
def test_it_applies_to_every_folder(story: Story, files: dict[str, str]) -> None:
    """In any folder the user's workflow governs, makes environments where they want them, and names the default."""
    folder = story.folder("some", **files)
    version = story.versions[0]

    assert story.default(folder) is None
    made = story.wsp("env", "create", "default", "--python", version, folder=folder)
    assert made.exit_code == 0, made.text
    shown = story.wsp("workflow", "show", "--json", folder=folder).document["workflow"]

    assert story.default(folder) == f".venvs/{version}/default"
    assert (shown["name"], shown["rule"]) == ("venvs.py", "W3")
    assert not list((folder / ".venvs" / version / "default").glob("lib/*/site-packages/pip"))


@pytest.mark.needs(pythons=2)
def test_the_newest_python_wins(story: Story) -> None:
    """Of several environments named default, that of the newest Python is the default, 3.10 being newer than 3.9."""
    folder = story.folder("several")
    older, newer = story.versions[1], story.versions[0]
    for version, name in ((newer, "default"), (older, "default"), (newer, "other")):
        assert story.wsp("env", "create", name, "--python", version, folder=folder).exit_code == 0

    listed = story.wsp("env", "list", "--json", folder=folder).document["environments"]

    assert story.default(folder) == f".venvs/{newer}/default"
    assert {one["id"] for one in listed} == {
        f"{newer}/default",
        f"{older}/default",
        f"{newer}/other",
    }


def test_the_project_is_followed_only_where_they_say_so(story: Story) -> None:
    """A rule for one folder follows its project there, and nowhere else; nothing the project declares runs."""
    theirs = story.folder("theirs", pyproject__toml=HATCH)
    others = story.folder("others", pyproject__toml=HATCH)
    assert story.wsp("workflow", "set", "project", "--for", str(theirs)).exit_code == 0

    def governing(folder: Path) -> tuple[str, str, bool]:
        found = story.wsp("workflow", "show", "--json", folder=folder).document["workflow"]
        return found["name"], found["rule"], found["trusted"]

    assert governing(theirs) == ("hatch", "W2", False)
    assert governing(others) == ("venvs.py", "W3", True)
    assert story.wsp("workflow", "unset", "--for", str(theirs)).exit_code == 0
    assert governing(theirs) == ("venvs.py", "W3", True)
    assert story.wsp("workflow", "unset").exit_code == 0
    assert governing(others) == ("hatch", "W4", False)


def test_one_command_can_do_otherwise(story: Story) -> None:
    """An option or a variable names another workflow for one command."""
    folder = story.folder("mine")
    assert story.wsp("env", "create", "--workflow", "venv", folder=folder).exit_code == 0

    assert story.default(folder, "--workflow", "venv") == ".venv"
    story.machine.environ["PYTHON_WORKFLOW"] = "venv"
    assert (
        story.wsp("workflow", "show", "--json", folder=folder).document["workflow"]["rule"] == "W1"
    )


def test_the_server_is_told_that_the_folder_is_not_trusted(story: Story) -> None:
    """The user's own script may start in any folder, and hears that the folder itself is not trusted."""
    report = story.machine.home / "heard"
    listing = "def environments():\n"
    script = story.script.read_text()
    assert listing in script
    line = f"    Path({str(report)!r}).write_text(repr(server.client.project_trusted))\n"
    script = script.replace(listing, listing + line)
    story.script.write_text(script)

    story.default(story.folder("theirs", pyproject__toml=HATCH))

    assert report.read_text() == "False"
