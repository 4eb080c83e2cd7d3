"""A real n8n of our own: its environment, its start, its stop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bridge.local.node import find_node
from bridge.local.npm import Say, ensure_n8n, silent
from bridge.local.processes import Child

START = "node_modules/n8n/bin/n8n"
FIRST_START = 240


@dataclass(frozen=True)
class Owner:
    """The person n8n is set up for; n8n is given the hash, never the password."""

    email: str
    password: str
    password_hash: str


@dataclass
class N8nServer:
    """One n8n process with its own folder; `start` returns when it answers."""

    folder: Path
    port: int
    broker_port: int
    owner: Owner
    bridge_url: str
    more: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("start",)
    health: str = "/healthz/readiness"
    child: Child | None = None

    @property
    def url(self) -> str:
        """Where people and programs reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def packages(self) -> Path:
        """Where n8n looks for installed node packages."""
        return self.folder / ".n8n/nodes/node_modules"

    def environment(self) -> dict[str, str]:
        """What this n8n is started with, beside the machine's own environment."""
        return {
            "N8N_PORT": str(self.port),
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_USER_FOLDER": str(self.folder),
            "N8N_RUNNERS_BROKER_PORT": str(self.broker_port),
            "WEBHOOK_URL": f"{self.url}/",
            "N8N_EDITOR_BASE_URL": f"{self.url}/",
            "N8N_TEMPLATES_HOST": f"{self.bridge_url}/api/",
            # n8n 3 stops loading packages that it has not verified itself unless this is said.
            "N8N_UNVERIFIED_PACKAGES_ENABLED": "true",
            # Three to four times less CPU per execution than the default engine; expressions are our own here.
            "N8N_EXPRESSION_ENGINE": "legacy",
            "N8N_SECURE_COOKIE": "false",
            "N8N_DIAGNOSTICS_ENABLED": "false",
            "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
            "N8N_PERSONALIZATION_ENABLED": "false",
            "N8N_HIRING_BANNER_ENABLED": "false",
            "N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS": "true",
            "N8N_INSTANCE_OWNER_MANAGED_BY_ENV": "true",
            "N8N_INSTANCE_OWNER_EMAIL": self.owner.email,
            "N8N_INSTANCE_OWNER_FIRST_NAME": "Bridge",
            "N8N_INSTANCE_OWNER_LAST_NAME": "Owner",
            "N8N_INSTANCE_OWNER_PASSWORD_HASH": self.owner.password_hash,
            **self.more,
        }

    def launch(self, say: Say = silent) -> Child:
        """Start the process and return at once."""
        app = ensure_n8n(say)
        node = find_node()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment = {**node.environment(), **self.environment()}
        # NODE_PATH and options meant for other programs must not reach n8n.
        environment.pop("NODE_OPTIONS", None)
        log = self.folder / f"n8n-{self.arguments[0]}.log"
        self.child = Child("n8n", [node.binary, app / START, *self.arguments], environment, log)
        return self.child

    def start(self, say: Say = silent) -> float:
        """Start and wait until it takes requests; return the seconds that took."""
        begun = time.monotonic()
        self.launch(say).await_ready(self.ready, FIRST_START)
        return time.monotonic() - begun

    def ready(self) -> bool:
        """Whether it answers, database and all."""
        try:
            answer = httpx.get(f"{self.url}{self.health}", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def stop(self) -> None:
        """Stop it with everything it started."""
        if self.child is not None:
            self.child.stop()
            self.child = None

    def restart(self, say: Say = silent) -> float:
        """Stop and start again, as n8n needs to see a new version of a node package."""
        self.stop()
        return self.start(say)
