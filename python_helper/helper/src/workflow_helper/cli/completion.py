"""Completion for the shells: short scripts that query ``wsp`` itself, so that they are never outdated."""

from __future__ import annotations

from workflow_helper.cli.arguments import COMMANDS, COMMON
from workflow_helper.errors import UsageError, WorkflowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.cli.arguments import CommandSpec
    from workflow_helper.model import Host

#: The hidden first word that asks for candidates: ``wsp --complete WORD...``, the last being the one to complete.
ASK = "--complete"

_SCRIPTS = {
    # Not `compgen -W`, which would run what a folder names an environment. What is inserted is quoted for the same reason.
    "bash": """_wsp() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        printf -v word '%q' "$word"
        COMPREPLY+=("$word")
    done < <(wsp --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _wsp wsp
""",
    "zsh": """#compdef wsp
_wsp() {
    local -a found
    found=("${(@f)$(wsp --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[*]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
if [ "$funcstack[1]" = "_wsp" ]; then _wsp "$@"; else compdef _wsp wsp; fi
""",
    "fish": """complete -c wsp -f -a '(wsp --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
""",
}


def script(shell: str) -> str:
    """Return the script that ``wsp completion SHELL`` prints.

    Raises:
        UsageError: there is no script for ``shell``.
    """
    if shell not in _SCRIPTS:
        raise UsageError(f"there is no completion for {shell!r}", f"One of: {', '.join(_SCRIPTS)}.")
    return _SCRIPTS[shell]


def candidates(words: list[str], host: Host, cwd: str) -> list[str]:
    """Return the completions of the last of ``words``, which do not include ``wsp``."""
    *before, last = words or [""]
    plain = [word for word in _behind_options(before) if not word.startswith("-")]
    command = _command(plain)
    if command is not None and command.rest is not None and "--" in before:
        return []  # another program's words, for which shells offer files
    if command is not None and command.verbatim and len(plain) > len(command.words):
        return []
    options = (*(command.options if command else ()), *COMMON)
    asking = next((one for one in options if before and one.name == before[-1] and one.value), None)
    if asking is not None:
        found = list(asking.choices)
    elif last.startswith("-") and (command or not plain):
        found = [one.name for one in options]
    elif command is None:
        depth = len(plain)
        following = (
            one.words[depth]
            for one in COMMANDS
            if one.words[:depth] == tuple(plain) and len(one.words) > depth
        )
        found = list(dict.fromkeys(following))
    else:
        found = _operands(command, host, cwd)
    return [word for word in found if word.startswith(last)]


def _behind_options(words: list[str]) -> list[str]:
    """Return ``words`` from the command on, without the common options before it."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        name = rest.pop(0)
        if any(one.name == name and one.value for one in COMMON):
            del rest[:1]
    return rest


def _command(words: list[str]) -> CommandSpec | None:
    return next((one for one in COMMANDS if tuple(words[: len(one.words)]) == one.words), None)


def _operands(command: CommandSpec, host: Host, cwd: str) -> list[str]:
    found: list[str] = []
    for word in command.completions:
        if word == "*environments":
            found += _environments(host, cwd)
        elif word == "*tasks":
            found += _tasks(host, cwd)
        elif word == "*tools":
            from workflow_helper.apps.records import names
            from workflow_helper.filesystem.reader import Disk

            found += names(host, Disk())
        elif word == "*workflows":
            from workflow_helper.discovery.tools import BUNDLED

            found += BUNDLED
        else:
            found.append(word)
    return found


def _environments(host: Host, cwd: str) -> list[str]:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Question
    from workflow_helper.resolver.resolve import environments

    try:
        _, found = environments(Question(cwd), host, Disk())
    except WorkflowError:
        return []
    return [environment.id for environment in found]


def _tasks(host: Host, cwd: str) -> list[str]:
    from workflow_helper.filesystem.reader import Disk
    from workflow_helper.model import Question
    from workflow_helper.operations.run import tasks_in_files

    try:
        found = tasks_in_files(Question(cwd), host, Disk())
    except WorkflowError:
        return []
    return [task.name for task in found]
