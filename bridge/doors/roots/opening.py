"""Open a path from outside so that no link, device, FIFO, hard link or sparse giant gets through.

Linux offers openat2 (5.6 and later); elsewhere the path is walked component by component without following links.
"""

import ctypes
import errno
import os
import stat
import struct
import sys

from bridge.problems import Forbidden, NotFound, TooLarge

_OPENAT2 = 437
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 1, 2, 4, 8
_RESOLVE = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
LONGEST = 4096
_MISSING = {errno.ENOENT, errno.ENOTDIR}
_libc = ctypes.CDLL(None, use_errno=True)


def parts_of(path: str) -> list[str]:
    """Split a relative path into plain names; raise `Forbidden` for whatever could mean another place."""
    shown = ascii(path[:80])
    if not path or len(path) > LONGEST or "\0" in path or path.startswith("/") or "\\" in path:
        raise Forbidden(f"The path {shown} is not a plain path below a root.")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise Forbidden(f"The path {shown} is not valid text.") from None
    if any(part == ".." or part.lower() == ".git" or len(part) > 255 for part in parts):
        raise Forbidden(f"The path {shown} leaves its root or names git's own files.")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise Forbidden(f"The path {shown} holds control characters.")
    return parts


def open_beneath(root: int, path: str, *, folder: bool = False, portable: bool = False) -> int:
    """Open *path* below the folder behind descriptor *root* for reading and return a descriptor."""
    parts = parts_of(path) or ["."]
    flags = _FOLDER if folder else _READ
    try:
        if portable or not sys.platform.startswith("linux"):
            return _walk(root, parts, flags)
        return _openat2(root, "/".join(parts), flags)
    except OSError as error:
        if error.errno in _MISSING:
            raise NotFound(f"There is no {path[:200]!a} below the configured roots.") from None
        name = errno.errorcode.get(error.errno or 0, "error")
        raise Forbidden(f"The path {path[:200]!a} is refused ({name}); links are not followed.") from None


def _openat2(root: int, path: str, flags: int) -> int:
    how = struct.pack("QQQ", flags, 0, _RESOLVE)
    opened = int(_libc.syscall(_OPENAT2, root, path.encode(), how, ctypes.c_size_t(len(how))))
    if opened >= 0:
        return opened
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EPERM):
        return _walk(root, path.split("/"), flags)
    raise OSError(code, os.strerror(code))


def _walk(root: int, parts: list[str], flags: int) -> int:
    device = os.fstat(root).st_dev
    here = os.dup(root)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        found = os.open(parts[-1], flags | os.O_NOFOLLOW, dir_fd=here)
    finally:
        os.close(here)
    if os.fstat(found).st_dev != device:
        os.close(found)
        raise OSError(errno.EXDEV, "another file system")
    return found


def check_regular(opened: int, path: str, max_bytes: int | None) -> os.stat_result:
    """Raise unless the open file is a plain one with a single name, and not over *max_bytes*."""
    about = os.fstat(opened)
    if stat.S_ISDIR(about.st_mode):
        raise Forbidden(f"{path[:200]!a} is a folder, not a file.")
    if not stat.S_ISREG(about.st_mode):
        raise Forbidden(f"{path[:200]!a} is not a regular file.")
    if about.st_nlink != 1:
        raise Forbidden(f"{path[:200]!a} has other names (hard links), so it may belong elsewhere.")
    if max_bytes is not None and about.st_size > max_bytes:
        raise TooLarge(f"{path[:200]!a} has {about.st_size} bytes; at most {max_bytes} are read.")
    return about


def read_all(opened: int, path: str, max_bytes: int | None) -> bytes:
    """Read an open regular file whole, and no further than *max_bytes* even while it grows."""
    check_regular(opened, path, max_bytes)
    pieces, total = [], 0
    while piece := os.read(opened, 1 << 20):
        total += len(piece)
        if max_bytes is not None and total > max_bytes:
            raise TooLarge(f"{path[:200]!a} grew over {max_bytes} bytes while it was read.")
        pieces.append(piece)
    return b"".join(pieces)
