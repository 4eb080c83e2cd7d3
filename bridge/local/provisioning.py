"""From a fresh n8n to one that scripts can use: login, API key with every scope, the bridge credential."""

from typing import Any

import httpx

from bridge.local.n8n_server import Owner
from bridge.problems import Unusable, UpstreamFailed

CREDENTIAL_TYPE = "multimodalBridgeApi"
CREDENTIAL_NAME = "Multimodal Bridge"
LABEL = "bridge"


def log_in(url: str, owner: Owner) -> httpx.Client:
    """Return a client that carries the owner's session, as the editor's browser would."""
    client = httpx.Client(base_url=url, timeout=60, trust_env=False)
    try:
        answer = client.post("/rest/login", json={"emailOrLdapLoginId": owner.email, "password": owner.password})
        _checked(answer, "log in")
    except BaseException:
        client.close()
        raise
    return client


def make_api_key(session: httpx.Client) -> str:
    """Return a new key for the public API with every scope n8n knows; an older one of ours is replaced."""
    scopes = _checked(session.get("/rest/api-keys/scopes"), "list API scopes")["data"]
    for each in _keys(session):
        if each.get("label") == LABEL:
            _checked(session.delete(f"/rest/api-keys/{each['id']}"), "remove an old API key")
    made = session.post("/rest/api-keys", json={"label": LABEL, "expiresAt": None, "scopes": scopes})
    return str(_checked(made, "make an API key")["data"]["rawApiKey"])


def _keys(session: httpx.Client) -> list[dict[str, Any]]:
    listed = _checked(session.get("/rest/api-keys"), "list API keys").get("data", [])
    return list(listed.get("items", [])) if isinstance(listed, dict) else list(listed)


def ensure_credential(url: str, api_key: str, bridge_url: str, bridge_key: str, known: str = "") -> str:
    """Create or renew the credential our nodes use; return its id. Needs the node package installed."""
    headers = {"X-N8N-API-KEY": api_key}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=False) as client:
        schema = client.get(f"/credentials/schema/{CREDENTIAL_TYPE}")
        if schema.status_code == 404:
            raise Unusable(
                f"n8n at {url} does not know the credential type {CREDENTIAL_TYPE}: the node package is not installed."
            )
        properties = _checked(schema, "read the credential's fields").get("properties", {})
        data = _filled(properties, bridge_url, bridge_key)
        body = {"name": CREDENTIAL_NAME, "type": CREDENTIAL_TYPE, "data": data}
        if known and client.patch(f"/credentials/{known}", json=body).is_success:
            return known
        return str(_checked(client.post("/credentials", json=body), "create the bridge credential")["id"])


def _filled(properties: dict[str, Any], bridge_url: str, bridge_key: str) -> dict[str, str]:
    """Fill the credential's address and key fields; n8n refuses fields that the type does not have."""
    ours = {"baseUrl": bridge_url, "url": bridge_url, "apiKey": bridge_key, "token": bridge_key}
    return {name: value for name, value in ours.items() if name in properties}


def _checked(answer: httpx.Response, purpose: str) -> dict[str, Any]:
    if not answer.is_success:
        raise UpstreamFailed(f"n8n would not {purpose}: {answer.status_code} {answer.text[:500]}")
    content: dict[str, Any] = answer.json()
    return content
