"""Signatures: over the raw bytes, compared in constant time; whatever is malformed is simply not valid."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

from bridge.problems import NotFound, Unauthenticated

TOLERANCE = 300
"""Seconds a signed time may differ from ours."""
Headers = Mapping[str, str]


def hook_secret(path_secret: str, forge: str, hook: str) -> str:
    """Return the secret of one hook; nothing is stored, it follows from the bridge's own secret."""
    digest = hmac.new(path_secret.encode(), f"hook\n{forge}\n{hook}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(forge: str, headers: Headers, raw: bytes, secret: str) -> None:
    """Raise `Unauthenticated` unless *raw* was sent by somebody who knows *secret*."""
    checks = CHECKS.get(forge)
    if checks is None:
        raise NotFound(f"There is no forge '{forge[:40]}'. Known are {', '.join(sorted(CHECKS))}.")
    lower = {name.lower(): value for name, value in headers.items()}
    if not any(check(lower, raw, secret) for check in checks):
        raise Unauthenticated(
            "The signature of this delivery is missing or wrong. `GET /v1/hooks/{forge}/{id}` shows the secret to set "
            "in the forge."
        )


def _hmac(header: str, prefix: str = "") -> Callable[[Headers, bytes, str], bool]:
    def check(headers: Headers, raw: bytes, secret: str) -> bool:
        given = headers.get(header, "")
        if not given.startswith(prefix):
            return False
        expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return _equal(given.removeprefix(prefix), expected)

    return check


def _token(header: str, prefix: str = "") -> Callable[[Headers, bytes, str], bool]:
    def check(headers: Headers, raw: bytes, secret: str) -> bool:  # noqa: ARG001
        given = headers.get(header, "")
        return given.startswith(prefix) and _equal(given.removeprefix(prefix), secret)

    return check


def standard(headers: Headers, raw: bytes, secret: str) -> bool:
    """Check the headers of Standard Webhooks; several signatures may stand there while a secret is changed."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or "." in message_id or not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 12:
        return False
    if abs(time.time() - int(stamp)) > TOLERANCE:
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    signed = b".".join((message_id.encode("utf-8", "surrogateescape"), stamp.encode(), raw))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [each.partition(",") for each in headers.get("webhook-signature", "").split(" ")[:16]]
    return any(version == "v1" and _equal(value, expected) for version, _, value in given)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


CHECKS: Mapping[str, tuple[Callable[[Headers, bytes, str], bool], ...]] = {
    "github": (_hmac("x-hub-signature-256", "sha256="),),
    "gitlab": (_token("x-gitlab-token"), standard),
    "gitea": (_hmac("x-gitea-signature"), _hmac("x-hub-signature-256", "sha256=")),
    "forgejo": (_hmac("x-forgejo-signature"), _hmac("x-gitea-signature"), _hmac("x-hub-signature-256", "sha256=")),
    "bitbucket": (_hmac("x-hub-signature", "sha256="),),
    "generic": (standard, _hmac("x-hub-signature-256", "sha256=")),
    "alertmanager": (_token("authorization", "Bearer "),),
}
