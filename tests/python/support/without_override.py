"""Run a command for whom file permissions count, whoever runs the tests: ``python without_override.py COMMAND...``.

The superuser reads every file by the capabilities CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; the command gets neither. For
anybody else it is started as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2

if __name__ == "__main__":
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                sys.exit("this superuser may not give up its rights")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the same process goes on as the command
