"""What `bridge up` remembers between starts, kept in a file only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import bcrypt


@dataclass
class State:
    """Keys, logins, ports and what was created in n8n."""

    bridge_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    node_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    path_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    owner_email: str = "owner@example.com"
    owner_password: str = field(default_factory=lambda: f"Up1-{secrets.token_urlsafe(12)}")
    owner_hash: str = ""
    bridge_port: int = 0
    n8n_port: int = 0
    broker_port: int = 0
    n8n_api_key: str = ""
    credential_id: str = ""
    workflow_id: str = ""
    webhook_path: str = ""

    def __post_init__(self) -> None:
        """Hash the owner's password once; n8n takes it only so."""
        if not self.owner_hash:
            self.owner_hash = bcrypt.hashpw(self.owner_password.encode(), bcrypt.gensalt(10)).decode()


def load(file: Path) -> State:
    """Read the state, or make a new one where there is none."""
    if not file.is_file():
        return State()
    known = {each.name for each in fields(State)}
    given = json.loads(file.read_text("utf-8"))
    return State(**{key: value for key, value in given.items() if key in known})


def save(state: State, file: Path) -> None:
    """Write the state whole or not at all, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f"{file.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(asdict(state), out, indent=1)
    fresh.replace(file)
