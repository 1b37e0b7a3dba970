"""The workflow that governs a folder: rules W1 to W7, first match wins."""

from __future__ import annotations

import os

from workflow_helper.discovery import declarations
from workflow_helper.discovery.tools import BUNDLED, recognize
from workflow_helper.discovery.tools.contract import Folder
from workflow_helper.discovery.workflow_table import of_bundled
from workflow_helper.errors import UnusableFile
from workflow_helper.filesystem.real_path import real_path
from workflow_helper.model import Decision, Step, Workflow
from workflow_helper.state import choices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from workflow_helper.discovery.declarations import Preference, UserFile
    from workflow_helper.discovery.roots import Roots
    from workflow_helper.discovery.tools.contract import Tool
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Declaration, Host, Outcome, Question
else:
    from workflow_server.namedtuple import NamedTuple

FALLBACK = "venv"
#: What is said of the workflow that was chosen for a root, and how it is taken back.
CHOSEN = "chosen for this folder in the editor"
TAKE_BACK = "'wsp workflow unset --choice' takes that back"


class GoverningWorkflow(NamedTuple):
    """A workflow that a rule chose, and the root it was chosen for."""

    workflow: Workflow
    root: str
    #: The bundled tool that computes its answers from files; ``None`` where a server would have to be asked.
    tool: Tool | None
    #: Whether its server may be started; where files are read alone, nothing is.
    decision: Decision = Decision()


class WorkflowResolver:
    """Tries the rules one by one, and adds each to :attr:`steps`; callers apply only the rules that they need.

    ``decide`` says whether what is declared may be started for a root.
    """

    def __init__(
        self,
        question: Question,
        roots: Roots,
        host: Host,
        disk: Disk,
        decide: Callable[[Declaration, str], Decision],
    ) -> None:
        self._question = question
        self._decide = decide
        #: W1 is by the workflow that was chosen for the root, and not by a word of this very invocation.
        self.is_remembered = False
        self._roots = roots
        self._host = host
        self._disk = disk
        self._user_file: UserFile | None = None
        self._follows_project = False
        self.steps: list[Step] = []

    @property
    def user(self) -> UserFile:
        """The user's ``pyworkflow.toml``, read once."""
        if self._user_file is None:
            self._user_file = declarations.of_user(self._host, self._disk)
        return self._user_file

    def whole(self) -> GoverningWorkflow | None:
        """Return the workflow that governs, after trying every rule in order."""
        chosen = self.invoked()
        if chosen is not None:
            return chosen
        for root in self._roots.all:
            chosen = self.declared(root) or self.recognized(root)
            if chosen is not None:
                return chosen
        return self.fallback()

    def invoked(self) -> GoverningWorkflow | None:
        """Apply W1: the workflow named for this invocation, else the user's choice for this root."""
        for word, where in (
            (self._question.workflow, "--workflow"),
            (self._host.environ.get("PYTHON_WORKFLOW"), "PYTHON_WORKFLOW"),
        ):
            if word and (found := self._named(word, where, f"{where} names")):
                return found
        found = self._remembered()
        self.is_remembered = found is not None
        if not self.steps:
            nothing = "no workflow was named for this invocation, nor chosen for this folder"
            self._note("W1", "passed", nothing)
        return found

    def _remembered(self) -> GoverningWorkflow | None:
        try:
            word = choices.chosen(self._roots.root, self._host, self._disk).workflow
        except UnusableFile as error:
            self._note("W1", "failed", str(error))
            return None
        if word is None:
            return None
        detail = f"{CHOSEN} ({TAKE_BACK}):"
        return self._named(word, f"the workflow {CHOSEN}", detail, hint=f" ({TAKE_BACK})")

    def _named(
        self, word: str, where: str, detail: str, *, hint: str = ""
    ) -> GoverningWorkflow | None:
        """Return the workflow that ``word`` in ``where`` names; if it is invalid, the step ends in ``hint``."""
        try:
            declaration = declarations.of_word(word, where, self._host, self._disk)
        except UnusableFile as error:
            self._note("W1", "failed", f"{error}{hint}")
            return None
        return self._choose("W1", self._roots.root, declaration, detail)

    def declared(self, root: str) -> GoverningWorkflow | None:
        """Apply W2 to W5 to one root: explicit declarations of the user or the project."""
        prefaced = self._inherited(root)
        for problem in self.user.problems if root == self._roots.root else ():
            self._note("W2" if "'folder" in problem else "W3", "failed", problem)
        rule = _rule_for(root, self.user.folders)
        if rule is None:
            self._note(
                "W2", "passed", prefaced(f"no [[folder]] rule of {self.user.path} covers {root}")
            )
        elif rule.declaration is not None:
            return self._choose(
                "W2", root, rule.declaration, prefaced(f"your rule for {rule.path} names")
            )
        else:
            self._follows_project = True

        preference = None if self._follows_project else self._preference()
        if preference is not None and preference.policy == "override":
            return self._choose("W3", root, preference.declaration, prefaced("you prefer"))
        if not self._follows_project:
            why = (
                "you have no preferred workflow"
                if preference is None
                else "your preference is only a default"
            )
            self._note("W3", "passed", prefaced(why))

        found = declarations.of_project(root, self._disk)
        for problem in found.problems:
            self._note("W4", "failed", prefaced(problem))
        if found.declaration is not None:
            if self._follows_project and rule is not None:
                detail = prefaced(f"your rule for {rule.path} follows the project, which declares")
                return self._choose("W2", root, found.declaration, detail, by_project=True)
            return self._choose(
                "W4", root, found.declaration, prefaced("the project declares"), by_project=True
            )
        if not found.problems:
            self._note("W4", "passed", prefaced(f"{root} declares no [workflow]"))

        if preference is not None:
            return self._choose(
                "W5",
                root,
                preference.declaration,
                prefaced("the project declares none, you prefer"),
            )
        self._note("W5", "passed", prefaced("you have no default workflow"))
        return None

    def recognized(self, root: str) -> GoverningWorkflow | None:
        """Apply W6: the tool whose files are in the root."""
        prefaced = self._inherited(root)
        found = recognize(self.folder(root))
        if found is None:
            self._note("W6", "passed", prefaced(f"{root} has no file of a known workflow tool"))
            return None
        tool, evidence = found
        self._note("W6", "matched", prefaced(f"{root} holds {evidence}, so {tool.name} governs"))
        return GoverningWorkflow(Workflow(of_bundled(tool.name), "W6"), root, tool)

    def fallback(self) -> GoverningWorkflow | None:
        """Apply W7: the built-in workflow, unless opted out."""
        root = self._roots.root
        if not (self._question.fallback and self.user.fallback):
            self._note("W7", "passed", "the built-in fallback is turned off")
            return None
        self._note(
            "W7",
            "matched",
            f"nothing else governs {root}, so the built-in fallback '{FALLBACK}' does",
        )
        return GoverningWorkflow(Workflow(of_bundled(FALLBACK), "W7"), root, BUNDLED[FALLBACK])

    def folder(self, root: str) -> Folder:
        """Return ``root`` as a :class:`Folder` for the tools' modules."""
        above = (
            self._roots.all[self._roots.all.index(root) + 1 :] if root in self._roots.all else ()
        )
        return Folder(root, above, self._host, self._disk)

    def _preference(self) -> Preference | None:
        setting = self._question.preference
        if setting is not None:
            try:
                preference = declarations.of_editor(setting, self._host, self._disk)
            except UnusableFile as error:
                self._note("W3", "failed", str(error))
                return self.user.preference
            if preference is not None:
                return preference
        return self.user.preference

    def _choose(
        self,
        rule: str,
        root: str,
        declaration: Declaration,
        detail: str,
        *,
        by_project: bool = False,
    ) -> GoverningWorkflow:
        name, file, bundled = declaration.name, declaration.declared_in, declaration.bundled
        decision = Decision() if bundled is not None else self._decide(declaration, root)
        # The user's own is trusted wherever it is; that the folder is not, the rule says that would ask it.
        trusted = decision.allowed or not by_project
        ends = f" {name}" if not detail.endswith(name) else ""
        place = f" in {file}" if file else ""
        doubt = "" if trusted else f", but {decision.sentence}"
        self._note(rule, "matched", f"{detail}{ends}{place}{doubt}")
        tool = None if bundled is None else BUNDLED[bundled]
        return GoverningWorkflow(Workflow(declaration, rule, trusted), root, tool, decision)

    def _inherited(self, root: str) -> _Teller:
        return _Teller("" if root == self._roots.root else f"inherited from {root}: ")

    def _note(self, rule: str, outcome: Outcome, detail: str) -> None:
        self.steps.append(Step(rule, outcome, detail))


class _Teller:
    """Adds "inherited from ..." to a sentence about an enclosing root."""

    def __init__(self, lead: str) -> None:
        self._lead = lead

    def __call__(self, sentence: str) -> str:
        return self._lead + sentence


def _rule_for(
    root: str, rules: tuple[declarations.FolderRule, ...]
) -> declarations.FolderRule | None:
    """Return the rule that covers ``root``: the longest literal prefix wins, then the later one."""
    names = {root, real_path(root)} if rules else set()
    best: declarations.FolderRule | None = None
    best_length = -1
    for rule in rules:
        literal = _literal(rule.path)
        patterns = {rule.path, real_path(literal or os.sep) + rule.path[len(literal) :]}
        if len(literal) >= best_length and any(
            _covers(pattern, name) for pattern in patterns for name in names
        ):
            best, best_length = rule, len(literal)
    return best


def _literal(pattern: str) -> str:
    """Return the leading folders of ``pattern`` without wildcards."""
    normal = []
    for part in pattern.replace("\\", "/").split("/"):
        if any(wild in part for wild in "*?["):
            break
        normal.append(part)
    return "/".join(normal).rstrip("/")


def _covers(pattern: str, folder: str) -> bool:
    """Return whether ``pattern`` matches ``folder`` or one of the folders above it."""
    wanted = [part for part in pattern.replace("\\", "/").split("/") if part]
    parts = [part for part in folder.replace("\\", "/").split("/") if part]
    if _literal(pattern) == pattern.replace("\\", "/").rstrip("/"):
        return parts[: len(wanted)] == wanted
    return _match(wanted, parts)


def _match(names: list[str], parts: list[str]) -> bool:
    """Return whether the pattern ``names`` matches ``parts`` or their beginning: a rule covers descendants."""
    from fnmatch import fnmatchcase

    # How many of the parts the pattern up to here can have matched.
    reached = {0}
    for part in names:
        if part == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], part)}
        if not reached:
            return False
    return True
