r"""Decide whether something may be started, and give the reason: the only such function, for the whole product.

What is allowed (:data:`Act`) depends on the caller and on who declared the workflow. Reading files is always allowed,
without a decision.

===========================  =====================  ==============================  =================================
\\                            a bundled tool         the user's own server           what the project declares
===========================  =====================  ==============================  =================================
command line, ``start``      yes                    yes                             with consent to what it is now
command line, ``query``      with consent           it starts, and is told no       with consent to what it is now
command line, ``change``     yes: the user's word   it starts, and is told no       with consent to what it is now
... on another machine                              yes: its folder is named too
editor, ``start``            the folder is trusted  the folder is trusted           the project is trusted
editor, other acts           all projects trusted   all projects trusted            all projects trusted
===========================  =====================  ==============================  =================================

An editor's Workspace Trust covers the open folders, by real path, and never a project around one of them. In a window
without a folder, it covers only the ``file`` that the user runs, and nothing else in its folder.
"""

from __future__ import annotations

import os

from workflow_helper.errors import Protected, UnusableFile
from workflow_helper.filesystem.paths import is_inside_any, quoted, same
from workflow_helper.model import Decision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NamedTuple, TypeAlias

    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Declaration, Host, Question, Workflow

    #: ``start`` the workflow's program; run what the project holds merely to answer a ``query``; run it for a ``change``
    #: that the user asked for; run a single ``file`` that the user asked for, without asking its project anything.
    Act: TypeAlias = Literal["start", "query", "change", "file"]
else:
    from workflow_server.namedtuple import NamedTuple

_ALLOWED = Decision()
_FOLDER = Decision("this folder is not trusted", "Trust the folder first.")


class Subject(NamedTuple):
    """The workflow or file that a decision is about."""

    #: The project that it would be for.
    root: str
    #: The workflow; ``None`` for something else of the project, such as a script.
    declaration: Declaration | None = None
    #: Further projects files of which it would run.
    around: tuple[str, ...] = ()
    #: The digest of what would run, where that was read already.
    digest: str | None = None

    @property
    def is_declared(self) -> bool:
        """True if a file of the project itself declares the workflow, with its own program."""
        own = self.declaration
        return own is not None and own.bundled is None and is_declared_by(own, self.root)

    @property
    def is_bundled(self) -> bool:
        """True for a bundled workflow, wherever it was named."""
        return self.declaration is not None and self.declaration.bundled is not None


def subject(workflow: Workflow, root: str) -> Subject:
    """Return ``workflow``, which governs ``root``, as the subject of a decision."""
    return Subject(root, workflow.declaration)


def is_declared_by(what: Declaration | Workflow, root: str) -> bool:
    """Return whether a file of the project ``root`` declares ``what``, and not a file of the user's."""
    return what.declared_in is not None and same(os.path.dirname(what.declared_in), root)


def decide(act: Act, what: Subject, question: Question, host: Host, disk: Disk) -> Decision:
    """Decide whether ``act`` may be done for ``what``. Raises nothing: an unreadable consent counts as none."""
    if question.editor or question.trusted:  # a word that an editor alone says
        return _by_editor(act, what, question)
    if what.is_declared:
        return _by_consent(what, host, disk)
    if act == "query" and what.is_bundled:
        # That the project itself names the tool is no consent: many a tool runs the project's files when asked.
        return _by_consent(what, host, disk)
    if act == "start" or what.is_bundled or what.declaration is None:
        return _ALLOWED
    if what.declaration.host is not None:
        # It acts on the very folder that the user named on the other machine, and on nothing of this one.
        return _ALLOWED
    return Decision(f"a workflow of your own does not make {what.root} trusted")


def _by_editor(act: Act, what: Subject, question: Question) -> Decision:
    if act == "file" and question.single_file:
        return _ALLOWED
    if not question.trusted:
        return _FOLDER
    if act == "start" and not what.is_declared:
        return _ALLOWED
    trusted = question.opened or (question.folder,)
    for root in (what.root, *what.around):
        if not is_inside_any(root, trusted):
            hint = "Open that folder to trust it."
            if act == "start":
                command = f"wsp workflow trust --folder {quoted(root)}"
                hint = f"Open that folder, or for the command line '{command}' allows it."
            return Decision(f"{root} is not part of what was trusted", hint)
    return _ALLOWED


def _by_consent(what: Subject, host: Host, disk: Disk) -> Decision:
    from workflow_helper.trust import fingerprint, store

    declaration, root = what.declaration, what.root
    if declaration is None:
        return _ALLOWED
    reason, hint = "it is not trusted", "'wsp workflow trust' allows it."
    try:
        agreed_digest = store.digest_for(root, host, disk)
        if agreed_digest is None:
            return Decision(reason, hint)
        now = what.digest or fingerprint.digest(declaration, root, host, disk)
    except UnusableFile as error:  # consent cannot be verified
        return Decision(f"{reason}: {error}", error.hint)
    if agreed_digest == now:
        return _ALLOWED
    changed = f"{reason} any more: it changed since you consented to it"
    return Decision(changed, "Review it, then allow it again with 'wsp workflow trust'.")


def untrusted(root: str, consequence: str) -> Protected:
    """Return the error for an action that is refused because the project ``root`` is not trusted."""
    reason = f"{root} is not trusted, so {consequence}"
    return Protected(reason, "Trust the project first: 'wsp workflow trust' allows it.")
