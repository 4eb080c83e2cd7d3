"""A CONNECT proxy for programs with sockets of their own: it applies the fetcher's checks to every connection.

One is bound to a socket file and lets sandboxes reach the configured package registries; the other listens on
loopback behind a one-time login and lets git reach public hosts.
"""

import asyncio
import base64
import contextlib
import os
import re
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path

from bridge.doors.fetcher.addresses import is_public

_REQUEST = re.compile(rb"CONNECT ([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5}) HTTP/1\.[01]\r\n")
_LONGEST_HEAD = 8192
_HEAD_WITHIN = 10.0
_CONNECT_WITHIN = 20.0
_SILENCE = 300.0


class GuardedProxy:
    """Tunnels to *hosts* (configured names, private addresses allowed) or, without a list, to public addresses."""

    def __init__(self, hosts: Sequence[str] | None = None, ports: Sequence[int] = (443,)) -> None:
        self._hosts = None if hosts is None else {each.lower() for each in hosts}
        self._ports = frozenset(ports)
        self._servers: list[asyncio.Server] = []
        self._secret = secrets.token_urlsafe(24)
        self._opening = asyncio.Lock()
        self._address: str | None = None
        self._socket: Path | None = None
        self.refused: list[str] = []
        """The last hosts that were asked for and refused, for messages."""

    async def at_socket(self, path: Path) -> Path:
        """Listen on a socket file, once, and return its path."""
        async with self._opening:
            if self._socket is None:
                _clear(path)
                self._servers.append(await asyncio.start_unix_server(self._serve, str(path), limit=_LONGEST_HEAD))
                os.chmod(path, 0o666)  # noqa: S103, PTH101 - the sandbox's user is another one
                self._socket = path
        return path

    async def on_loopback(self) -> str:
        """Listen on loopback, once, and return an address that carries the login."""
        async with self._opening:
            if self._address is None:
                server = await asyncio.start_server(self._serve_login, "127.0.0.1", 0, limit=_LONGEST_HEAD)
                self._servers.append(server)
                port = server.sockets[0].getsockname()[1]
                self._address = f"http://bridge:{self._secret}@127.0.0.1:{port}"
        return self._address

    async def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._address = self._socket = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(reader, writer, login=None)

    async def _serve_login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(reader, writer, login=base64.b64encode(f"bridge:{self._secret}".encode()))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, login: bytes | None) -> None:
        try:
            async with asyncio.timeout(_HEAD_WITHIN):
                head = await reader.readuntil(b"\r\n\r\n")
            asked = _REQUEST.match(head)
            if asked is None:
                await _say(writer, "405 Only CONNECT")
            elif login is not None and not _carries(head, login):
                await _say(writer, '407 Login needed\r\nProxy-Authenticate: Basic realm="bridge"')
            else:
                await self._tunnel(asked[1].decode().strip("[]"), int(asked[2]), reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            writer.close()

    async def _tunnel(self, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = await self._connect(host, port)
        if far is None:
            self.refused = [*self.refused[-19:], f"{host}:{port}"]
            await _say(writer, "403 Not an allowed host")
            return
        await _say(writer, "200 Connected")
        far_reader, far_writer = far
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        if port not in self._ports or (self._hosts is not None and host.lower().rstrip(".") not in self._hosts):
            return None
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [each[4][0] for each in found if self._hosts is not None or is_public(str(each[4][0]))]
        for address in addresses:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CONNECT_WITHIN):
                    # The address that was checked is the one that is connected; the name is not asked again.
                    return await asyncio.open_connection(str(address), port)
        return None


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


def _carries(head: bytes, login: bytes) -> bool:
    found = re.search(rb"(?im)^proxy-authorization: basic (\S+)\s*$", head)
    return found is not None and secrets.compare_digest(found[1], login)


async def _say(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
    await writer.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        while True:
            async with asyncio.timeout(_SILENCE):
                piece = await reader.read(1 << 16)
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
