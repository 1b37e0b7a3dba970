"""PDM: the environment that ``.pdm-python`` names, and others by name; kept in step with ``pdm.lock`` by ``pdm sync``.

Checked against pdm 2.29. Which environment a command acts on is always said (``PDM_PYTHON``), since pdm by itself goes on to
another one where the one it remembers is gone. ``pdm sync`` takes a stale lock file as it is, so the lock is looked at first.
"""

from __future__ import annotations

import os

from python_workflow.discovery.packages import normalized
from python_workflow.discovery.tools import pdm as places
from python_workflow.discovery.tools.files import table_at, text_at, text_of, toml_of
from python_workflow.discovery.tools.folders import join
from python_workflow.errors import ExecutionFailed, InvalidParams, LockOutdated, Protected
from python_workflow.workflows import filling
from python_workflow.workflows.contract import Sign, Workflow
from python_workflow.workflows.holding import Held, said
from python_workflow.workflows.job import invalid
from python_workflow.wsp.values import InSync, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from python_workflow.discovery.tools.contract import Folder
    from python_workflow.model import Environment
    from python_workflow.workflows.job import Job
    from python_workflow.wsp.params import CreateParams, SyncParams, TaskCommandParams
    from python_workflow.wsp.values import Command

LOCK = "pdm.lock"
REMEMBERED = ".pdm-python"
_OUTDATED = "'pdm lock' brings it up to date, and so does 'wsp env sync'."
#: What pdm itself leaves alone when it takes out what is not locked.
_KEPT = ("pip", "setuptools", "wheel", "uv")
#: What pdm would rather take than what it is told.
_ELSEWHERE = dict.fromkeys(
    ("PDM_IN_VENV", "PDM_PROJECT", "PDM_LOCKFILE", "PDM_IGNORE_SAVED_PYTHON")
)


def _create(job: Job, params: CreateParams) -> str:
    """The default one is selected too, unless another one is; a named one is selected by ``pdm use``."""
    folder = _folder(job)
    python = job.python(params)
    version = ".".join((python.version or "").split(".")[:2])
    is_default = params.name in (WORKFLOW.default_name, "default", ".")
    in_project = is_default and places.keeps_in_project(folder)
    name = (WORKFLOW.default_name if in_project else version) if is_default else params.name
    prefix = places.place_of(folder, name)
    if prefix is None:
        raise invalid("name", f"pdm can keep no environment of the name {params.name!r}")
    if params.path is not None and os.path.normpath(params.path) != prefix:
        raise invalid("path", f"pdm would make {prefix}")
    named = [] if name == WORKFLOW.default_name else ["--name", name]
    with job.making(prefix) as making:
        making.run(
            f"making {prefix}",
            ["venv", "create", *named, python.path],
            environ={**_ELSEWHERE, "PDM_VENV_IN_PROJECT": "false" if named else "true"},
        )
        made = making.project.at(prefix)
        if made.interpreter_path is None:
            raise ExecutionFailed(f"pdm made no usable environment: {made.status.message}")
        _bring_into_step(making, made, params.groups, params.extras, frozen=False)
        if params.packages:
            filling.install_into(making, made, params.packages)
    if is_default:
        _remember(job, folder, made.interpreter_path)
    return prefix


def _sync(job: Job, environment: Environment, params: SyncParams) -> None:
    _bring_into_step(job, environment, params.groups, params.extras, frozen=params.frozen)


def _check(job: Job, environment: Environment, params: SyncParams) -> InSync:
    folder = _folder(job)
    stale = _stale(job, folder, environment, _wished(params.groups, params.extras))
    if stale is not None:
        return InSync(in_sync=False, message=f"{stale}; 'wsp env sync' brings it up to date")
    reasons = said(_differences(job, folder, environment, params))
    return InSync(in_sync=not reasons, message=reasons)


def _tasks(job: Job) -> list[Task]:
    """Read from the file: pdm itself, asked in a folder without an environment, makes one."""
    scripts = table_at(_settings(places.project(job.project.folder)), "scripts")
    return [
        Task(name, _described(script))
        for name, script in scripts.items()
        if not name.startswith("_")
    ]


def _task_command(job: Job, params: TaskCommandParams) -> Command:
    if params.name not in (one.name for one in _tasks(job)):
        raise invalid("name", f"[tool.pdm.scripts] has no {params.name!r}")
    return job.start(["run", params.name, *params.argv])


def _deleted(job: Job, environment: Environment) -> None:
    """Forget the interpreter that went with it: pdm would take another one silently."""
    folder = _folder(job)
    path = join(job.host, folder.root, REMEMBERED)
    remembered = (text_of(folder, path) or "").strip()
    if remembered and os.path.dirname(os.path.dirname(remembered)) == environment.prefix:
        os.unlink(path)


# -- acting -----------------------------------------------------------------------------------------------------


def _bring_into_step(
    job: Job,
    environment: Environment,
    groups: tuple[str, ...] | None,
    extras: tuple[str, ...] | None,
    *,
    frozen: bool,
) -> None:
    folder, wished = _folder(job), _wished(groups, extras)
    _see_that_they_are_declared(folder, wished)
    stale = _stale(job, folder, environment, wished)
    if stale is not None:
        if frozen:
            raise LockOutdated(stale, _OUTDATED)
        locked = [name for name in _locked_groups(_lock(folder)) if name in _optional(folder)]
        _pdm(job, "locking", ["lock", *_selected((*locked, *wished))], environment)
    words = ["sync", "--clean", *_selected(wished)]
    _pdm(job, f"syncing {environment.prefix}", words, environment)


def _pdm(job: Job, what: str, words: Sequence[str], environment: Environment) -> None:
    job.run(what, words, environ={**_ELSEWHERE, "PDM_PYTHON": environment.interpreter_path})


def _remember(job: Job, folder: Folder, interpreter: str) -> None:
    """Have pdm take this interpreter from now on, unless it takes another one that is there."""
    from python_workflow.files import write_whole

    path = join(job.host, folder.root, REMEMBERED)
    remembered = (text_of(folder, path) or "").strip()
    if not (remembered and os.path.isfile(os.path.join(folder.root, remembered))):
        write_whole(path, os.fsencode(interpreter), replace=True)


# -- the lock ---------------------------------------------------------------------------------------------------


def _stale(
    job: Job, folder: Folder, environment: Environment, wished: tuple[str, ...]
) -> str | None:
    """Why ``pdm.lock`` is not to be used as it is; ``None`` where it is. Worked out as pdm does, in the usual case."""
    lock = _lock(folder)
    if not lock:
        return f"there is no {LOCK}"
    missing = [name for name in wished if name not in _locked_groups(lock)]
    if missing:
        return f"{LOCK} does not have the group {missing[0]}"
    about = table_at(lock, "metadata")
    algorithm, _, digest = (text_at(about, "content_hash") or "").partition(":")
    if algorithm == "sha256" and "lock_inputs" not in about:
        fresh = digest == _content_hash(folder)
    elif not job.trusted:
        raise job.not_asked()
    else:  # a newer way to tell, known to pdm alone
        done = job.ask(
            f"checking {LOCK}",
            ["lock", "--check"],
            environ={**_ELSEWHERE, "PDM_PYTHON": environment.interpreter_path},
            accepted=(0, 1),
        )
        fresh = done.exit_code == 0
    return None if fresh else f"{LOCK} does not match what the project declares"


def _content_hash(folder: Folder) -> str:
    """The digest of what is locked, as pdm makes it of ``pyproject.toml``."""
    import json
    from hashlib import sha256

    document = _document(folder)
    metadata, settings = table_at(document, "project"), _settings(folder)
    groups: dict[str, Any] = {
        normalized(name): list(entries)
        for name, entries in table_at(document, "dependency-groups").items()
    }
    for name, entries in table_at(settings, "dev-dependencies").items():
        groups.setdefault(normalized(name), []).extend(entries)
    counts = {
        "sources": settings.get("source", []),
        "dependencies": metadata.get("dependencies", []),
        "dev-dependencies": groups,
        "optional-dependencies": metadata.get("optional-dependencies", {}),
        "requires-python": metadata.get("requires-python", ""),
        "resolution": settings.get("resolution", {}),
    }
    return sha256(json.dumps(counts, sort_keys=True, default=str).encode()).hexdigest()


def _differences(
    job: Job, folder: Folder, environment: Environment, params: SyncParams
) -> Iterator[str]:
    """What ``pdm sync --clean`` would change, a clause each."""
    from packaging.markers import InvalidMarker, Marker

    target = filling.target(job, environment)
    held = Held(target.prefix, target.variables, job.host, job.disk)
    wished = _wished(params.groups, params.extras)
    wanted = {"default", *_development(folder), *map(normalized, wished)}
    locked = set()
    for one in _lock(folder).get("package", ()):
        name, marker = normalized(text_at(one, "name") or ""), text_at(one, "marker")
        if not wanted & {normalized(group) for group in one.get("groups", ["default"])}:
            continue
        try:
            counts = marker is None or Marker(marker).evaluate(dict(target.variables))
        except InvalidMarker:  # of a newer standard
            counts = True
        if not counts:
            continue
        locked.add(name)
        has, version = held.version(name), text_at(one, "version")
        if has is None:
            yield f"{name} {version or ''}".rstrip() + " is not installed"
        elif version is not None and has != version:
            yield f"{name} {version} is locked, {has} is installed"
    itself = _itself(folder)
    if itself is not None and held.version(itself) is None:
        yield f"{itself} itself is not installed"
    for name in sorted(set(held.found) - locked - {*_KEPT, itself}):
        yield f"{name} {held.version(name)} is not in {LOCK}"


def _locked_groups(lock: dict[str, Any]) -> list[str]:
    groups = table_at(lock, "metadata").get("groups")
    return [normalized(str(one)) for one in groups] if isinstance(groups, list) else []


# -- the project ------------------------------------------------------------------------------------------------


def _folder(job: Job) -> Folder:
    """The project as pdm acts in it. Raises :class:`Protected` where there is none: pdm would make one."""
    folder = places.project(job.project.folder)
    if not folder.has("pyproject.toml"):
        raise Protected(
            f"{folder.root} is no project of pdm's: it has no pyproject.toml",
            "'pdm init' makes it one. For a plain .venv: --workflow venv.",
        )
    return folder


def _document(folder: Folder) -> dict[str, Any]:
    return toml_of(folder, join(folder.host, folder.root, "pyproject.toml"))


def _settings(folder: Folder) -> dict[str, Any]:
    return table_at(_document(folder), "tool", "pdm")


def _lock(folder: Folder) -> dict[str, Any]:
    return toml_of(folder, join(folder.host, folder.root, LOCK))


def _itself(folder: Folder) -> str | None:
    """The project's own name, where pdm installs it too."""
    name = text_at(_document(folder), "project", "name")
    return normalized(name) if name and _settings(folder).get("distribution") is not False else None


def _development(folder: Folder) -> set[str]:
    document = _document(folder)
    tables = (
        table_at(document, "dependency-groups"),
        table_at(_settings(folder), "dev-dependencies"),
    )
    return {normalized(name) for table in tables for name in table}


def _optional(folder: Folder) -> set[str]:
    extras = table_at(_document(folder), "project", "optional-dependencies")
    return {normalized(name) for name in extras}


def _wished(groups: tuple[str, ...] | None, extras: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(normalized(name) for name in (*(groups or ()), *(extras or ())))


def _see_that_they_are_declared(folder: Folder, wished: tuple[str, ...]) -> None:
    known = _development(folder) | _optional(folder)
    for name in wished:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise InvalidParams(f"the project declares no group or extra {name!r}; it has {names}")


def _selected(wished: Sequence[str]) -> list[str]:
    """Words that select groups and extras beside pdm's default ones, which are all groups for development."""
    return [word for name in dict.fromkeys(wished) for word in ("-G", name)]


def _described(script: object) -> str:
    if isinstance(script, str):
        return script
    if not isinstance(script, dict):
        return ""
    told = text_at(script, "help")
    if told:
        return told
    for kind in ("cmd", "shell", "call", "composite"):
        what = script.get(kind)
        if what is not None:
            return what if isinstance(what, str) else " ".join(str(word) for word in what)
    return ""


WORKFLOW = Workflow(
    name="pdm",
    program="pdm",
    advice="Get it with 'pipx install \"pdm[locked]\"' or 'uv tool install \"pdm[locked]\"'.",
    default_name=".venv",
    create=_create,
    sync=_sync,
    check=_check,
    install=filling.install_into,
    uninstall=filling.take_out_of,
    tasks=_tasks,
    task_command=_task_command,
    deleted=_deleted,
    signs=(
        Sign(
            (
                "lockfile doesn't satisfy",
                "lock file doesn't satisfy",
                "requested groups not in lockfile",
            ),
            LockOutdated,
            f"{LOCK} does not match what the project declares",
            _OUTDATED,
        ),
    ),
)
