"""A Windows Job Object: a group of processes that ends as a whole, also when its owner dies."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _KILL_ON_JOB_CLOSE = 0x2000
    _EXTENDED_LIMIT_INFORMATION = 9
    _PROCESS_TERMINATE = 0x0001
    _PROCESS_SET_QUOTA = 0x0100

    class _BasicLimits(ctypes.Structure):
        # JOBOBJECT_BASIC_LIMIT_INFORMATION
        _fields_ = [  # type: ignore[mutable-override]  # as ctypes wants it
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        ]

    class _ExtendedLimits(ctypes.Structure):
        # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
        _fields_ = [  # type: ignore[mutable-override]  # as ctypes wants it
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]

    class JobObject:
        """A new, empty job. Whoever is in it is ended when it is closed, or when this process dies."""

        def __init__(self) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = wintypes.HANDLE
            self._kernel.OpenProcess.restype = wintypes.HANDLE
            self._handle = wintypes.HANDLE(self._kernel.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
            self._kernel.SetInformationJobObject(
                self._handle,
                _EXTENDED_LIMIT_INFORMATION,
                ctypes.byref(limits),
                ctypes.sizeof(limits),
            )

        def add(self, pid: int) -> None:
            """Put a process, and all that it will start, into the job; a process that is over is left alone."""
            process = self._kernel.OpenProcess(_PROCESS_TERMINATE | _PROCESS_SET_QUOTA, 0, pid)
            if process:
                self._kernel.AssignProcessToJobObject(self._handle, wintypes.HANDLE(process))
                self._kernel.CloseHandle(wintypes.HANDLE(process))

        def terminate(self) -> None:
            """End every process of the job."""
            self._kernel.TerminateJobObject(self._handle, 1)

        def close(self) -> None:
            """Give the job up; what is still in it ends."""
            self._kernel.CloseHandle(self._handle)
