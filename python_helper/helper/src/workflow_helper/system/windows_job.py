"""A Windows Job Object: a group of processes that ends as a whole, also when its owner dies."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    #: A process that is created so does nothing before a job has it, so that all that it starts is in the job as well.
    CREATE_SUSPENDED = 0x4

    _KILL_ON_JOB_CLOSE = 0x2000
    _SILENT_BREAKAWAY_OK = 0x1000
    _EXTENDED_LIMIT_INFORMATION = 9
    _PROCESS_TERMINATE = 0x0001
    _PROCESS_SET_QUOTA = 0x0100
    _PROCESS_SUSPEND_RESUME = 0x0800

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
        """A new, empty job. Its processes are ended when it is closed, or when this process ends.

        With ``alone``, their child processes are not in it.
        """

        def __init__(self, *, alone: bool = False) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = wintypes.HANDLE
            self._kernel.OpenProcess.restype = wintypes.HANDLE
            self._handle = wintypes.HANDLE(self._kernel.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE | (
                _SILENT_BREAKAWAY_OK if alone else 0
            )
            self._kernel.SetInformationJobObject(
                self._handle,
                _EXTENDED_LIMIT_INFORMATION,
                ctypes.byref(limits),
                ctypes.sizeof(limits),
            )

        def add(self, pid: int) -> None:
            """Put a process that was created with :data:`CREATE_SUSPENDED` into the job, and let it run."""
            rights = _PROCESS_TERMINATE | _PROCESS_SET_QUOTA | _PROCESS_SUSPEND_RESUME
            process = self._kernel.OpenProcess(rights, 0, pid)
            if process:
                self._kernel.AssignProcessToJobObject(self._handle, wintypes.HANDLE(process))
                # No documented function resumes a process whose first thread is not known.
                ctypes.WinDLL("ntdll").NtResumeProcess(wintypes.HANDLE(process))
                self._kernel.CloseHandle(wintypes.HANDLE(process))

        def terminate(self) -> None:
            """End every process of the job."""
            self._kernel.TerminateJobObject(self._handle, 1)

        def close(self) -> None:
            """Close the job, which ends its remaining processes."""
            self._kernel.CloseHandle(self._handle)
