"""Probes against real sockets, certificates and this machine."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge.doors.fetcher import Target
from bridge.doors.probes.direct import DirectProbes
from bridge.problems import Forbidden


@pytest.fixture
def probes(tmp_path):
    return DirectProbes(["127.0.0.1", "localhost"], tmp_path)


async def listening(handle, tls=None):
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    return server, server.sockets[0].getsockname()[1]


async def hang_up(_, writer):
    writer.close()


async def test_an_open_port_answers_and_a_closed_one_does_not(probes):
    server, port = await listening(hang_up)
    assert (await probes.tcp("127.0.0.1", port, timeout=2)).ok
    server.close()
    await server.wait_closed()
    reading = await probes.tcp("127.0.0.1", port, timeout=2)
    assert not reading.ok


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "::1", "0.0.0.0"])
async def test_private_addresses_are_refused_unless_allowed(tmp_path, host):
    with pytest.raises(Forbidden, match=r"bridge\.toml"):
        await DirectProbes([], tmp_path).tcp(host, 80, timeout=2)


async def test_a_targets_own_address_is_allowed(tmp_path):
    server, port = await listening(hang_up)
    target = Target("db", "database", f"mysql://127.0.0.1:{port}/x")
    reading = await DirectProbes([], tmp_path).database(target, timeout=2)
    assert reading.ok
    assert "Only the port" in reading.detail
    server.close()
    await server.wait_closed()


async def test_redis_has_to_say_pong(tmp_path):
    async def redis(reader, writer):
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+PONG\r\n")
        writer.close()

    server, port = await listening(redis)
    reading = await DirectProbes([], tmp_path).database(Target("q", "queue", f"redis://127.0.0.1:{port}"), timeout=2)
    assert reading.ok
    server.close()
    await server.wait_closed()


def certificate(folder, days):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_a_certificates_days_are_read_although_it_is_not_trusted(probes, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, 5))
    server, port = await listening(hang_up, context)
    reading = await probes.tls("localhost", port, timeout=5)
    assert not reading.ok
    assert "not trusted" in reading.detail
    assert 4.9 < reading.facts["days_left"] < 5.1
    server.close()
    await server.wait_closed()


async def test_a_silent_service_is_given_up_after_the_timeout(probes):
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server, port = await listening(silent)
    reading = await probes.tls("127.0.0.1", port, timeout=0.3)
    assert "did not answer within 0.3 s" in reading.detail
    server.close()


async def test_this_machine_has_resources_and_processes(probes):
    now = await probes.resources()
    assert 0 < now.memory <= 100
    assert now.disk_free > 0
    assert not (await probes.process("no-such-process-anywhere")).ok
