"""Probes that look for themselves, from this machine."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bridge.doors.fetcher import Target
from bridge.doors.fetcher.addresses import is_public
from bridge.doors.probes import Reading, Resources
from bridge.problems import Forbidden

PORTS = {
    "postgresql": 5432, "postgres": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379, "rediss": 6379, "amqp": 5672,
    "amqps": 5671, "http": 80, "https": 443, "mongodb": 27017, "kafka": 9092, "nats": 4222,
}  # fmt: skip
WORDS_SHOWN = 200


class DirectProbes:
    """Looks from this process; *allowed* are hosts or host:port that given checks may name although private."""

    def __init__(self, allowed: Sequence[str] = (), disk: Path = Path()) -> None:
        self._allowed = {each.lower() for each in allowed}
        self._disk = disk

    async def tcp(self, host: str, port: int, *, timeout: float) -> Reading:
        """Open a connection and close it."""
        return await self._connect(await self._permitted(host, port, timeout), port, timeout)

    async def tls(self, host: str, port: int, *, timeout: float) -> Reading:
        """Shake hands and read the certificate; one that is not trusted is read all the same and said so."""
        address = await self._permitted(host, port, timeout)

        async def look() -> Reading:
            started = time.monotonic()
            trusted = await _handshake(address, port, host, verify=True)
            raw, trust = trusted if trusted[0] is not None else (await _handshake(address, port, host, verify=False))
            facts = await asyncio.to_thread(_certificate, raw or b"")
            if trusted[0] is None:
                return Reading(
                    ok=False,
                    detail=f"The certificate is not trusted: {trusted[1]}",
                    elapsed=time.monotonic() - started,
                    facts=facts,
                )
            detail = f"The certificate is valid for {float(facts['days_left']):.1f} more days.{trust}"
            return Reading(
                ok=float(facts["days_left"]) > 0, detail=detail, elapsed=time.monotonic() - started, facts=facts
            )

        return await _guarded(look, timeout, f"{host}:{port}")

    async def dns(self, name: str, kind: str, *, timeout: float) -> Reading:
        """Resolve a name with the machine's resolvers."""
        import dns.asyncresolver

        async def look() -> Reading:
            started = time.monotonic()
            answer = await dns.asyncresolver.resolve(name, kind, lifetime=timeout)
            answers = ", ".join(sorted(str(each) for each in answer))[:WORDS_SHOWN]
            return Reading(
                ok=True,
                detail=f"{name} {kind}: {answers}",
                elapsed=time.monotonic() - started,
                facts={"answers": answers},
            )

        return await _guarded(look, timeout + 1, name)

    async def database(self, target: Target, *, timeout: float) -> Reading:
        """PostgreSQL answers `select 1`, Redis a PING; of other kinds only the port is looked at, and it is said."""
        scheme = urlsplit(target.url).scheme.partition("+")[0]
        if scheme in ("postgresql", "postgres"):
            return await _guarded(lambda: _postgres(target.url, timeout), timeout, target.name)
        if scheme in ("redis", "rediss"):
            return await _guarded(lambda: _redis(target), timeout, target.name)
        reading = await self.target(target, timeout=timeout)
        return Reading(reading.ok, f"{reading.detail} Only the port was looked at.", reading.elapsed, reading.facts)

    async def target(self, target: Target, *, timeout: float) -> Reading:
        """Open a connection to a configured target."""
        parts = urlsplit(target.url)
        port = parts.port or PORTS.get(parts.scheme.partition("+")[0], 0)
        return await self._connect(parts.hostname or "", port, timeout)

    async def process(self, name: str) -> Reading:
        """Count the processes of a name."""
        import psutil

        started = time.monotonic()

        def count() -> int:
            return sum(1 for each in psutil.process_iter(["name"]) if each.info["name"] == name)

        found = await asyncio.to_thread(count)
        detail = f"{found} process(es) named {name}."
        return Reading(found > 0, detail, time.monotonic() - started, {"count": float(found)})

    async def resources(self) -> Resources:
        """Look for a fifth of a second, so that the processor's share means something."""
        import psutil

        def look() -> Resources:
            disk = psutil.disk_usage(str(self._disk.resolve()))
            cores = psutil.cpu_count() or 1
            return Resources(
                psutil.cpu_percent(interval=0.2), psutil.virtual_memory().percent, disk.percent,
                os.getloadavg()[0] / cores, disk.free,
            )  # fmt: skip

        return await asyncio.to_thread(look)

    async def _connect(self, host: str, port: int, timeout: float) -> Reading:
        async def look() -> Reading:
            started = time.monotonic()
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return Reading(ok=True, detail=f"Port {port} answers.", elapsed=time.monotonic() - started)

        return await _guarded(look, timeout, f"{host}:{port}")

    async def _permitted(self, host: str, port: int, timeout: float) -> str:
        """The address to connect to, checked after the name was resolved; the connection goes nowhere else."""
        if host.lower() in self._allowed or f"{host.lower()}:{port}" in self._allowed:
            return host
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), timeout)
        except (OSError, TimeoutError, UnicodeError):
            return host  # a name that does not resolve cannot lead anywhere
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(is_public(each) for each in addresses):
            raise Forbidden(
                f"{host}:{port} is not a public address. Configure it as a target in bridge.toml, "
                "or allow the host with BRIDGE_ALLOWED_HOSTS."
            )
        return addresses[0]


async def _guarded(look: Callable[[], Awaitable[Reading]], timeout: float, what: str) -> Reading:
    started = time.monotonic()
    try:
        return await asyncio.wait_for(look(), timeout)
    except TimeoutError:
        return Reading(
            ok=False, detail=f"{what} did not answer within {timeout:g} s.", elapsed=time.monotonic() - started
        )
    except Exception as error:  # noqa: BLE001 - whatever a foreign service does is a reading
        words = str(error).split("\n")[0][:WORDS_SHOWN] or type(error).__name__
        return Reading(ok=False, detail=f"{what}: {words}", elapsed=time.monotonic() - started)


async def _handshake(address: str, port: int, name: str, *, verify: bool) -> tuple[bytes | None, str]:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        return None, error.verify_message
    try:
        return writer.get_extra_info("ssl_object").getpeercert(binary_form=True), ""
    finally:
        writer.close()


def _certificate(raw: bytes) -> dict[str, float | str]:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(raw)
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    return {
        "days_left": left.total_seconds() / 86_400,
        "subject": certificate.subject.rfc4514_string()[:WORDS_SHOWN],
        "issuer": certificate.issuer.rfc4514_string()[:WORDS_SHOWN],
    }


async def _postgres(url: str, timeout: float) -> Reading:
    import asyncpg  # type: ignore[import-untyped,unused-ignore]

    started = time.monotonic()
    parts = urlsplit(url)
    connection: Any = await asyncpg.connect(parts._replace(scheme="postgresql").geturl(), timeout=timeout)
    try:
        version = str(await connection.fetchval("show server_version"))
    finally:
        await connection.close()
    return Reading(
        ok=True, detail=f"PostgreSQL {version} answers.", elapsed=time.monotonic() - started, facts={"version": version}
    )


async def _redis(target: Target) -> Reading:
    started = time.monotonic()
    parts = urlsplit(target.url)
    secure = ssl.create_default_context() if parts.scheme == "rediss" else None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 6379, ssl=secure)
    try:
        if parts.password:
            login = [parts.username, parts.password] if parts.username else [parts.password]
            writer.write(_command("AUTH", *login))
            await reader.readline()
        writer.write(_command("PING"))
        answer = (await reader.readline()).strip()
    finally:
        writer.close()
    ok = answer == b"+PONG"
    return Reading(ok, f"Redis answered {answer[:40].decode('ascii', 'replace')}.", time.monotonic() - started)


def _command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        raw = word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(raw), raw))
    return b"".join(parts)
