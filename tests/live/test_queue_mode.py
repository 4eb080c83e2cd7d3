"""Queue mode, by hand as the Compose file starts it: PostgreSQL, Redis, n8n with two workers, two bridge replicas."""

import contextlib
import os
import secrets
import shutil
import socket

import httpx
import pytest

from bridge.local import places, provisioning
from bridge.local.bridge_server import BridgeServer, key_entry
from bridge.local.n8n_client import N8nClient, unique_path
from bridge.local.n8n_server import N8nServer, Owner
from bridge.local.packages import install_package, our_package
from bridge.local.processes import Child
from bridge.local.state import State
from tests.postgres import a_database, a_server

pytestmark = [pytest.mark.live, pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(900)]
WORKERS = 2
CALLS = 12


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def a_redis(folder):
    port = places.free_port()
    command = [shutil.which("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    child = Child("redis", [str(each) for each in command], os.environ, folder / "redis.log")
    child.await_ready(lambda: listens(port), 30)
    try:
        yield port
    finally:
        child.stop()


def database_settings(url):
    server, _, name = url.rpartition("/")
    user, _, address = server.removeprefix("postgresql://").partition("@")
    host, _, port = address.partition(":")
    return {
        "DB_TYPE": "postgresdb", "DB_POSTGRESDB_HOST": host, "DB_POSTGRESDB_PORT": port,
        "DB_POSTGRESDB_DATABASE": name, "DB_POSTGRESDB_USER": user, "DB_POSTGRESDB_PASSWORD": "",
    }  # fmt: skip


class Cluster:
    """Everything of one queue-mode installation."""

    def __init__(self, folder, n8n_database, bridge_database, redis_port, open_until_the_end):
        self.folder, self.stack = folder, open_until_the_end
        self.state = State()
        self.bridge_ports = [places.free_port() for _ in range(2)]
        self.bridge_url = f"http://localhost:{self.bridge_ports[0]}"
        self.bridge_database = bridge_database
        main_port = places.free_port()
        self.settings = {
            **database_settings(n8n_database),
            "EXECUTIONS_MODE": "queue", "QUEUE_BULL_REDIS_HOST": "127.0.0.1", "QUEUE_BULL_REDIS_PORT": str(redis_port),
            "N8N_ENCRYPTION_KEY": secrets.token_hex(16), "WEBHOOK_URL": f"http://127.0.0.1:{main_port}/",
            "N8N_SSRF_PROTECTION_ENABLED": "true", "N8N_SSRF_ALLOWED_HOSTNAMES": "localhost",
        }  # fmt: skip
        self.main = self.n8n("main", main_port, ("start",))
        self.workers = []

    def n8n(self, name, port, arguments, **more):
        state = self.state
        owner = Owner(state.owner_email, state.owner_password, state.owner_hash)
        health = "/healthz" if arguments[0] == "worker" else "/healthz/readiness"
        server = N8nServer(
            self.folder / name, port, places.free_port(), owner, self.bridge_url, {**self.settings, **more}, arguments, health=health
        )  # fmt: skip
        install_package(our_package(), server.packages)
        self.stack.callback(server.stop)
        server.start()
        return server

    def start_workers(self):
        for number in range(WORKERS):
            port = places.free_port()
            check = {"QUEUE_HEALTH_CHECK_ACTIVE": "true", "QUEUE_HEALTH_CHECK_PORT": str(port)}
            self.workers.append(self.n8n(f"worker{number}", port, ("worker", "--concurrency=5"), **check))

    def start_bridges(self, n8n_key):
        keys = (key_entry("tester", "manage", self.state.bridge_key), key_entry("nodes", "use", self.state.node_key))
        more = {
            "POSTGRES_URL": self.bridge_database, "N8N_URL": self.main.url, "N8N_API_KEY": n8n_key,
            "BRIDGE_PATH_SECRET": self.state.path_secret,
        }  # fmt: skip
        for port in self.bridge_ports:
            server = BridgeServer(self.folder / f"bridge{port}", port, keys, more)
            self.stack.callback(server.stop)
            server.start()


@pytest.fixture
def cluster(tmp_path):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(a_server())
        databases = [stack.enter_context(a_database(server)) for _ in range(2)]
        redis_port = stack.enter_context(a_redis(tmp_path))
        yield Cluster(tmp_path, *databases, redis_port, stack)


def analysis(path, credential_id, target=None):
    start = {
        "id": "s", "name": "Start", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
        "webhookId": path, "parameters": {"path": path, "httpMethod": "POST", "responseMode": "lastNode"},
    }  # fmt: skip
    step = target or {
        "id": "a", "name": "Work", "type": "n8n-nodes-multimodal-bridge.multimodalAnalysis", "typeVersion": 1,
        "position": [220, 0], "parameters": {"source": "text", "text": "={{ $json.body.text }}", "waitMode": "poll"},
        "credentials": {provisioning.CREDENTIAL_TYPE: {"id": credential_id, "name": provisioning.CREDENTIAL_NAME}},
    }  # fmt: skip
    links = {"Start": {"main": [[{"node": "Work", "type": "main", "index": 0}]]}}
    return {"name": path, "nodes": [start, step], "connections": links, "settings": {"executionOrder": "v1"}}


def test_workers_and_replicas_share_the_work_and_the_results(cluster):
    cluster.start_workers()
    with contextlib.closing(provisioning.log_in(cluster.main.url, cluster.main.owner)) as session:
        n8n_key = provisioning.make_api_key(session)
    cluster.start_bridges(n8n_key)
    credential = provisioning.ensure_credential(cluster.main.url, n8n_key, cluster.bridge_url, cluster.state.node_key)
    with N8nClient(cluster.main.url, n8n_key) as client:
        path = unique_path()
        workflow = client.create(analysis(path, credential))
        client.publish(workflow)
        results = [client.call(path, json={"text": f"eval(input({number}))"}).json() for number in range(CALLS)]
        statuses = [each["status"] for each in client.executions(workflow)]
        blocked = blocked_call(client)
    assert [each["success"] for each in results] == [True] * CALLS
    assert statuses == ["success"] * CALLS
    assert seen_by_the_other_replica(cluster, results[0]["run_id"]) == "completed"
    logs = [worker.child.log.read_text() for worker in cluster.workers]
    assert sum(log.count("Worker started execution") for log in logs) >= CALLS
    assert blocked == "error"


def blocked_call(client):
    """The control of the SSRF protection: an address that is not allow-listed is refused."""
    request = {
        "id": "a", "name": "Work", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2, "position": [220, 0],
        "parameters": {"url": f"{client.url}/healthz", "options": {}},
    }  # fmt: skip
    path = unique_path()
    workflow = client.create(analysis(path, "", request))
    client.publish(workflow)
    client.call(path, json={})
    return client.await_execution(workflow)["status"]


def seen_by_the_other_replica(cluster, run_id):
    headers = {"Authorization": f"Bearer {cluster.state.node_key}"}
    url = f"http://127.0.0.1:{cluster.bridge_ports[1]}/v1/runs/{run_id}"
    return httpx.get(url, headers=headers, trust_env=False).json()["status"]
