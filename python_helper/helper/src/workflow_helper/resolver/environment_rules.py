"""The rules by which a folder's environment is found: ES and E0 to E8.

They are tried in order, and each adds a :class:`Step` to the trail. A broken candidate is skipped with its reason; only
an unusable last line of ``.python-envs`` and a selection of "none" end the search without an answer.
"""

from __future__ import annotations

import os

from workflow_helper.discovery import folder_mapping, pep832, roots
from workflow_helper.discovery.declarations import syntax_problems
from workflow_helper.discovery.environments import activated, sole
from workflow_helper.discovery.environments.locate import View
from workflow_helper.discovery.tools import beside_dot_venv, recognize
from workflow_helper.errors import ServerFailed, UnusableFile, WorkflowError
from workflow_helper.model import Resolution, Step, Trouble
from workflow_helper.resolver.workflow_rules import FALLBACK, WorkflowResolver
from workflow_helper.state import choices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from workflow_helper.discovery.tools.contract import Tool
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import (
        Decision,
        Declaration,
        Environment,
        Host,
        Outcome,
        Question,
        Source,
        Workflow,
    )
    from workflow_helper.resolver.workflow_rules import GoverningWorkflow

    #: From a workflow, the root it governs, and whether what that holds may be run, to the environments that its server
    #: tells of, the default marked; ``None`` when it has not answered yet. Raises :class:`WorkflowError` when there is no
    #: answer.
    Ask: TypeAlias = Callable[[Workflow, str, bool], tuple[Environment, ...] | None]

#: The rules, except W1, that choose a workflow explicitly, which E3 then queries.
_IN_WORDS = ("W2", "W3", "W4", "W5")


class EnvironmentSearch:
    """A search for the default environment of a folder, with the data that several rules need."""

    def __init__(self, question: Question, host: Host, disk: Disk, ask: Ask | None) -> None:
        self._question = question
        self._ask = ask
        self._host = host
        self._disk = disk
        self._roots = roots.of(question, host, disk)
        self._view = View(self._roots.root, host, disk)
        self._governor = WorkflowResolver(question, self._roots, host, disk, self._decide)
        self._steps: list[Step] = []
        self._choice: GoverningWorkflow | None = None
        #: The governing workflow was asked and gave no environment to use, so a recognized tool is not asked (E6).
        self._answered_none = False
        #: The environments of its server, the default marked.
        self._listed: tuple[Environment, ...] = ()
        #: The failures of its server.
        self._trouble: Trouble | None = None
        self._queried = False
        #: A workflow server has not been asked, because only files may be read now.
        self._pending = False
        self._unusable: str | None = None
        self._declined = False
        self._whole = False

    def run(self, *, whole: bool) -> Resolution:
        """Return the answer; ``whole`` as for :func:`workflow_helper.resolver.resolve.resolve`."""
        self._whole = whole
        self._choice = self._governor.whole() if whole else self._governor.invoked()
        winner = self._of_script() or self._project_environment()
        own = winner is not None
        if winner is None and self._unusable is None and not self._declined:
            winner = self._activated_elsewhere()
        if winner is None:
            self._check_pin()
            self._note("E8", "passed", "this project has no environment yet")
        return Resolution(
            self._roots.root,
            winner,
            (*self._about_root(whole=whole), *self._governor.steps, *self._steps),
            self._choice.workflow if self._choice else None,
            self._pending and self._unusable is None and not self._declined,
            own,
            self._unusable,
            self._declined,
            self._choice.root if self._choice else None,
            self._trouble,
        )

    def listed(self, resolution: Resolution) -> Iterator[Environment]:
        """Yield every environment that a rule or a tool finds; the caller removes duplicates."""
        if resolution.environment is not None:
            yield resolution.environment
        selected = self._selection(self._roots.root)
        if selected is not None and selected.environment is not None:
            yield self._view.at(selected.environment, "selected")
        if self._question.interpreter is not None:
            yield self._view.at(self._question.interpreter, "settings")
        choice = self._choice
        if choice is not None and choice.workflow.rule in ("W1", *_IN_WORDS) and not self._queried:
            # An earlier rule decided; what it offers besides is listed anyway.
            self._of_workflow("E3", choice)
        for environment in self._listed:
            yield self._view.checked(environment)._replace(default=False)
        mapped = folder_mapping.entry_for(self._roots.root, self._roots.mapped)
        if mapped is not None:
            yield self._view.at(mapped.environment, "mapping")
        # Enclosing roots' environments are inherited if the root has none of its own.
        yield from self._in_root(self._roots.root) or [
            environment for root in self._roots.enclosing for environment in self._in_root(root)
        ]
        # Last, so that an environment is named by what holds it rather than by how it came to be activated.
        for found in self._activated():
            environment = self._view.at(found.prefix, "activated")
            if environment.ok:
                yield environment

    def _of_script(self) -> Environment | None:
        """Apply ES: the environment of a script with inline metadata, if the question is about one."""
        path = self._question.folder
        if not self._disk.is_file(path):
            return None
        from workflow_helper.scripts import state

        if not state.is_script(path, self._disk):
            return None
        name = os.path.basename(path)
        try:
            script = state.look(path, self._disk)
            found = None if script is None else state.existing(script, self._host, self._disk)
        except UnusableFile as error:
            return self._failed("ES", str(error))
        if found is None:
            making = "'wsp script run' creates it"
            return self._passed(
                "ES", f"{name} has an environment of its own, which does not exist yet: {making}"
            )
        return self._matched(
            "ES", found, f"{name} has an environment of its own, from its inline metadata"
        )

    def _project_environment(self) -> Environment | None:
        """Apply E0 to E7, at the root and then at the roots that enclose it."""
        if self._choice is not None and self._choice.workflow.rule == "W1":
            if self._governor.is_remembered and self._selection(self._roots.root) is not None:
                self._note(
                    "E0", "passed", "an environment was selected after the workflow was chosen"
                )
            elif (found := self._of_workflow("E0", self._choice)) is not None:
                return found
        for root in self._roots.all:
            for found in self._rules(root):
                if found is not None or self._unusable is not None or self._declined:
                    return found
        return None

    def _rules(self, root: str) -> Iterator[Environment | None]:
        nearest = root == self._roots.root
        yield self._selected(root)
        if nearest and self._question.interpreter is not None:
            yield self._set_for_workspace(self._question.interpreter)
        if nearest:
            yield self._in_use()
        if self._choice is None:
            self._choice = self._governor.declared(root)
        choice = self._choice
        if choice is not None and choice.root == root and self._applies_now(choice):
            yield self._of_workflow("E3", choice)
        elif nearest:
            self._note(
                "E3", "passed", "no workflow was chosen by W2 to W5, so there is none to query"
            )
        yield self._mapped(root)
        yield self._dot_venv(root)
        yield self._last_line(root)
        yield self._recognized(root)
        yield self._only(root)

    def _is_chosen_in_words(self) -> bool:
        return self._choice is not None and self._choice.workflow.rule in ("W1", *_IN_WORDS)

    def _applies_now(self, choice: GoverningWorkflow) -> bool:
        """Return whether E3 applies: to an explicitly chosen workflow, also by W1 if a later selection made E0 skip it."""
        rule = choice.workflow.rule
        return rule in _IN_WORDS or (rule == "W1" and not self._queried)

    # -- the rules, one each ------------------------------------------------------------------------------------

    def _selected(self, root: str) -> Environment | None:
        preface = self._inherited(root)
        try:
            selected = choices.selection_of(root, self._host, self._disk, whole=self._whole)
        except UnusableFile as error:
            return self._failed("E1", str(error))
        if selected is None:
            return self._passed("E1", f"{preface}nothing was selected for {root}")
        if selected.environment is None:
            self._declined = True
            self._note("E1", "matched", f"{preface}you selected no interpreter for {root}")
            return None
        environment = self._view.at(selected.environment, "selected")
        if not environment.ok:
            return self._failed(
                "E1",
                f"{preface}you selected {environment.prefix}, but {environment.status.message}",
            )
        return self._matched(
            "E1", environment, f"{preface}you selected {selected.environment} for {root}"
        )

    def _set_for_workspace(self, path: str) -> Environment | None:
        """Apply ED: the environment that the settings of a trusted workspace name."""
        from workflow_helper.discovery import interpreter_setting

        environment = self._view.at(path, "settings")
        if not environment.ok:
            return self._failed("ED", f"{interpreter_setting.NAME}: {environment.status.message}")
        detail = f"{path} is the {interpreter_setting.NAME} of this workspace"
        return self._matched("ED", environment, detail)

    def _in_use(self) -> Environment | None:
        found = self._activated()
        if not found:
            return self._passed("E2", "no environment is activated")
        for one in found:
            if one.passed_over is not None:
                self._note("E2", "failed", one.passed_over)
                continue
            environment = self._view.at(one.prefix, "activated")
            if environment.ok:
                return self._matched(
                    "E2", environment, f"{one.prefix} is activated ({one.variable})"
                )
            self._note("E2", "failed", f"{one.variable}: {environment.status.message}")
        return None

    def _of_workflow(self, rule: str, choice: GoverningWorkflow) -> Environment | None:
        """Apply E0 and E3: the default environment of an explicitly chosen workflow."""
        workflow, preface = choice.workflow, self._inherited(choice.root)
        self._queried = True
        if choice.tool is not None:
            environment = self._of_tool(rule, choice.tool, choice.root, "workflow")
            if environment is None:
                self._answered_none = True
            return environment
        if not choice.decision.allowed:
            reason = f"was not started, because {choice.decision.reason}"
            return self._failed(rule, f"{preface}the workflow {workflow.name} {reason}")
        from workflow_helper.trust import policy

        answer, what = None, policy.subject(workflow, choice.root)
        trusted = policy.decide("query", what, self._question, self._host, self._disk).allowed
        if not self._question.static and self._ask is not None:
            try:
                answer = self._ask(workflow, choice.root, trusted)
            except WorkflowError as error:
                self._trouble = _trouble(workflow, error)
                return self._failed(rule, preface + error.message)
        if answer is None:
            self._pending = True
            return self._from_memory(rule, choice, trusted=trusted)
        from workflow_helper.state import answers

        self._listed = answer
        query = answers.Query(workflow, choice.root, trusted)
        answers.keep(query, answer, self._host, self._disk)
        return self._of_server(rule, choice)

    def _from_memory(
        self, rule: str, choice: GoverningWorkflow, *, trusted: bool
    ) -> Environment | None:
        name, preface = choice.workflow.name, self._inherited(choice.root)
        from workflow_helper.state import answers

        query = answers.Query(choice.workflow, choice.root, trusted)
        before = answers.recall(query, self._host, self._disk)
        if before is None:
            return self._failed(rule, f"{preface}the workflow {name} has not been queried yet")
        self._listed = before
        return self._of_server(rule, choice)

    def _of_server(self, rule: str, choice: GoverningWorkflow) -> Environment | None:
        name, preface = choice.workflow.name, self._inherited(choice.root)
        self._answered_none = True
        default = next((one for one in self._listed if one.default), None)
        if default is None:
            count = len(self._listed)
            why = f"marks none of its {count} environments as the default" if count else "has none"
            return self._passed(rule, f"{preface}the workflow {name} {why}")
        environment = self._view.checked(default)
        if not environment.ok and not environment.is_placeless:
            message = environment.status.message
            return self._failed(rule, f"{preface}the workflow {name}: {message}")
        detail = (
            f"{preface}{environment.prefix or environment.id} is the default of the workflow {name}"
        )
        return self._matched(rule, environment, detail)

    def _decide(self, declaration: Declaration, root: str) -> Decision:
        from workflow_helper.trust import policy

        what = policy.Subject(root, declaration)
        return policy.decide("start", what, self._question, self._host, self._disk)

    def _mapped(self, root: str) -> Environment | None:
        """Apply EM: the project's own mapping of its folders."""
        entry = folder_mapping.entry_for(root, self._roots.mapped)
        if entry is None:
            return None
        preface = self._inherited(root)
        environment = self._view.at(entry.environment, "mapping")
        if not environment.ok:
            return self._failed("EM", f"{preface}{entry.file}: {environment.status.message}")
        detail = f"{preface}{environment.prefix} is what {entry.file} maps {entry.folder} to"
        return self._matched("EM", environment, detail)

    def _dot_venv(self, root: str) -> Environment | None:
        preface = self._inherited(root)
        named = pep832.dot_venv(root, self._disk)
        if named is None:
            return self._passed("E4", f"{preface}{root} has no .venv")
        environment = self._view.named(named, ".venv")
        # A file is a word about this very folder; a folder may be left over from before the tool was told otherwise.
        is_left = not named.line and not self._is_chosen_in_words()
        beside = beside_dot_venv(self._governor.folder(root)) if is_left else None
        if beside is not None:
            tool, place = beside
            reason = f"{tool.name} was told to use another environment, {place.prefix}"
            return self._passed("E4", f"{preface}{root}/.venv is left out: {reason}")
        if not environment.ok:
            return self._failed("E4", preface + environment.status.message)
        redirected = f", to which {root}/.venv redirects" if named.line else ""
        return self._matched(
            "E4", environment, f"{preface}{environment.prefix} is the .venv of {root}{redirected}"
        )

    def _last_line(self, root: str) -> Environment | None:
        preface = self._inherited(root)
        try:
            lines = pep832.python_envs(root, self._disk)
        except UnusableFile as error:
            return self._failed("E5", f"{preface}{error}")
        if not lines:
            why = (
                "has no .python-envs"
                if lines is None
                else "has a .python-envs that names no environment"
            )
            return self._passed("E5", f"{preface}{root} {why}")
        last = lines[-1]
        environment = self._view.named(last, "python-envs")
        if not environment.ok:
            self._unusable = f"{preface}the default environment cannot be used, and no other is guessed: {environment.status.message}"
            return self._failed("E5", self._unusable)
        detail = f"{preface}{environment.prefix} is the last line of {os.path.join(root, pep832.PYTHON_ENVS)}"
        return self._matched("E5", environment, detail)

    def _recognized(self, root: str) -> Environment | None:
        preface = self._inherited(root)
        if self._answered_none and self._choice is not None:
            name = self._choice.workflow.name
            return self._passed("E6", f"{preface}{name} governs and reported no environment to use")
        if self._choice is None:
            self._choice = self._governor.recognized(root)
        if (
            self._choice is not None
            and self._choice.workflow.rule == "W6"
            and self._choice.root == root
        ):
            tool = self._choice.tool
        else:
            found = recognize(self._governor.folder(root))
            tool = None if found is None else found[0]
        if tool is None:
            return self._pinned(root)
        return self._of_tool("E6", tool, root, "tool")

    def _pinned(self, root: str) -> Environment | None:
        """Apply E6 to an environment of pyenv-virtualenv that a ``.python-version`` names."""
        from workflow_helper.discovery import python_version_file

        preface = self._inherited(root)
        # Looked for from the nearest root upwards, so that those around it have nothing to add.
        nearest = root == self._roots.root
        pin = python_version_file.pinned(root, self._host, self._disk) if nearest else None
        found = (
            None if pin is None else python_version_file.environment(pin, self._host, self._disk)
        )
        if pin is None or found is None:
            nothing = f"{preface}no known workflow tool keeps an environment for {root}"
            return self._passed("E6", nothing)
        environment = self._view.at(found.prefix, "tool", found.name)
        if not environment.ok:
            return self._failed("E6", f"{preface}{pin.source}: {environment.status.message}")
        detail = f"{preface}{environment.prefix} is the environment that {pin.source} names"
        return self._matched("E6", environment, detail)

    def _only(self, root: str) -> Environment | None:
        """Apply E7: the only working environment directly inside the root."""
        preface = self._inherited(root)
        folder = self._governor.folder(root)
        there = [self._view.at(prefix, "tool") for prefix in sole.prefixes(folder)]
        working = [environment for environment in there if environment.ok]
        if not working:
            return self._passed("E7", f"{preface}no working environment lies in {root}")
        names = ", ".join(sorted(one.id for one in working))
        governing = self._governing_tool(root)
        if governing is not None:
            return self._passed("E7", f"{preface}{governing} governs, and would not use {names}")
        if len(working) > 1:
            count = len(working)
            return self._failed(
                "E7",
                f"{preface}{count} environments lie in {root} ({names}), and none is the default",
            )
        return self._matched(
            "E7", working[0], f"{preface}{names} is the only environment in {root}"
        )

    def _governing_tool(self, root: str) -> str | None:
        """Return the governing tool or workflow, which would use another environment than one that just happens to be there."""
        choice = self._choice
        if choice is not None and self._answered_none and choice.workflow.name != FALLBACK:
            return choice.workflow.name
        found = recognize(self._governor.folder(root))
        return None if found is None else found[0].name

    def _activated_elsewhere(self) -> Environment | None:
        for one in self._activated():
            if one.passed_over is not None:
                environment = self._view.at(one.prefix, "activated")
                if environment.ok:
                    return self._matched(
                        "E2", environment, f"{one.prefix} is activated elsewhere ({one.variable})"
                    )
        return None

    def _check_pin(self) -> None:
        """Report a ``.python-version`` that no Python of the machine fits, so that another one is not shown silently."""
        from workflow_helper.discovery import python_version_file

        root = self._roots.root
        pin = python_version_file.pinned(root, self._host, self._disk)
        if pin is None:
            return
        from workflow_helper.discovery.interpreters.choose import meant
        from workflow_helper.discovery.interpreters.find import installed, outside

        pythons = outside(installed(self._host, self._disk), (root,), self._host)
        if not meant(pin, pythons, root, self._host, self._disk):
            self._note("E8", "failed", pin.unfit)

    # -- what they share ----------------------------------------------------------------------------------------

    def _of_tool(self, rule: str, tool: Tool, root: str, source: Source) -> Environment | None:
        """Return a tool's own default, computed from files."""
        preface = self._inherited(root)
        place = next(
            (place for place in tool.places(self._governor.folder(root)) if place.default), None
        )
        if place is None or not self._disk.is_present(place.prefix):
            where = f" (it would be {place.prefix})" if place else ""
            return self._passed(
                rule, f"{preface}{tool.name} has made no environment for {root}{where}"
            )
        environment = self._view.placed(place, root, source)
        if not environment.ok:
            return self._failed(rule, preface + environment.status.message)
        return self._matched(
            rule,
            environment,
            f"{preface}{environment.prefix} is the environment that {tool.name} uses",
        )

    def _activated(self) -> tuple[activated.Activated, ...]:
        if not any(self._host.environ.get(name) for name in ("VIRTUAL_ENV", "CONDA_PREFIX")):
            return ()
        root = self._roots.root
        own = self._own_prefixes(root) if self._question.editor else ()
        return activated.activated(root, own, self._host, self._disk, editor=self._question.editor)

    def _in_root(self, root: str) -> list[Environment]:
        choice = self._choice
        in_words = self._is_chosen_in_words()
        governing = choice.tool if choice is not None and in_words and choice.root == root else None
        return list(self._view.in_root(self._governor.folder(root), governing))

    def _own_prefixes(self, root: str) -> tuple[str, ...]:
        return tuple(
            environment.prefix
            for environment in self._in_root(root)
            if environment.kind != "remote"
        )

    def _selection(self, root: str) -> choices.Selection | None:
        try:
            return choices.selection_of(root, self._host, self._disk)
        except UnusableFile:
            return None

    def _about_root(self, *, whole: bool) -> tuple[Step, ...]:
        root, because = self._roots.root, self._roots.because
        steps = [Step("root", "matched", f"the project root is {root}: {because}")]
        steps += [
            Step(
                "root",
                "failed",
                f"{path} is skipped: it, or the file that marks it, belongs to another user",
            )
            for path in self._roots.foreign
        ]
        if whole:
            trail = "\n".join(step.detail for step in (*self._governor.steps, *self._steps))
            for folder in self._roots.all:
                problems = (problem for problem in self._problems(folder) if problem not in trail)
                steps += [Step("root", "failed", problem) for problem in problems]
        return tuple(steps)

    def _problems(self, folder: str) -> Iterator[str]:
        """Yield the mistakes in the files of ``folder``, even if no answer needs these files."""
        yield from syntax_problems(folder, self._disk)
        yield from folder_mapping.read(folder, self._disk).problems
        try:
            pep832.python_envs(folder, self._disk)
        except UnusableFile as error:
            yield str(error)

    def _inherited(self, root: str) -> str:
        return "" if root == self._roots.root else f"inherited from {root}: "

    def _note(self, rule: str, outcome: Outcome, detail: str) -> None:
        self._steps.append(Step(rule, outcome, detail))

    # Both give the answer of a rule that has none, so that a rule ends with a return.

    def _passed(self, rule: str, detail: str) -> Environment | None:
        self._note(rule, "passed", detail)
        return None

    def _failed(self, rule: str, detail: str) -> Environment | None:
        self._note(rule, "failed", detail)
        return None

    def _matched(self, rule: str, environment: Environment, detail: str) -> Environment:
        self._note(rule, "matched", detail)
        return environment._replace(default=True)


def _trouble(workflow: Workflow, error: WorkflowError) -> Trouble:
    if isinstance(error, ServerFailed):
        return Trouble(workflow.name, error.sentence, error.stderr, error.code)
    return Trouble(workflow.name, error.message, code=error.code)
