"""Run the copy of wsp that the extension carries: `python -I -S this_file ARGS...`.

It must parse on every Python version, so that an outdated one can report that it is too old.
"""

import os
import sys

TOO_OLD = 69  # EX_UNAVAILABLE: this Python cannot run the helper; another may

if sys.version_info < (3, 10):
    sys.stderr.write(
        "The helper needs Python 3.10 or newer; %s is Python %d.%d.\n"
        % ((sys.executable,) + tuple(sys.version_info[:2]))
    )
    sys.exit(TOO_OLD)

# After the standard library: nothing here shadows it, and its modules are found first.
_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _here]
sys.path += [_here, os.path.join(_here, "libs")]

from workflow_helper.__main__ import console  # noqa: E402

console()
