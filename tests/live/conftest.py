"""A real bridge and a real n8n, started once per test session and shared by every live test.

`live_bridge` is a process of ours on SQLite with n8n's address and key; `live_n8n` is n8n with our node package,
the bridge credential, and helpers to create, publish, call and await workflows; `browse` drives a real browser.
Every call of these helpers blocks: a test that serves something itself uses `await asyncio.to_thread(...)`.
"""

import contextlib
import itertools
import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.local import places, provisioning
from bridge.local.bridge_server import BridgeServer, key_entry
from bridge.local.n8n_client import N8nClient, unique_path
from bridge.local.n8n_server import N8nServer, Owner
from bridge.local.node import find_node
from bridge.local.npm import ensure_n8n
from bridge.local.packages import install_package, our_package
from bridge.local.state import State

BROWSER_SCRIPT = Path(__file__).with_name("browser.js")


@dataclass
class LiveBridge:
    """The bridge process: its address, its keys, clients that carry them, and a folder its steps may read."""

    server: BridgeServer
    key: str
    use_key: str
    roots: Path
    client: httpx.Client
    user: httpx.Client

    @property
    def url(self) -> str:
        return self.server.url


@dataclass
class LiveN8n:
    """n8n: its address, API key, the owner's session (login cookie), and the bridge credential made in it."""

    server: N8nServer
    api_key: str
    client: N8nClient
    session: httpx.Client
    owner: Owner
    credential_id: str = ""
    made: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def credentials(self) -> dict[str, Any]:
        """What stands under `credentials` of a node of ours."""
        return {provisioning.CREDENTIAL_TYPE: {"id": self.credential_id, "name": provisioning.CREDENTIAL_NAME}}

    def publish(self, nodes: list[dict[str, Any]], connections: dict[str, Any], name: str = "", **settings: Any) -> str:
        """Create and publish a workflow of these nodes; it is removed after the test."""
        full = {"executionOrder": "v1", "saveExecutionProgress": True, **settings}
        workflow = {"name": name or f"test {uuid.uuid4()}", "nodes": nodes, "connections": connections}
        workflow_id = self.client.create({**workflow, "settings": full})
        self.made.append(workflow_id)
        self.client.publish(workflow_id)
        return workflow_id

    def call(self, path: str, **request: Any) -> httpx.Response:
        """Call a published webhook by its path (POST unless `method` says otherwise)."""
        return self.client.call(path, **request)

    def await_execution(self, workflow_id: str, timeout: float = 60) -> dict[str, Any]:
        """The newest execution of the workflow, with data, once it has ended."""
        return self.client.await_execution(workflow_id, timeout)

    @staticmethod
    def webhook(path: str, mode: str = "lastNode", name: str = "Start") -> dict[str, Any]:
        """A webhook node named *name* answering as *mode* says: lastNode, onReceived or responseNode."""
        return {
            "id": f"start-{path}", "name": name, "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
            "webhookId": str(uuid.uuid4()), "parameters": {"path": path, "httpMethod": "POST", "responseMode": mode, "options": {}},
        }  # fmt: skip

    def node(self, name: str, step: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A node of our package: *step* is its type after the package's name, such as `multimodalAnalysis`."""
        return {
            "id": str(uuid.uuid4()), "name": name, "type": f"n8n-nodes-multimodal-bridge.{step}", "typeVersion": 1,
            "position": [220, 0], "parameters": parameters, "credentials": self.credentials, **more,
        }  # fmt: skip

    @staticmethod
    def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
        """Connections that lead from each node to the next."""
        following = itertools.pairwise(nodes)
        return {one["name"]: {"main": [[{"node": two["name"], "type": "main", "index": 0}]]} for one, two in following}

    unique_path = staticmethod(unique_path)


@pytest.fixture(scope="session")
def live_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="session")
def started_n8n(live_folder: Path) -> Iterator[tuple[N8nServer, State, int]]:
    """n8n with our package, before anything is provisioned; the bridge's port is chosen but not yet in use."""
    state = State()
    owner = Owner(state.owner_email, state.owner_password, state.owner_hash)
    bridge_port = places.free_port()
    server = N8nServer(
        live_folder / "n8n", places.free_port(), places.free_port(), owner, f"http://127.0.0.1:{bridge_port}"
    )
    install_package(our_package(), server.packages)
    server.start()
    yield server, state, bridge_port
    server.stop()


@pytest.fixture(scope="session")
def n8n_session(started_n8n: tuple[N8nServer, State, int]) -> Iterator[httpx.Client]:
    with contextlib.closing(provisioning.log_in(started_n8n[0].url, started_n8n[0].owner)) as session:
        yield session


@pytest.fixture(scope="session")
def n8n_api_key(n8n_session: httpx.Client) -> str:
    return provisioning.make_api_key(n8n_session)


@pytest.fixture(scope="session")
def live_bridge(started_n8n: tuple[N8nServer, State, int], n8n_api_key: str, live_folder: Path) -> Iterator[LiveBridge]:
    """A real bridge process on SQLite, connected to the session's n8n."""
    n8n, state, port = started_n8n
    roots = live_folder / "roots"
    roots.mkdir()
    keys = (key_entry("tester", "manage", state.bridge_key), key_entry("nodes", "use", state.node_key))
    more = {
        "N8N_URL": n8n.url, "N8N_API_KEY": n8n_api_key, "BRIDGE_ROOTS": str(roots),
        "BRIDGE_ALLOWED_HOSTS": "127.0.0.1", "BRIDGE_PATH_SECRET": state.path_secret, "EXECUTION_MONITOR_INTERVAL": "1",
        "BRIDGE_TEMPLATES": str(live_folder / "templates"), "TEMPLATE_RELOAD_INTERVAL": "1",
    }  # fmt: skip
    server = BridgeServer(live_folder / "bridge", port, keys, more)
    server.start()
    with contextlib.ExitStack() as open_until_the_end:
        open_until_the_end.callback(server.stop)
        manager, user = (
            open_until_the_end.enter_context(
                httpx.Client(
                    base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
                )
            )
            for key in (state.bridge_key, state.node_key)
        )
        yield LiveBridge(server, state.bridge_key, state.node_key, roots, manager, user)


@pytest.fixture(scope="session")
def connected_n8n(
    started_n8n: tuple[N8nServer, State, int], n8n_session: httpx.Client, n8n_api_key: str, live_bridge: LiveBridge
) -> Iterator[LiveN8n]:
    server = started_n8n[0]
    with N8nClient(server.url, n8n_api_key) as client:
        live = LiveN8n(server, n8n_api_key, client, n8n_session, server.owner)
        live.credential_id = provisioning.ensure_credential(
            server.url, n8n_api_key, live_bridge.url, live_bridge.use_key
        )
        yield live


@pytest.fixture
def live_n8n(connected_n8n: LiveN8n) -> Iterator[LiveN8n]:
    """The session's n8n; the workflows a test published are removed after it."""
    yield connected_n8n
    while connected_n8n.made:
        connected_n8n.client.remove(connected_n8n.made.pop())


class Browse:
    """Runs a script in a real browser that is logged in to n8n.

    The script is the body of an async JavaScript function with `page` (Playwright), `url` (n8n's address),
    `input` (what was given) and `shot(name)`, which writes a picture; what it returns comes back.
    """

    def __init__(self, n8n: LiveN8n, folder: Path) -> None:
        self.n8n = n8n
        self.folder = folder

    def __call__(self, script: str, timeout: float = 120, **given: Any) -> Any:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert chromium, "There is no chromium on this machine; ./dev test installs it."
        node = find_node()
        task = {
            "script": script, "input": given, "url": self.n8n.url, "folder": str(self.folder), "chromium": chromium,
            "email": self.n8n.owner.email, "password": self.n8n.owner.password,
            "playwright": str(ensure_n8n() / "node_modules/playwright-core"),
        }  # fmt: skip
        done = subprocess.run(
            [node.binary, BROWSER_SCRIPT], input=json.dumps(task), capture_output=True, text=True, timeout=timeout,
            env=node.environment(), check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def browse(live_n8n: LiveN8n, tmp_path: Path) -> Browse:
    return Browse(live_n8n, tmp_path)
