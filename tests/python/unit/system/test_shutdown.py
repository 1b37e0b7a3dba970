from __future__ import annotations

import subprocess
import sys

#: Ends in order, and is asked to end while it has something to tidy up.
ENDING = """
import signal
from workflow_helper.system.shutdown import end_in_order

end_in_order()
try:
    signal.raise_signal(getattr(signal, "SIGBREAK", signal.SIGTERM))
finally:
    print("tidied up", flush=True)
"""


def test_what_is_asked_to_end_tidies_up() -> None:
    """By TERM, and on Windows, which does not know that, by Ctrl-Break."""
    done = subprocess.run([sys.executable, "-I", "-c", ENDING], capture_output=True, check=False)
    assert done.stdout.strip() == b"tidied up"
    assert done.returncode > 128
