"""The bubblewrap argument list, and the script that runs inside: copy in, limit, run, copy out."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.doors.sandbox import Job

UID = 60999
"""The unprivileged user that sandboxes run as when the service itself is root; it needs no account."""

WORK = "/work"
HOME = "/tmp/home"  # noqa: S108 - inside the sandbox, on its own private tmpfs
PROXY_SOCKET = "/run/registries.sock"
PROXY = "http://127.0.0.1:3128"
_MEGABYTE = 1 << 20

# bash, not sh: descriptors over 9 must be redirected, and some shells know only one digit.
# Results leave through a pipe as a tar stream: no path inside is ever opened from outside.
SCRIPT = f"""
in=$1; out=$2; limit=$3; count=$4; shift 4
collect=("${{@:1:$count}}"); shift "$count"
mkdir -p {HOME}
if [ "$in" != - ]; then tar -xf - -C {WORK} --no-same-owner --no-same-permissions <&$in || exit 125; exec {{in}}<&-; fi
if [ -n "$WAY_OUT" ]; then
  /usr/bin/python3 -IS -c "$WAY_OUT" {PROXY_SOCKET} </dev/null >/dev/null 2>&1 &
fi
unset WAY_OUT
if [ "$out" = - ]; then exec timeout -s TERM -k 0.5 "$limit" "$@"; fi
( exec {{out}}>&-; exec timeout -s TERM -k 0.5 "$limit" "$@" ); code=$?
found=(); for each in "${{collect[@]}}"; do [ -e "$each" ] && [ ! -L "$each" ] && found+=("./$each"); done
[ ${{#found[@]}} -gt 0 ] && tar -cf - --ignore-failed-read -- "${{found[@]}}" >&$out 2>/dev/null
exit $code
"""

# The sandbox has a network of its own with nothing in it, and this is its one way out: a port inside, and
# behind it the socket of the guarded proxy. It waits for nobody: a client that comes too early tries again.
FORWARDER = """
import socket, sys, threading
def pump(a, b):
    try:
        while True:
            data = a.recv(65536)
            if not data: break
            b.sendall(data)
    except OSError: pass
    for each in (a, b):
        try: each.shutdown(socket.SHUT_RDWR)
        except OSError: pass
server = socket.create_server(("127.0.0.1", 3128), backlog=64)
while True:
    near, _ = server.accept()
    far = socket.socket(socket.AF_UNIX)
    try: far.connect(sys.argv[1])
    except OSError: near.close(); continue
    for pair in ((near, far), (far, near)): threading.Thread(target=pump, args=pair, daemon=True).start()
"""

_ETC = {
    "/etc/passwd": f"root:x:0:0:root:/nowhere:/usr/sbin/nologin\nsandbox:x:{UID}:{UID}:sandbox:{HOME}:/bin/sh\n",
    "/etc/group": f"root:x:0:\nsandbox:x:{UID}:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_FROM_ETC = ("/etc/alternatives", "/etc/ssl/certs", "/etc/ld.so.cache", "/etc/java-17-openjdk", "/etc/mime.types")


@dataclass
class Descriptors:
    """In-memory files handed to bubblewrap; closed once it is started."""

    opened: list[int] = field(default_factory=list)

    def of(self, content: bytes) -> int:
        """Return a descriptor to read *content* from."""
        made = os.memfd_create("bridge", 0)
        self.opened.append(made)
        os.write(made, content)
        os.lseek(made, 0, os.SEEK_SET)
        return made

    def close(self) -> None:
        """Close all."""
        for each in self.opened:
            os.close(each)
        self.opened.clear()


def reachable(path: str | Path) -> bool:
    """Whether the sandbox's user may reach *path*; false for what lies in a closed home folder."""
    real = Path(os.path.realpath(path))
    if os.geteuid() != 0:
        return os.access(real, os.R_OK)
    try:
        above = all(each.stat().st_mode & stat.S_IXOTH for each in real.parents)
        return above and bool(real.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def launcher(program: str) -> list[str]:
    """Start *program* as an unprivileged user: its own when the service is not root."""
    if os.geteuid() != 0:
        return [program]
    return ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--", program]


def arguments(job: Job, memory: Descriptors, seccomp: bytes, *, proxy: Path | None) -> list[str]:
    """Return what bubblewrap is told for *job*; the list itself travels in memory, so no `ps` shows it."""
    listed = [
        "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv", "--uid", str(UID), "--gid", str(UID),
    ]  # fmt: skip
    for name, value in _environment(job, proxy).items():
        listed += ["--setenv", name, value]
    listed += ["--ro-bind", "/usr", "/usr", *_system_folders()]
    for path, text in _ETC.items():
        listed += ["--ro-bind-data", str(memory.of(text.encode())), path]
    for path in _FROM_ETC:
        listed += ["--ro-bind-try", path, path]
    listed += ["--proc", "/proc", "--dev", "/dev", *_scratch(job)]
    for source, place in job.mounts.items():
        listed += ["--ro-bind", str(source), place]
    if proxy is not None:
        listed += ["--ro-bind", str(proxy), PROXY_SOCKET]
    listed += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]
    return [*listed, "--seccomp", str(memory.of(seccomp))]


def limited(job: Job) -> list[str]:
    """Set limits inside the user namespace, where the process count is the sandbox's own.

    Memory is limited as data, not address space: runtimes reserve far more than they use.
    """
    limits = job.limits
    return [
        "prlimit", f"--nproc={limits.processes}", f"--fsize={limits.file}", f"--data={limits.memory}",
        f"--cpu={int(limits.timeout * 4) + 1}", "--nofile=1024", "--core=0", "--stack=67108864", "--",
    ]  # fmt: skip


def inside(job: Job, tree: int | None, results: int | None) -> list[str]:
    """Return the command line that runs within: the script and its parameters."""
    wanted = [each for each in job.collect if not each.startswith("/") and ".." not in each.split("/")]
    ends = ["-" if each is None else str(each) for each in (tree, results)]
    return [
        "/bin/bash",
        "-c",
        SCRIPT,
        "bash",
        *ends,
        f"{job.limits.timeout:.3f}",
        str(len(wanted)),
        *wanted,
        *job.argv,
    ]


def _environment(job: Job, proxy: Path | None) -> Mapping[str, str]:
    plain = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": HOME, "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
    if proxy is None:
        return {**plain, **job.env}
    through = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "CARGO_HTTP_PROXY"), PROXY)
    return {**plain, **through, "NO_PROXY": "", **job.env, "WAY_OUT": FORWARDER}


def _system_folders() -> Iterable[str]:
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        path = Path("/") / name
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))  # noqa: PTH115 - the text of the link is wanted
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))


def _scratch(job: Job) -> Iterable[str]:
    disk = job.limits.disk
    sizes = (("/tmp", max(disk // 4, 8 * _MEGABYTE)), ("/dev/shm", 16 * _MEGABYTE), (WORK, disk))  # noqa: S108
    for place, size in sizes:
        yield from ("--size", str(size), "--tmpfs", place)
