from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from workflow_helper.errors import Cancelled, ProgramFailed, ProgramTimedOut
from workflow_helper.system.process import OUTPUT_LIMIT, run

if TYPE_CHECKING:
    from workflow_helper.system.process import Finished

GUARD = 60.0


def execute(
    argv: list[str],
    cwd: Path,
    *,
    timeout: float = GUARD,
    cancelled: threading.Event | None = None,
    limit: int = OUTPUT_LIMIT,
    inherited: tuple[int, ...] = (),
) -> Finished:
    """Run a child in ``cwd`` with next to no environment."""
    return run(
        argv,
        cwd=str(cwd),
        environ={"PATH": "/usr/bin:/bin"},
        timeout=timeout,
        cancelled=cancelled,
        limit=limit,
        inherited=inherited,
    )


def sh(
    script: str,
    cwd: Path,
    *,
    timeout: float = GUARD,
    cancelled: threading.Event | None = None,
    limit: int = OUTPUT_LIMIT,
) -> Finished:
    """Run a shell script."""
    argv = ["/bin/sh", "-c", script]
    return execute(argv, cwd, timeout=timeout, cancelled=cancelled, limit=limit)


def is_running(pid: int) -> bool:
    """Return whether the process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Behind the program's name, which may hold anything.
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pid: int) -> None:
    """Return once the process is gone."""
    until = time.monotonic() + GUARD
    while is_running(pid):
        assert time.monotonic() < until, f"process {pid} is still there"
        time.sleep(0.01)


@pytest.mark.needs("POSIX")
def test_exit_status_and_both_streams_come_back(tmp_path: Path) -> None:
    """A child's exit status, output and errors are given as they were."""
    done = sh("echo out; echo err >&2; exit 3", tmp_path)
    assert done == (3, b"out\n", b"err\n")


@pytest.mark.needs("POSIX")
def test_text_has_errors_last(tmp_path: Path) -> None:
    """What a child wrote reads as one text, its errors at the end, odd bytes replaced."""
    done = sh("echo err >&2; printf 'o\\377t'", tmp_path)
    assert done.text == "o\ufffdt\nerr"


@pytest.mark.needs("POSIX")
def test_child_sees_only_the_environment_it_is_given(tmp_path: Path) -> None:
    """No variable of this process reaches a child."""
    done = run(["/usr/bin/env"], cwd=str(tmp_path), environ={"ONLY": "this"}, timeout=GUARD)
    assert done.stdout == b"ONLY=this\n"


@pytest.mark.needs("POSIX")
def test_child_reads_nothing(tmp_path: Path) -> None:
    """A child that asks something gets the end of its input instead of waiting for an answer."""
    assert sh("cat; echo end", tmp_path) == (0, b"end\n", b"")


@pytest.mark.needs("POSIX")
def test_arguments_are_never_seen_by_a_shell(tmp_path: Path) -> None:
    """An argument arrives as it is, whatever a shell would make of it."""
    odd = "$(touch x); `touch x` 'a' \"b\" \\ \n * | & >x"
    argv = [sys.executable, "-I", "-c", "import sys; sys.stdout.write(sys.argv[1])", odd]
    done = execute(argv, tmp_path)
    assert done.stdout.decode() == odd
    assert list(tmp_path.iterdir()) == []


@pytest.mark.needs("POSIX")
def test_child_over_time_is_ended_with_its_family(tmp_path: Path) -> None:
    """A child that takes too long is ended together with what it started."""
    script = "sleep 1000 & echo $! >grandchild; echo $$ >child; wait"
    with pytest.raises(ProgramFailed, match=r"sh was stopped: it took longer than 0\.5 s"):
        sh(script, tmp_path, timeout=0.5)
    for name in ("child", "grandchild"):
        wait_until_gone(int((tmp_path / name).read_text()))


@pytest.mark.needs("POSIX")
def test_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    """A child that ignores TERM is ended all the same."""
    with pytest.raises(ProgramFailed):
        sh("trap '' TERM; echo $$ >child; while :; do sleep 0.05; done", tmp_path, timeout=0.5)
    wait_until_gone(int((tmp_path / "child").read_text()))


@pytest.mark.needs("POSIX")
def test_child_may_tidy_up_before_it_ends(tmp_path: Path) -> None:
    """A child that is to be stopped is asked first, and may tidy up."""
    with pytest.raises(ProgramFailed):
        sh("trap 'echo tidy >done; exit' TERM; while :; do sleep 0.05; done", tmp_path, timeout=0.5)
    assert (tmp_path / "done").read_text() == "tidy\n"


@pytest.mark.needs("POSIX")
def test_cancelled_child_is_ended(tmp_path: Path) -> None:
    """Setting the event ends a running child with its family."""
    cancelled = threading.Event()

    def cancel() -> None:
        while not (tmp_path / "child").exists():
            time.sleep(0.01)
        cancelled.set()

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled):
        sh("sleep 1000 & echo $! >new; mv new child; wait", tmp_path, cancelled=cancelled)
    wait_until_gone(int((tmp_path / "child").read_text()))


@pytest.mark.needs("POSIX")
def test_cancelled_before_the_start(tmp_path: Path) -> None:
    """Nothing is started when the event is set already."""
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        sh("touch started", tmp_path, cancelled=cancelled)
    assert not (tmp_path / "started").exists()


@pytest.mark.needs("POSIX")
def test_grandchild_that_holds_the_output_open(tmp_path: Path) -> None:
    """A child that is done is done, though one it left behind holds its output open; that one is ended."""
    done = sh("sleep 1000 & echo $! >grandchild; echo done", tmp_path)
    assert done == (0, b"done\n", b"")
    wait_until_gone(int((tmp_path / "grandchild").read_text()))


@pytest.mark.needs("POSIX")
def test_grandchild_in_a_session_of_its_own(tmp_path: Path) -> None:
    """One that left the group and holds the output open does not hold up the answer."""
    escape = "import os, time; os.setsid(); open('escaped', 'w').write(str(os.getpid())); time.sleep(1000)"
    script = f'{sys.executable} -I -c "{escape}" & while ! [ -s escaped ]; do sleep 0.01; done; echo done'
    try:
        assert sh(script, tmp_path) == (0, b"done\n", b"")
    finally:
        os.kill(int((tmp_path / "escaped").read_text()), signal.SIGKILL)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("stream", ["", " >&2"])
def test_child_that_writes_without_end(tmp_path: Path, stream: str) -> None:
    """Too much output ends a child with an error that names the bound."""
    with pytest.raises(ProgramFailed, match="sh was stopped: it wrote more than 1000 bytes"):
        sh(f"yes{stream}", tmp_path, limit=1000)


@pytest.mark.needs("POSIX")
def test_output_at_the_bound_is_whole(tmp_path: Path) -> None:
    """As much output as is allowed is not cut."""
    done = sh("printf %01000d 0", tmp_path, limit=1000)
    assert len(done.stdout) == 1000


@pytest.mark.parametrize("argv", [[], ["sh"], ["./sh"], ["/nowhere/sh"]])
def test_what_cannot_be_started(tmp_path: Path, argv: list[str]) -> None:
    """A program that is not there, or not named by an absolute path, is told in one sentence."""
    with pytest.raises(ProgramFailed):
        execute(argv, tmp_path)


@pytest.mark.needs("POSIX")
def test_nul_in_an_argument(tmp_path: Path) -> None:
    """An argument that no system can pass is told in one sentence."""
    with pytest.raises(ProgramFailed, match="cannot be started"):
        execute(["/bin/sh", "a\0b"], tmp_path)


@pytest.mark.needs("POSIX")
def test_child_has_a_session_of_its_own(tmp_path: Path) -> None:
    """A Ctrl-C meant for this process does not reach a child."""
    script = "import os; print(os.getsid(0) == os.getpid())"
    done = execute([sys.executable, "-I", "-c", script], tmp_path)
    assert done.stdout == b"True\n"


@pytest.mark.needs("POSIX")
def test_inherited_descriptor(tmp_path: Path) -> None:
    """Only a descriptor that is named stays open in a child."""
    kept, lost = os.open(tmp_path, os.O_RDONLY), os.open(tmp_path, os.O_RDONLY)
    try:
        look = "\n try: os.fstat(fd); print('open')\n except OSError: print('shut')"
        script = f"import os\nfor fd in ({kept}, {lost}):{look}"
        done = execute([sys.executable, "-I", "-c", script], tmp_path, inherited=(kept,))
    finally:
        os.close(kept)
        os.close(lost)
    assert done.stdout == b"open\nshut\n"


@pytest.mark.needs("POSIX")
def test_limit_counts_both_streams_together(tmp_path: Path) -> None:
    """Neither stream alone is too long, but both together are."""
    script = "printf %0600d 0; printf %0600d 0 >&2; sleep 1000"
    with pytest.raises(ProgramFailed, match="more than 1000 bytes"):
        sh(script, tmp_path, limit=1000)


@pytest.mark.needs("POSIX")
def test_program_that_takes_too_long_is_told_from_others(tmp_path: Path) -> None:
    """What took too long has an error of its own."""
    with pytest.raises(ProgramTimedOut):
        sh("sleep 1000", tmp_path, timeout=0.1)
