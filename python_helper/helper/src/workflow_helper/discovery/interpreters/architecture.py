"""The processor that an interpreter was built for, read from the head of its file.

Sources: the ELF specification (``e_machine``), Apple's Mach-O (``cputype``), Microsoft's PE format (``Machine``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_helper.filesystem.reader import Disk

#: Bytes that are read: the headers of a Windows program begin within them.
HEAD = 1024

_ELF = {3: "x86", 62: "x86_64", 40: "arm", 183: "arm64", 243: "riscv64", 21: "ppc64le", 22: "s390x"}
_MACH = {7: "x86", 0x01000007: "x86_64", 0x0100000C: "arm64"}
_PE = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "arm64"}


def architecture(path: str, disk: Disk) -> str | None:
    """Return ``"x86_64"``, ``"arm64"``, ``"universal2"``, ...; ``None`` where the file does not say. No process is started."""
    head = disk.head(path, HEAD)
    if head[:4] == b"\x7fELF":
        order = "big" if head[5:6] == b"\x02" else "little"
        return _ELF.get(int.from_bytes(head[18:20], order))  # type: ignore[arg-type]  # one of the two
    if head[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return _MACH.get(int.from_bytes(head[4:8], "little"))
    if head[:4] == b"\xca\xfe\xba\xbe":
        return "universal2"
    if head[:2] == b"MZ":
        at = int.from_bytes(head[60:64], "little")
        if head[at : at + 4] == b"PE\0\0":
            return _PE.get(int.from_bytes(head[at + 4 : at + 6], "little"))
    return None
