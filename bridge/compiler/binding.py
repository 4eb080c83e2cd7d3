"""Where a compiled workflow will live: which bridge it calls, with which credential, under which path."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from bridge.compiler import naming

PACKAGE = "n8n-nodes-multimodal-bridge"


@dataclass(frozen=True)
class Credential:
    """A credential that exists in n8n."""

    id: str
    name: str


@dataclass(frozen=True)
class Binding:
    """One n8n and one bridge.

    ``base_url`` is the bridge as n8n reaches it (used by the target `http`); ``prefix`` the node package
    (`CUSTOM` for development); ``error_workflow`` the id of a published workflow. Without ``path_secret`` the
    webhook's path is its id, as in the gallery.
    """

    base_url: str = "http://127.0.0.1:8007"
    credential: Credential | None = None
    path_secret: str = field(default="", repr=False)
    prefix: str = PACKAGE
    error_workflow: str = ""
    execution_timeout: int | None = None

    def webhook_id(self, key: str) -> str:
        """The webhook's id; our trigger node has no path but this, so it is made with the secret too."""
        return str(UUID(bytes=self._digest(key)[:16], version=4)) if self.path_secret else naming.webhook_id(key)

    def webhook_path(self, key: str) -> str:
        """The path of the workflow *key*'s webhook: not to be guessed, and the same every time."""
        if not self.path_secret:
            return naming.webhook_id(key)
        return base64.urlsafe_b64encode(self._digest(key)).decode().rstrip("=")

    def _digest(self, key: str) -> bytes:
        node = naming.node_id(key, naming.BY_BRIDGE)
        return hmac.new(self.path_secret.encode(), f"{key}\n{node}".encode(), hashlib.sha256).digest()
