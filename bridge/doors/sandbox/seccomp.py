"""A seccomp deny-list as raw BPF: on top of the namespaces it takes away system calls no test suite needs."""

import platform
import struct

_X86_64 = {
    "ptrace": 101, "syslog": 103, "personality": 135, "modify_ldt": 154, "vhangup": 153, "pivot_root": 155,
    "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167,
    "swapoff": 168, "reboot": 169, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176,
    "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442,
}  # fmt: skip
_AARCH64 = {
    "lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "vhangup": 58, "quotactl": 60,
    "acct": 89, "personality": 92, "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106,
    "clock_settime": 112, "syslog": 116, "ptrace": 117, "reboot": 142, "settimeofday": 170, "adjtimex": 171,
    "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225, "perf_event_open": 241,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282,
    "kexec_file_load": 294, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
    "mount_setattr": 442,
}  # fmt: skip
# Architecture word, table, and the numbers of clone, clone3, ioctl and socket.
_MACHINES = {
    "x86_64": (0xC000003E, _X86_64, 56, 435, 16, 41),
    "aarch64": (0xC00000B7, _AARCH64, 220, 435, 29, 198),
}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x40000000 | 0x20000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_UNIX, _INET, _INET6 = 1, 2, 10


def _refuse(code: int) -> int:
    return 0x00050000 | code


def knows(machine: str = "") -> bool:
    """Whether there is a table for this processor."""
    return (machine or platform.machine()) in _MACHINES


def program(machine: str = "") -> bytes:
    """Return the filter for *machine* (this one by default); raise KeyError for a processor without a table."""
    arch, table, clone, clone3, ioctl, socket = _MACHINES[machine or platform.machine()]
    made = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if arch == 0xC000003E:  # the x32 numbering would go round the table
        made += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _refuse(_EPERM))]
    for number in sorted(table.values()):
        made += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _refuse(_EPERM))]
    # clone3 hides its flags in memory; with ENOSYS the C library falls back to clone, whose flags are seen here.
    made += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _refuse(_ENOSYS))]
    made += [
        (_EQUAL, 0, 4, clone), (_LOAD, 0, 0, 16), (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _refuse(_EPERM)), (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 5, ioctl), (_LOAD, 0, 0, 24), (_EQUAL, 1, 0, _TIOCSTI), (_EQUAL, 0, 1, _TIOCLINUX),
        (_RETURN, 0, 0, _refuse(_EPERM)), (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 6, socket), (_LOAD, 0, 0, 16), (_EQUAL, 3, 0, _UNIX), (_EQUAL, 2, 0, _INET),
        (_EQUAL, 1, 0, _INET6), (_RETURN, 0, 0, _refuse(_EAFNOSUPPORT)), (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ALLOW),
    ]  # fmt: skip
    return b"".join(struct.pack("<HBBI", *each) for each in made)
