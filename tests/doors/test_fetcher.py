"""The door to URLs: one contract for real and scripted, and every known way round the address check."""

import gzip
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bridge.doors.fetcher import Fetched, Target
from bridge.doors.fetcher.addresses import is_public
from bridge.doors.fetcher.guarded import GuardedFetcher
from bridge.doors.fetcher.proxy import GuardedProxy
from bridge.doors.fetcher.scripted import ScriptedFetcher
from bridge.problems import DeadlineExceeded, Forbidden, TooLarge, Unusable, UpstreamFailed


class Canary:
    """A listener on loopback that counts who reached it."""

    def __init__(self):
        self.hits = []
        self.port = 0

    async def answer(self, request):
        self.hits.append((request.method, request.path, dict(request.headers)))
        if request.path == "/moved":
            raise web.HTTPFound(f"http://localhost:{self.port}/there")
        if request.path == "/away":
            raise web.HTTPFound("http://127.0.0.2:1/")
        if request.path == "/slow":
            import asyncio

            await asyncio.sleep(30)
        if request.path == "/bomb":
            bomb = gzip.compress(b"\0" * 50_000_000)
            return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})
        if request.path == "/big":
            return web.Response(body=b"x" * 5000)
        return web.Response(text="hello")


@asynccontextmanager
async def listening():
    canary = Canary()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", canary.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    canary.port = runner.addresses[0][1]
    try:
        yield canary
    finally:
        await runner.cleanup()


@pytest.fixture
async def canary():
    async with listening() as canary:
        yield canary


@pytest.fixture(params=["guarded", "scripted"])
async def fetcher(request, canary):
    base = f"http://127.0.0.1:{canary.port}"
    shop = Target("shop", "service", f"{base}/api", {"Authorization": "Bearer canary-secret"})
    if request.param == "scripted":
        yield ScriptedFetcher(
            {
                f"{base}/there": b"hello",
                f"{base}/moved": Fetched(f"{base}/moved", 302, {"Location": f"{base}/there"}, b"", "text/plain", 0.0),
                f"{base}/big": b"x" * 5000,
                f"{base}/slow": TimeoutError(),
                f"{base}/api/items?page=2": b"hello",
            },
            [shop],
        )
    else:
        made = GuardedFetcher([shop], [f"127.0.0.1:{canary.port}", f"localhost:{canary.port}"])
        yield made
        await made.close()


async def test_an_allowed_host_answers_and_redirects_are_followed(fetcher, canary):
    answer = await fetcher.fetch(f"http://127.0.0.1:{canary.port}/moved")
    assert (answer.status, answer.body, answer.media_type) == (200, b"hello", "text/plain")


async def test_limits_of_size_time_and_type(fetcher, canary):
    base = f"http://127.0.0.1:{canary.port}"
    with pytest.raises(TooLarge):
        await fetcher.fetch(f"{base}/big", max_bytes=4999)
    with pytest.raises(DeadlineExceeded):
        await fetcher.fetch(f"{base}/slow", timeout=0.2)
    with pytest.raises(Unusable):
        await fetcher.fetch(f"{base}/there", media_types=["application/pdf"])


async def test_a_target_is_called_by_name_with_its_credentials(fetcher):
    answer = await fetcher.call(fetcher.target("shop"), "items?page=2")
    assert answer.body == b"hello"
    assert "canary-secret" not in repr(fetcher.target("shop"))
    with pytest.raises(Unusable, match="shop"):
        fetcher.target("shoq")
    with pytest.raises(Forbidden):
        await fetcher.call(fetcher.target("shop"), "../admin")


async def test_schemes_and_logins_are_refused(fetcher):
    for url in (
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://u:p@example.com/",
        "gopher://x",
        "x",
        "",
        "http://",
    ):
        with pytest.raises(Forbidden):
            await fetcher.fetch(url)


async def test_a_service_that_is_not_there_is_an_upstream_failure(canary):
    fetcher = GuardedFetcher([], ["127.0.0.1:1"])
    with pytest.raises(UpstreamFailed):
        await fetcher.fetch("http://127.0.0.1:1/")
    await fetcher.close()


def vectors(port):
    hosts = [
        "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0x7f000001",
        "2130706433", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "①②⑦.⓪.⓪.①", "１２７.０.０.１",
        "127。0。0。1", "LOCALHOST", "localhost.", "127.0.0.1.", "[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.0.0.2", "127.255.255.254", "[::1%25lo]", "%31%32%37.0.0.1",
    ]  # fmt: skip
    yield from (f"http://{host}:{port}/there" for host in hosts)
    yield from (
        f"http://example.com@127.0.0.1:{port}/", f"http://127.0.0.1:{port}\\@example.com/", f"//127.0.0.1:{port}/",
        f"HTTP://127.0.0.1:{port}/", f"ht\ttp://127.0.0.1:{port}/", f" http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/",
        f"http:127.0.0.1:{port}/", f"http:///127.0.0.1:{port}/", f"http://127.0.0.1:{port}#@example.com/",
    )  # fmt: skip


async def test_no_given_url_reaches_a_listener_on_loopback(canary):
    fetcher = GuardedFetcher()
    reached = 0
    for url in vectors(canary.port):
        with pytest.raises((Forbidden, UpstreamFailed)):
            await fetcher.fetch(url, timeout=5)
    assert canary.hits == []
    async with aiohttp.ClientSession() as careless:
        for url in vectors(canary.port):
            try:
                async with careless.get(url, timeout=aiohttp.ClientTimeout(2)) as answer:
                    reached += answer.status == 200
            except (aiohttp.ClientError, ValueError, OSError, TimeoutError):
                continue
    assert reached > 8, "the control: a careless client is led there"
    await fetcher.close()


async def test_a_redirect_to_a_private_address_is_refused(canary):
    fetcher = GuardedFetcher([], [f"127.0.0.1:{canary.port}"])
    with pytest.raises(Forbidden):
        await fetcher.fetch(f"http://127.0.0.1:{canary.port}/away")
    with pytest.raises(Forbidden):
        await fetcher.fetch(f"http://127.0.0.1:{canary.port}/moved")
    assert [hit[1] for hit in canary.hits] == ["/away", "/moved"]
    await fetcher.close()


async def test_credentials_stay_behind_at_a_redirect_to_another_origin(canary):
    fetcher = GuardedFetcher([], [f"127.0.0.1:{canary.port}", f"localhost:{canary.port}"])
    await fetcher.fetch(f"http://127.0.0.1:{canary.port}/moved", headers={"Authorization": "Bearer x"})
    assert "Authorization" in canary.hits[0][2]
    assert "Authorization" not in canary.hits[1][2]
    await fetcher.close()


async def test_a_target_that_redirects_elsewhere_is_not_followed(canary):
    fetcher = GuardedFetcher([Target("shop", "service", f"http://127.0.0.1:{canary.port}", {"Authorization": "x"})])
    answer = await fetcher.call(fetcher.target("shop"), "moved")
    assert answer.status == 302
    assert len(canary.hits) == 1
    await fetcher.close()


async def test_a_compressed_bomb_is_counted_after_decompression(canary):
    fetcher = GuardedFetcher([], [f"127.0.0.1:{canary.port}"])
    with pytest.raises(TooLarge):
        await fetcher.fetch(f"http://127.0.0.1:{canary.port}/bomb", max_bytes=1_000_000)
    await fetcher.close()


NOT_PUBLIC = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.192",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::127.0.0.1",
    "3fff::1", "2001:db8::1", "ff02::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_that_are_public(address):
    assert is_public(address)


async def through(proxy_url, url):
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(url, proxy=proxy_url, timeout=aiohttp.ClientTimeout(5)) as answer:
                return answer.status
        except aiohttp.ClientError as error:
            return getattr(error, "status", None) or type(error).__name__


async def ask(port, head):
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer.decode().split(" ")[1] if answer else ""


async def test_the_proxy_tunnels_to_its_hosts_only_and_wants_its_login(canary):
    import base64
    from urllib.parse import urlsplit

    proxy = GuardedProxy(["localhost"], ports=[canary.port])
    address = urlsplit(await proxy.on_loopback())
    login = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
    known = f"Proxy-Authorization: Basic {login}\r\n\r\n".encode()

    def connect(host, port, rest):
        return f"CONNECT {host}:{port} HTTP/1.1\r\n".encode() + rest

    assert await ask(address.port, connect("localhost", canary.port, known)) == "200"
    assert await ask(address.port, connect("127.0.0.1", canary.port, known)) == "403"
    assert await ask(address.port, connect("localhost", 22, known)) == "403"
    assert await ask(address.port, connect("localhost", canary.port, b"\r\n")) == "407"
    assert await ask(address.port, b"GET http://localhost/ HTTP/1.1\r\n" + known) == "405"
    await proxy.close()


async def test_the_public_proxy_refuses_private_addresses(canary):
    import base64
    from urllib.parse import urlsplit

    proxy = GuardedProxy(ports=[canary.port])
    address = urlsplit(await proxy.on_loopback())
    login = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
    for host in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"):
        head = f"CONNECT {host}:{canary.port} HTTP/1.1\r\nProxy-Authorization: Basic {login}\r\n\r\n"
        assert await ask(address.port, head.encode()) == "403"
    assert canary.hits == []
    await proxy.close()
