"""API keys: who calls, and what the key allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Literal

from bridge.problems import BadSetting, Unauthenticated

Role = Literal["use", "manage"]
HEX_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Caller:
    """The tenant a valid key stands for."""

    name: str
    role: Role

    def may(self, needed: Role) -> bool:
        """Whether this caller's role covers *needed*; manage covers use."""
        return self.role in ("manage", needed)


class Keys:
    """The configured keys, known by their hashes alone."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._known = [self._read(entry) for entry in entries]
        if not self._known:
            raise BadSetting(
                "BRIDGE_API_KEYS is empty, so nobody could call the bridge. `bridge key NAME` makes a key."
            )

    @staticmethod
    def _read(entry: str) -> tuple[bytes, Caller]:
        name, _, rest = entry.partition(":")
        role, _, digest = rest.partition(":")
        if not name or role not in ("use", "manage") or len(digest) != 64 or set(digest.lower()) - HEX_DIGITS:
            raise BadSetting(
                f"The entry of BRIDGE_API_KEYS that begins with '{name[:20]}' is not name:role:sha256 with role use or"
                " manage. `bridge key NAME` prints a right one."
            )
        return bytes.fromhex(digest), Caller(name, "manage" if role == "manage" else "use")

    def secret_of(self, tenant: str) -> bytes:
        """What a tenant's callbacks are signed with: the SHA-256 of its key, which only it and the bridge know."""
        return next((digest for digest, caller in self._known if caller.name == tenant), b"")

    def caller(self, authorization: str | None) -> Caller:
        """Who sent this Authorization header; every known key is compared, in constant time."""
        kind, _, token = (authorization or "").partition(" ")
        digest = sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        found = None
        for known, caller in self._known:
            if compare_digest(known, digest):
                found = caller
        if found is None or kind.lower() != "bearer":
            raise Unauthenticated
        return found
